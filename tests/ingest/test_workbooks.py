"""Workbooks as bureaus fill them in, and as an attacker would."""

import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter

from fraud_pipeline.errors import InputError
from fraud_pipeline.settings import IngestSettings
from tests.ingest.helpers import HEAD, ROW, accounts_hold, claims, kinds, load, reasons

CLAIM = ["C1", "wuhan", "E1", "I1", "testing", 1000, 550.5, 42552, 2]


@pytest.fixture
def write(tmp_path):
    """A function that writes sheets of rows to a workbook and gives its path."""

    def write(sheets, name="claims.xlsx"):
        with xlsxwriter.Workbook(tmp_path / name) as book:
            for title, rows in sheets.items():
                sheet = book.add_worksheet(title)
                for at, row in enumerate(rows):
                    sheet.write_row(at, 0, row)
        return tmp_path / name

    return write


def claim(k):
    return [f"C{k}", *CLAIM[1:]]


def test_sheets_by_chinese_name_titles_formulas_and_numbers(tmp_path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("兑付申请")
        sheet.write_row(0, 0, ["汇总表"])
        sheet.write_row(1, 0, HEAD.split(","))
        sheet.write_row(2, 0, CLAIM)
        sheet.write_row(3, 1, ["wuhan", 914201000000000000, "I1", "testing", 1, 1, 42552, 2])
        sheet.write_formula(3, 0, '="C"&"2"', None, "C2")
        sheet.write_row(4, 0, claim(3))
        sheet.write_formula(4, 5, "=SUM(F3:F4)", None, 0.1 + 0.2)
        sheet.write_datetime(4, 7, date(2016, 7, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        firms = book.add_worksheet("企业")
        firms.write_row(0, 0, ["企业统一社会信用代码", "名称"])
        firms.write_row(1, 0, ["E1", "甲公司"])
        book.add_worksheet("填表说明").write(0, 0, "请勿修改")
    loaded = load(path)
    accounts_hold(loaded)
    assert [c["claimed_amount"] for c in claims(loaded)] == [Decimal("550.50")] * 2
    assert [c["submitted_on"] for c in claims(loaded)] == [date(2016, 7, 1)] * 2
    assert claims(loaded)[1]["contract_amount"] == Decimal("0.30")
    assert (5, "contract_amount", "rounded_to_fen") in kinds(loaded)
    assert (4, "enterprise_id", "lost_digits") in reasons(loaded)
    assert loaded.tables["enterprises"]["name"].to_pylist() == ["甲公司"]
    assert loaded.quarantine["sheet"].to_pylist() == ["兑付申请"]
    assert loaded.notes[0].endswith("other sheets of the workbook were not read: 填表说明")


def test_a_value_merged_over_rows_stands_in_each_of_them_but_a_sum_does_not(tmp_path):
    path = tmp_path / "claims.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD.split(","))
        for k in (1, 2, 3):
            sheet.write_row(k, 0, [*claim(k)[:2], None, *claim(k)[3:8], None if k < 3 else 2])
        sheet.merge_range(1, 2, 3, 2, "E9")
        sheet.merge_range(1, 8, 2, 8, 5)
    loaded = load(path)
    assert [c["enterprise_id"] for c in claims(loaded)] == ["E9", "E9", "E9"]
    assert [c["quantity"] for c in claims(loaded)] == [5, None, 2]
    assert {(3, "enterprise_id", "merged_cell"), (4, "enterprise_id", "merged_cell")} <= kinds(
        loaded
    )


def test_a_header_of_two_rows_with_merged_groups(tmp_path):
    path = tmp_path / "claims.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.merge_range(0, 0, 0, 8, "2016年创新券兑付汇总表")
        for at, text in enumerate(["申请编号", "制度"]):
            sheet.merge_range(1, at, 2, at, text)
        sheet.merge_range(1, 2, 1, 3, "企业")
        sheet.merge_range(1, 4, 1, 5, "机构")
        sheet.write_row(2, 2, ["统一社会信用代码", "名称", "统一社会信用代码", "名称"])
        for at, text in enumerate(["服务类型", "合同金额（万元）", "申请兑付金额", "申请日期"]):
            sheet.merge_range(1, 6 + at, 2, 6 + at, text)
        sheet.write_row(
            3, 0, ["C1", "武汉", "E1", "甲", "I1", "乙", "检测", 3.5, "550元", "2016年7月1日"]
        )
        sheet.write_row(4, 0, ["", "", "", "", "", "小计", "", 3.5])
    loaded = load(path)
    accounts_hold(loaded)
    (only,) = claims(loaded)
    assert (only["enterprise_id"], only["institution_id"], only["programme"]) == (
        "E1",
        "I1",
        "wuhan",
    )
    assert (only["contract_amount"], only["source_row"]) == (Decimal("35000.00"), 4)
    assert reasons(loaded) == [(5, None, "subtotal_row")]


def test_in_a_workbook_named_after_a_table_the_sheets_with_its_headers_count(write):
    head = HEAD.split(",")
    loaded = load(
        write(
            {
                "说明": [["填表说明"], ["先填申请编号"]],
                "武汉": [head, claim(1)],
                "襄阳": [head, claim(2)],
            }
        )
    )
    assert [(c["claim_id"], c["source_sheet"]) for c in claims(loaded)] == [
        ("C1", "武汉"),
        ("C2", "襄阳"),
    ]
    assert loaded.notes == ("claims.xlsx, sheet 说明: not one of the tables, not read",)


def test_a_hidden_sheet_is_read_and_noted(tmp_path):
    path = tmp_path / "claims.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("封面").write(0, 0, "x")
        sheet = book.add_worksheet("claims")
        sheet.write_row(0, 0, HEAD.split(","))
        sheet.write_row(1, 0, CLAIM)
        sheet.hide()
    loaded = load(path)
    assert len(claims(loaded)) == 1 and any("hidden" in note for note in loaded.notes)


def test_a_formula_without_a_cached_value_is_missing_not_guessed(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEAD.split(","))
    book.active.append(
        ["C1", "wuhan", "E1", "I1", "testing", "=1+1", 550, "2016-07-01", "=[other.xlsx]S!A1"]
    )
    book.active.append(ROW.replace("C1", "C2").split(","))
    book.save(tmp_path / "claims.xlsx")
    loaded = load(tmp_path)
    accounts_hold(loaded)
    assert reasons(loaded) == [(2, "contract_amount", "missing")]


def test_one_cell_in_the_last_corner_is_refused_before_it_is_opened(write):
    rows = [HEAD.split(","), CLAIM]
    with xlsxwriter.Workbook(write({"claims": rows})) as book:
        sheet = book.add_worksheet("claims")
        sheet.write_row(0, 0, HEAD.split(","))
        sheet.write(1_048_575, 16_383, "x")
        path = book.filename
    with pytest.raises(
        InputError, match=r"claims\.xlsx: a sheet reaches to row 1048576, column 16384"
    ):
        load(path)


def test_a_zip_bomb_is_refused(tmp_path):
    path = tmp_path / "claims.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as entry,
    ):
        for _ in range(3):
            entry.write(b" " * (1 << 20))
    with pytest.raises(InputError, match="unpacks to more than can be read"):
        load(path, limits=IngestSettings(max_cells=50_000))


@pytest.mark.parametrize("name", ["claims.xlsx", "claims.xls"])
@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 torn", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, b"hello"]
)
def test_what_is_no_workbook_is_said_in_one_line(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(
        InputError, match=rf"{name}: (not a readable workbook|the workbook has a password)"
    ):
        load(tmp_path)


def test_a_torn_workbook_never_gets_further_than_one_line(write, tmp_path):
    whole = write({"claims": [HEAD.split(","), *[claim(k) for k in range(30)]]}).read_bytes()
    for at in range(30, len(whole), 397):
        torn = bytearray(whole)
        torn[at] ^= 0xFF
        (tmp_path / "claims.xlsx").write_bytes(bytes(torn))
        try:
            accounts_hold(load(tmp_path))
        except InputError as error:
            assert "\n" not in str(error)
