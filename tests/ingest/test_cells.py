"""Single cells: what is repaired, what is refused, and that nothing else ever happens."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud_pipeline.ingest import cells
from fraud_pipeline.ingest.amounts import number
from fraud_pipeline.ingest.parsers import parser
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.settings import IngestSettings

COLUMNS = {(s.name, c.name): c for s in INPUT_TABLES.values() for c in s.columns}


@pytest.mark.parametrize(
    ("text", "value", "repair"),
    [
        ("2016-07-01", (2016, 7, 1), None), ("2016-07-01 00:00:00", (2016, 7, 1), None),
        ("2016年7月1日", (2016, 7, 1), "date_format"), ("2016 年 7 月 1 日", (2016, 7, 1), "date_format"),
        ("2016.7.1", (2016, 7, 1), "date_format"), ("2016/7/1", (2016, 7, 1), "date_format"),
        ("2016/7/1 10:30", (2016, 7, 1), "date_format"), ("20160701", (2016, 7, 1), "date_format"),
        ("42552", (2016, 7, 1), "excel_serial"), ("42552.5", (2016, 7, 1), "excel_serial"),
        ("二〇一六年七月一日", (2016, 7, 1), "date_format"),
        ("二○一六年十二月三十一日", (2016, 12, 31), "date_format"),
        ("二零一六年十月二十日", (2016, 10, 20), "date_format"),
        ("2016-07-01 23:59:59", (2016, 7, 1), "date_format"), ("２０１６-07-01", (2016, 7, 1), "date_format"),
        ("2016年7月", (2016, 7, 1), "day_missing"), ("2016/7", (2016, 7, 1), "day_missing"),
        ("二〇一六年七月", (2016, 7, 1), "day_missing"),
        ("2016-06-30T23:00:00Z", (2016, 7, 1), "date_format"),  # it was July in Shanghai
    ],
)  # fmt: skip
def test_dates_people_write(text, value, repair):
    assert cells.day(text) == (date(*value), repair)


@pytest.mark.parametrize(
    "text",
    ["2016-02-30", "yesterday", "1.7.2016", "7/1/2016", "123", "2016-13-01", "99999", "16.7.1", "201607",
     "0", "2016年", "二〇一六", "2016-07-01-02", "十年"],
)  # fmt: skip
def test_what_is_no_date_is_said_so(text):
    with pytest.raises(cells.BadCell, match="not_a_date"):
        cells.day(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2016-07-01 17:34:00.000000+0800", datetime(2016, 7, 1, 9, 34, tzinfo=UTC)),
        ("2016-07-01 17:34", datetime(2016, 7, 1, 9, 34, tzinfo=UTC)),
        ("2016/7/1 17:34", datetime(2016, 7, 1, 9, 34, tzinfo=UTC)),
        ("2016年7月1日 9:05:06", datetime(2016, 7, 1, 1, 5, 6, tzinfo=UTC)),
        ("2016-07-01", datetime(2016, 6, 30, 16, tzinfo=UTC)),
    ],
)
def test_instants_without_a_zone_are_shanghais(text, value):
    assert cells.instant(text)[0] == value


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2016-07-01 上午12:30", (0, 30)), ("2016-07-01 下午12:30", (12, 30)),
        ("2016-07-01 12:00 AM", (0, 0)), ("2016-07-01 12:00 PM", (12, 0)),
        ("2016/7/1 AM 12:59", (0, 59)), ("2016/7/1 PM 12:59", (12, 59)),
        ("2016-07-01 11:59 PM", (23, 59)), ("2016-07-01 1:00 am", (1, 0)),
        ("2016年7月1日下午12点", (12, 0)), ("2016年7月1日 下午1点05分", (13, 5)),
        ("2016年7月1日15时30分", (15, 30)), ("2016年7月1日12点", (12, 0)),
        ("2016年7月1日 0点", (0, 0)),
    ],
)  # fmt: skip
def test_twelve_oclock_is_midnight_before_noon_and_noon_after_it(text, clock):
    value, repair = cells.instant(text)
    assert (value.date(), value.hour, value.minute) == (date(2016, 7, 1), *clock)
    assert repair == "date_format"


@pytest.mark.parametrize(
    "text",
    ["2016年7月1日上午12点", "2016年7月1日 上午12时05分", "2016-07-01 下午13:00", "2016-07-01 0:30 PM",
     "2016-07-01 PM 0:30", "2016-07-01 24点", "2016-07-01 3:60 PM", "2016-07-01 上午"],
)  # fmt: skip
def test_a_clock_that_is_none_or_may_mean_two_hours_is_refused(text):
    with pytest.raises(cells.BadCell, match="not_a_date"):
        cells.instant(text)


@pytest.mark.parametrize(
    ("text", "value", "repair"),
    [
        ("30000.00", "30000", None), ("-5", "-5", None), ("3万", "30000", "unit_in_cell"),
        ("3.0万元", "30000", "unit_in_cell"), ("1.2亿元", "120000000", "unit_in_cell"),
        ("5千元", "5000", "unit_in_cell"), ("30,000", "30000", "number_format"),
        ("1,234,567.89", "1234567.89", "number_format"), ("1,0000", "10000", "number_format"),
        ("￥1，234.50元", "1234.5", "number_format"), ("１２", "12", "number_format"),
        ("(5)", "-5", "accounting_negative"), ("（1,200.00）", "-1200", "accounting_negative"),
        ("-￥5", "-5", "number_format"), ("−5", "-5", "number_format"), ("1 000", "1000", "number_format"),
        ("人民币300元整", "300", "number_format"), ("\u00a030000.00\u00a0", "30000", None),
        ("叁万伍仟元整", "35000", "capital_numerals"), ("人民币壹佰零伍元伍角", "105.5", "capital_numerals"),
        ("壹拾贰万叁仟肆佰伍拾陆元柒角捌分", "123456.78", "capital_numerals"),
        ("拾万元整", "100000", "capital_numerals"), ("壹亿零叁佰万元", "103000000", "capital_numerals"),
        ("贰角", "0.2", "capital_numerals"), ("三万五千元", "35000", "capital_numerals"),
    ],
)  # fmt: skip
def test_amounts_people_write(text, value, repair):
    assert number(text) == (Decimal(value), repair)


@pytest.mark.parametrize(
    "text",
    ["much", "1.2.3", "NaN", "inf", "--", "3千万亿x", "1_000", "1,50", "12,50", "1.234,56", "10²", "①", "½",
     "5%", "3万5千", "壹佰伍", "三万五", "伍叁", "元", "万", "-", "+", ".", "()", "5㎡", "1e5x", "0x10", "壹元负",
     "1 0000 00"],
)  # fmt: skip
def test_what_is_no_number_is_said_so(text):
    with pytest.raises(cells.BadCell, match="not_a_number"):
        number(text)


@pytest.mark.parametrize("text", ["1.23E+05", "1e5", "4.2e-3"])
def test_an_amount_in_scientific_notation_has_lost_its_digits(text):
    with pytest.raises(cells.BadCell, match="lost_digits"):
        number(text)


def test_an_amount_is_rounded_half_to_even_and_said_so():
    read = parser(COLUMNS["claims", "contract_amount"], IngestSettings(), Decimal(1))
    assert read("0.125") == (Decimal("0.12"), "rounded_to_fen")
    assert read("0.135") == (Decimal("0.14"), "rounded_to_fen")
    with pytest.raises(cells.BadCell, match="number_too_large"):
        read("1" + "0" * 15)


def test_a_cell_with_its_own_unit_is_not_multiplied_by_the_headers_too():
    read = parser(COLUMNS["claims", "contract_amount"], IngestSettings(), Decimal(10000))
    assert read("3.5")[0] == Decimal("35000.00")
    for text in ("3.5万", "35000元", "叁万伍仟元整", "￥35,000.00元"):
        assert read(text)[0] == Decimal("35000.00")


@pytest.mark.parametrize(
    ("text", "value", "repair"),
    [("０１２", "012", "full_width"), ("007", "007", None), (" x1 ", "x1", None), ("\u200bA1", "A1", "full_width"),
     ("12E5", "12E5", None), ("1E5", "1E5", None), ("合同〔2016〕5号", "合同〔2016〕5号", None),
     ("НТ001", "HT001", "lookalike_letter"), ("201524277504.0", "201524277504.0", None)],
)  # fmt: skip
def test_identifiers_stay_what_they_are(text, value, repair):
    assert cells.identifier(text) == (value, repair)


@pytest.mark.parametrize("text", ["1.23457E+17", "1E+17", "9.142e17", "4e19"])
def test_an_identifier_in_scientific_notation_has_lost_its_digits(text):
    with pytest.raises(cells.BadCell, match="lost_digits"):
        cells.identifier(text)


@pytest.mark.parametrize("text", ["#REF!", "#VALUE!", "#DIV/0!", "####"])
def test_a_spreadsheets_error_is_no_value(text):
    for read in (cells.identifier, cells.prose, cells.day, number):
        with pytest.raises(cells.BadCell, match="spreadsheet_error"):
            read(text)


@given(
    st.sampled_from(sorted(COLUMNS)), st.text(max_size=40), st.sampled_from(["1", "10000", "0.01"])
)
def test_no_cell_makes_a_parser_stumble(column, text, factor):
    read = parser(COLUMNS[column], IngestSettings(), Decimal(factor))
    try:
        read(text)
    except cells.BadCell as fault:
        assert str(fault.args[0]).isidentifier()


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_every_date_survives_every_format(day):
    year = "".join("〇一二三四五六七八九"[int(c)] for c in str(day.year))
    for text in (
        day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}", f"{day.year}.{day.month}.{day.day}",
        str((day - date(1899, 12, 30)).days), f"{year}年{spoken(day.month)}月{spoken(day.day)}日",
    ):  # fmt: skip
        assert cells.day(text)[0] == day


def spoken(number):
    tens, units = divmod(number, 10)
    digits = " 一二三四五六七八九"
    return (
        (digits[tens].strip() if tens > 1 else "") + ("十" if tens else "") + digits[units].strip()
    )


@given(st.integers(1, 999_999_999_999))
def test_every_amount_survives_every_format(fen):
    value = Decimal(fen) / 100
    for text in (
        f"{value:.2f}",
        f"{value:,.2f}",
        f"￥{value:,.2f}元",
        f"{value / 10000:.6f}万元",
        capitals(fen),
    ):
        assert number(text)[0] == value


def capitals(fen):
    """An amount in capital numerals, written independently of the parser."""
    yuan, rest = divmod(fen, 100)
    words, blocks = "", []
    while yuan:
        yuan, block = divmod(yuan, 10_000)
        blocks.append(block)
    for k in reversed(range(len(blocks))):
        digits = f"{blocks[k]:04d}"
        part = "".join("零壹贰叁肆伍陆柒捌玖"[int(d)] + ("仟佰拾"[p] if p < 3 else "") if d != "0" else "零"
                       for p, d in enumerate(digits))  # fmt: skip
        part = part.rstrip("零")
        while "零零" in part:
            part = part.replace("零零", "零")
        words += part + ("", "万", "亿")[k] if part else ("零" if words else "")
    words = words.lstrip("零").rstrip("零") + "元" if words.strip("零") else ""
    while "零零" in words:
        words = words.replace("零零", "零")
    jiao, odd = divmod(rest, 10)
    words += f"{'零壹贰叁肆伍陆柒捌玖'[jiao]}角" if jiao else ("零" if odd and words else "")
    words += f"{'零壹贰叁肆伍陆柒捌玖'[odd]}分" if odd else ""
    return words + ("整" if not rest else "")
