"""Every parser against anything: it answers, or says why not in its own words, and agrees with itself."""

import io
import os
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fraud_pipeline.errors import InputError, SettingsError
from fraud_pipeline.ingest import (
    archives,
    cells,
    delimited,
    headers,
    identifiers,
    parse_mapping,
    workbooks,
)
from fraud_pipeline.ingest.amounts import number
from fraud_pipeline.ingest.cell_form import UnclearColumnError, form_of
from fraud_pipeline.ingest.coded import Coded
from fraud_pipeline.ingest.convert import convert, words_of
from fraud_pipeline.ingest.encodings import as_utf8
from fraud_pipeline.ingest.mapping import TableMapping
from fraud_pipeline.ingest.suggest import draft
from fraud_pipeline.ingest.suggest_toml import as_toml
from fraud_pipeline.ingest.validity import old_number_valid, org_code_valid
from fraud_pipeline.ingest.wording import REASONS, printable
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.schema.source import Source
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.simulate.dirt.cells import capitals
from tests.ingest.helpers import HEAD, ROW
from tests.ingest.xls import xls

# Text of the alphabet that cells are made of comes further than text at large.
CELL = st.one_of(
    st.text(max_size=30),
    st.text("0123456789.,-+eE()%万元亿千整角分年月日号/: ０１９，。（）￥¥", max_size=20),
    st.text("零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整〇一二三十", max_size=16),
    st.text("0123456789.,-/: '$£€R()+GMTUTCZjanfebCRDR", max_size=24),
    st.text("0123456789ABCDEFXYOISZlxАВСХ.- '\"=", max_size=24),
)
REPAIRS_ONLY = (str, type(None))
# FRAUD_FUZZ=20000 makes it a fuzzer's run
MANY = int(os.environ.get("FRAUD_FUZZ", "0"))
if MANY:
    settings.register_profile("fuzz", max_examples=MANY, deadline=None)
    settings.load_profile("fuzz")
FIRST, LAST, ZERO = (datetime(y, m, d) for y, m, d in ((1990, 1, 1), (2099, 1, 1), (1899, 12, 30)))  # noqa: DTZ001
FEW = settings(
    max_examples=max(25, MANY // 10), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
COLUMNS = [
    c
    for t in ("claims", "enterprises", "invoices")
    for c in INPUT_TABLES[t].columns
    if "source" not in c.name
]


# what a mapping can say about how cells are written
FORMS = [
    {}, {"dates": {"*": "day_first"}}, {"dates": {"*": "month_first"}}, {"dates": {"*": ("%d/%m/%Y", "%y%m%d")}},
    {"decimal": {"*": ","}}, {"thousands": {"*": "'"}}, {"thousands": {"*": " "}, "decimal": {"*": ","}},
    {"currency": "GBP", "marks": ("(x)", "[\\")}, {"time_zone": "America/Mexico_City"},
    {"signs": {"*": "payments_negative"}},
]  # fmt: skip


def answered(parse, text):
    """The value, or None where the parser said what is wrong with the cell."""
    try:
        value, repair = parse(text)
    except cells.BadCell as bad:
        assert bad.args[0] in REASONS
        return None
    assert isinstance(repair, REPAIRS_ONLY)
    return value


@given(CELL)
@example("()")
@example('=""')
def test_cells(text):
    amount = answered(number, text)
    assert amount is None or isinstance(amount, Decimal)
    day = answered(cells.day, text)
    assert day is None or type(day) is date
    at = answered(cells.instant, text)
    assert at is None or (isinstance(at, datetime) and at.tzinfo is not None)
    for parse in (cells.identifier, cells.phone, cells.account, cells.prose, cells.line):
        clean = answered(parse, text)
        assert clean is None or not cells._CONTROL.search(clean)


@given(st.decimals(min_value=0, max_value=99_999_999, places=2))
def test_an_amount_in_any_spelling_is_the_amount(value):
    spellings = [
        f"{value:,.2f}",
        f"¥{value}",
        f"{value}元",
        f"{value}元（含税）",
        f"{value / 10_000}万元",
    ]
    spellings += [capitals(value), f"{value}（{capitals(value)}）"] if value else []
    assert {number(s)[0] for s in spellings} == {value}


@given(st.decimals(min_value=1, max_value=9_999_999, places=2), st.integers(1, 10_000))
def test_figures_and_capitals_that_disagree_are_never_an_amount(value, more):
    with pytest.raises(cells.BadCell, match="amounts_disagree"):
        number(f"{value}（{capitals(value + more)}）")


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_a_day_in_any_spelling_is_the_day(day):
    spellings = [f"{day.year}年{day.month}月{day.day}号", f"{day:%Y%m%d}.0", f"{day} 星期一", f"{day.year}.{day.month}.{day.day}",
                 str((day - date(1899, 12, 30)).days)]  # fmt: skip
    assert {cells.day(s)[0] for s in spellings} == {day}


@given(st.datetimes(FIRST, LAST))
def test_an_instant_as_serial_or_by_the_half_day_is_the_instant(at):
    at = at.replace(microsecond=0, second=0)
    days = (at - ZERO).total_seconds() / 86_400
    half = f"{at.year}/{at.month}/{at.day} {'上午' if at.hour < 12 else '下午'} {(at.hour - 1) % 12 + 1}:{at:%M}"
    assert cells.instant(half)[0].replace(tzinfo=None) == at
    if "." in repr(days) and not days.is_integer():
        assert cells.instant(format(days, ".9f"))[0].replace(tzinfo=None) == at


@given(CELL)
def test_identifiers(text):
    repaired = identifiers.repair_lookalikes(text)
    assert identifiers.repair_lookalikes(repaired) == repaired
    digits = identifiers.phone_digits(text)
    assert digits is None or (
        digits.isascii() and digits.isdigit() and identifiers.phone_digits(digits) == digits
    )
    for judge in (identifiers.patent_no_valid, old_number_valid, org_code_valid):
        assert judge(text) in (True, False)
    assert (
        identifiers.joined(text) == text
        or identifiers.uscc_valid(
            pa.array([identifiers.repair_lookalikes(identifiers.joined(text))])
        )[0]
    )
    assert len(printable(text)) == len(text)


@FEW
@given(
    st.lists(CELL, max_size=12),
    st.sampled_from(COLUMNS),
    st.sampled_from(["1", "10000", "0.01", "-1"]),
    st.sampled_from(FORMS),
)
def test_columns(texts, column, factor, form):
    coded = Coded.of(pa.array(texts, pa.string()))
    mapping = TableMapping.model_validate(form)
    try:
        written = form_of(words_of(coded), column, mapping, Decimal(factor), {"GBP"})
    except UnclearColumnError as unclear:
        assert all("\n" not in part for part in unclear.args)
        return
    made = convert(coded, column, IngestSettings(), written)
    assert made.values.type == column.kind.arrow and len(made.values) == len(texts)
    known = made.values.is_valid().to_numpy(zero_copy_only=False)
    assert not known[made.faulty.rows].any()
    assert set(made.faulty.words.to_pylist()) <= set(REASONS)
    assert not np.intersect1d(made.faulty.rows, made.repaired.rows).size


@given(
    st.lists(
        st.lists(
            st.one_of(CELL, st.sampled_from(["申请编号", "合同金额（万元）", "单位：万元"])),
            max_size=6,
        ),
        max_size=6,
    )
)
def test_headers(rows):
    at, n, header = headers.find(rows, frozenset())
    assert 0 <= at <= len(rows) and n in (1, 2) and all(isinstance(h, str) for h in header)
    unit = headers.title_unit(rows[:at])
    assert unit is None or unit > 0
    for table in INPUT_TABLES.values():
        assert all(0 <= k < len(header) for k in headers.place(header, table).values())


@given(st.binary(max_size=200), st.booleans())
def test_encodings(data, chinese):
    data = "申请编号，武汉光瑞光电有限公司".encode("gb18030") + data if chinese else data
    try:
        text, _ = as_utf8(data, "x.csv")
    except InputError:
        return
    text.decode("utf-8")


@FEW
@given(st.binary(max_size=120), st.integers(0, 400), st.booleans())
@example(b":", 0, True)  # a header that no template can name
@example(b"{", 0, True)
def test_text_files_and_drafts_from_them(noise, at, headed):
    base = (f"{HEAD}\n" + f"{ROW}\n" * 4).encode()
    data = base[:at] + noise + base[at:] if headed else noise
    try:
        grid = delimited.read(Source("x.csv", "x", ".csv", "", data), frozenset(), 1 << 20)
    except InputError as error:
        assert "\n" not in printable(str(error))
        return
    assert all(len(c) == len(grid) for c in grid.columns)
    assert len(set(grid.rows.tolist())) == len(grid)
    parse_mapping(as_toml(draft([grid])), "draft")


def _book() -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("claims")
        for k, row in enumerate([HEAD, ROW, ROW]):
            sheet.write_row(k, 0, row.split(","))
        sheet.merge_range(1, 2, 2, 2, "E1")
    return out.getvalue()


BOOKS = {".xlsx": _book(), ".xls": xls("claims", [HEAD.split(","), ROW.split(",")])}


@FEW
@given(st.sampled_from([".xlsx", ".xls"]), st.data())
def test_workbooks_with_any_bytes_changed(suffix, data):
    broken = bytearray(BOOKS[suffix])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(broken) - 1))
        broken[at : at + 1] = data.draw(st.binary(min_size=0, max_size=4))
    try:
        grids = workbooks.read(
            Source("x" + suffix, "x", suffix, "", bytes(broken)), frozenset(), frozenset(), 100_000
        )
    except InputError as error:
        assert "\n" not in str(error)
        return
    for grid in grids:
        assert all(len(c) == len(grid) for c in grid.columns)


@given(st.binary(max_size=300))
def test_archives(data):
    for whole in (data, b"PK\x03\x04" + data, BOOKS[".xlsx"][:-40] + data):
        try:
            archives.measure(whole, "x.xlsx", 10_000)
        except InputError:
            continue


@given(st.text(max_size=80))
@example("[tables.claims]\nfallback = { submitted_on = '{a!r}' }")
@example("[tables.claims.factors]\ncontract_amount = 'NaN'")
def test_mapping_files(text):
    for whole in (
        text,
        f"[tables.claims]\n{text}",
        f"[tables.claims.columns]\nclaim_id = {text!r}",
    ):
        try:
            parse_mapping(whole, "m.toml")
        except SettingsError as error:
            assert "m.toml" in str(error)
