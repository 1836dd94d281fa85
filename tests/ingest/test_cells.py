"""Single cells: what is repaired, what is refused, and that nothing else ever happens."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud_pipeline.ingest import cells
from fraud_pipeline.ingest.amounts import number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2016-07-01", date(2016, 7, 1)), ("2016年7月1日", date(2016, 7, 1)),
        ("2016.7.1", date(2016, 7, 1)), ("2016/7/1", date(2016, 7, 1)),
        ("20160701", date(2016, 7, 1)), ("42552", date(2016, 7, 1)), ("42552.5", date(2016, 7, 1)),
        ("二〇一六年七月一日", date(2016, 7, 1)), ("二〇一六年十二月三十一日", date(2016, 12, 31)),
        ("2016-07-01 23:59:59", date(2016, 7, 1)), ("２０１６-07-01", date(2016, 7, 1)),
        ("2016年7月", date(2016, 7, 1)),
    ],
)  # fmt: skip
def test_dates_people_write(text, value):
    assert cells.day(text)[0] == value


@pytest.mark.parametrize(
    "text", ["2016-02-30", "yesterday", "1.7.2016", "123", "2016-13-01", "99999"]
)
def test_what_is_no_date_is_said_so(text):
    with pytest.raises(cells.BadCell, match="not_a_date"):
        cells.day(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("30000.00", "30000"), ("3万", "30000"), ("3.0万元", "30000"), ("30,000", "30000"),
     ("￥1，234.50元", "1234.5"), ("１２", "12"), ("(5)", "-5"), ("6%", "0.06"), ("1 000", "1000")],
)  # fmt: skip
def test_amounts_people_write(text, value):
    assert number(text, percent=True)[0] == Decimal(value)


@pytest.mark.parametrize("text", ["much", "1.2.3", "NaN", "inf", "--", "3千万亿x"])
def test_what_is_no_number_is_said_so(text):
    with pytest.raises(cells.BadCell):
        number(text, percent=True)


def test_an_identifier_in_scientific_notation_has_lost_its_digits():
    with pytest.raises(cells.BadCell, match="lost_digits"):
        cells.identifier("1.23457E+17")
    assert cells.identifier("０１２") == ("012", "full_width")
    assert cells.identifier("007")[0] == "007"


@given(st.text(max_size=40))
def test_no_cell_makes_a_parser_stumble(text):
    for parse in (cells.day, number, cells.identifier, cells.instant):
        try:
            parse(text)
        except cells.BadCell as fault:
            assert str(fault.args[0]).isidentifier()


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_every_date_survives_every_format(day):
    for text in (
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        f"{day.year}.{day.month}.{day.day}",
    ):
        assert cells.day(text)[0] == day
