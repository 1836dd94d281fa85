"""Dates, amounts, currencies and zones of other countries: proved, said by a mapping, or asked about."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fraud_pipeline import ingest
from fraud_pipeline.errors import InputError, SettingsError
from fraud_pipeline.ingest.date_order import order_of
from tests.ingest.helpers import accounts_hold, claims, folder, kinds, load, reasons

HEAD = "claim_id;programme;enterprise_id;institution_id;service_type;contract_amount;claimed_amount;submitted_on"
KNOWN = {"generic": "XXX", "uk": "GBP", "wuhan": "CNY"}


def of(tmp_path, days=("2016-07-01",), amounts=("100",), mapping="", programme="generic", encoding="utf-8"):  # fmt: skip
    n = max(len(days), len(amounts))
    rows = [
        f"C{k};{programme};E{k};I{k};testing;{amounts[k % len(amounts)]};10;{days[k % len(days)]}"
        for k in range(n)
    ]
    where = folder(tmp_path, "\n".join([HEAD, *rows]) + "\n", encoding=encoding)
    parsed = ingest.parse_mapping(f"[tables.claims]\n{mapping}", "m") if mapping else None
    return load(where, parsed, known=KNOWN)


def days_of(loaded):
    return [c["submitted_on"] for c in claims(loaded)]


def amounts_of(loaded):
    return [c["contract_amount"] for c in claims(loaded)]


@pytest.mark.parametrize("written", ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y %H:%M", "%m/%d/%Y %I:%M:%S %p"])  # fmt: skip
def test_a_column_that_proves_its_order_is_read(tmp_path, written):
    days = [date(2016, 1, 1) + timedelta(days=5 * k) for k in range(40)]
    loaded = of(tmp_path, [day.strftime(written) for day in days])
    assert days_of(loaded) == days
    accounts_hold(loaded)


def test_an_ambiguous_column_is_asked_about_in_one_line_and_the_mapping_answers(tmp_path):
    days = ["05/03/2016", "06/07/2016"]
    with pytest.raises(InputError) as asked:
        of(tmp_path, days)
    said = str(asked.value)
    assert "claims.csv" in said and "submitted_on" in said and "\n" not in said
    assert 'dates = { submitted_on = "day_first" }' in said
    assert days_of(of(tmp_path, days, mapping='dates = { submitted_on = "day_first" }')) == [
        date(2016, 3, 5), date(2016, 7, 6),
    ]  # fmt: skip
    assert days_of(of(tmp_path, days, mapping='dates = { "*" = "month_first" }')) == [
        date(2016, 5, 3), date(2016, 6, 7),
    ]  # fmt: skip


def test_days_that_are_the_same_in_both_orders_need_no_order(tmp_path):
    assert days_of(of(tmp_path, ["03/03/2016", "04.04.2016"])) == [
        date(2016, 3, 3),
        date(2016, 4, 4),
    ]


def test_two_orders_in_one_column_are_asked_about(tmp_path):
    with pytest.raises(InputError, match="can mean"):
        of(tmp_path, ["13/02/2016", "02/13/2016", "05/06/2016", "04/07/2016"])


def test_a_single_slip_among_iso_dates_costs_its_cell_only(tmp_path):
    days = [f"2016-07-{k:02d}" for k in range(1, 20)] + ["7/1/2016"]
    loaded = of(tmp_path, days)
    assert reasons(loaded) == [(21, "submitted_on", "date_order")]
    assert len(claims(loaded)) == 19


def test_several_formats_in_one_column(tmp_path):
    mapping = 'dates = { submitted_on = ["%d/%m/%Y", "%d.%m.%y", "%Y%m"] }'
    with pytest.raises(SettingsError, match="%Y%m"):
        of(tmp_path, mapping=mapping)
    mapping = 'dates = { submitted_on = ["%d/%m/%Y", "%d.%m.%y"] }'
    loaded = of(tmp_path, ["05/03/2016", "06.07.16", "2016-08-09"], mapping=mapping)
    assert days_of(loaded) == [date(2016, 3, 5), date(2016, 7, 6), date(2016, 8, 9)]


def test_formats_that_disagree_about_a_cell_read_nothing(tmp_path):
    mapping = 'dates = { submitted_on = ["%d/%m/%Y", "%m/%d/%Y"] }'
    loaded = of(tmp_path, ["05/03/2016", "13/02/2016"], mapping=mapping)
    assert reasons(loaded) == [(2, "submitted_on", "date_order")]


@pytest.mark.parametrize(
    ("text", "day"),
    [("2013-12-30 00:00:00 GMT", date(2013, 12, 30)), ("2013-12-30T00:00:00-06:00", date(2013, 12, 30)),
     ("2013-12-30 20:00:00 UTC", date(2013, 12, 31)), ("Mon, 30 Dec 2013 00:00:00 GMT", date(2013, 12, 30)),
     ("30 décembre 2013", date(2013, 12, 30)), ("30. Dezember 2013", date(2013, 12, 30)),
     ("30 de diciembre de 2013", date(2013, 12, 30)), ("30 grudnia 2013", date(2013, 12, 30)),
     ("30-Dec-13", date(2013, 12, 30)), ("Dec 30, 2013", date(2013, 12, 30))],
)  # fmt: skip
def test_zones_and_names_of_months(tmp_path, text, day):
    """Shanghai is eight hours ahead; midnight is how a day is exported, so it stays that day."""
    loaded = of(tmp_path, [f'"{text}"'])
    assert days_of(loaded) == [day]
    assert loaded.repairs.to_pylist()[0]["before"] == text


def test_a_named_zone_says_which_day_a_clock_time_was(tmp_path):
    mapping = 'time_zone = "America/Mexico_City"'
    assert days_of(of(tmp_path, ["2013-12-30 20:00:00 GMT"], mapping=mapping)) == [date(2013, 12, 30)]  # fmt: skip


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [(["122,62", "1.234,50", "7"], ["122.62", "1234.50", "7.00"]),
     (["$106,89", "$3,62"], ["106.89", "3.62"]), (["R$ 1.200,00", "-"], ["1200.00"]),
     (["£18,546.16", "£6,000.00"], ["18546.16", "6000.00"]), (["1,234", "5,678"], ["1234.00", "5678.00"]),
     (["1.234.567", "2.500.000,5"], ["1234567.00", "2500000.50"]), (["€ 5", "5 €", "5 EUR"], ["5.00"] * 3),
     (["(5.00)", "7.00-"], []), (["1 234,50", "99,90"], ["1234.50", "99.90"])],
)  # fmt: skip
def test_amounts_of_other_countries_are_proved_by_the_column(tmp_path, amounts, expected):
    loaded = of(tmp_path, amounts=amounts)
    assert amounts_of(loaded) == [Decimal(e) for e in expected]
    accounts_hold(loaded)


def test_a_point_that_may_part_thousands_is_asked_about(tmp_path):
    amounts = ["1.234", "12.500", "7.250"]
    with pytest.raises(InputError, match=r"decimal = . contract_amount"):
        of(tmp_path, amounts=amounts)
    said = of(tmp_path, amounts=amounts, mapping='decimal = { contract_amount = "," }')
    assert amounts_of(said) == [Decimal(1234), Decimal(12500), Decimal(7250)]
    said = of(tmp_path, amounts=amounts, mapping='thousands = { contract_amount = "." }')
    assert amounts_of(said) == [Decimal(1234), Decimal(12500), Decimal(7250)]


def test_a_lonely_comma_among_points_stays_a_fault(tmp_path):
    loaded = of(tmp_path, amounts=["100.00", "12,50", "200.00"])
    assert reasons(loaded) == [(3, "contract_amount", "not_a_number")]


def test_the_mark_of_the_packs_currency_is_a_mark_and_another_is_a_fault(tmp_path):
    own = of(tmp_path, amounts=["£5.00", "6.00"], programme="uk", encoding="cp1252")
    assert amounts_of(own) == [Decimal(5), Decimal(6)]
    assert (2, "contract_amount", "number_format") in kinds(own)
    other = of(tmp_path, amounts=["£5.00", "$6.00", "¥7"], programme="uk")
    assert reasons(other) == [(3, "contract_amount", "other_currency"), (4, "contract_amount", "other_currency")]  # fmt: skip
    yuan = of(tmp_path, amounts=["¥5", "$6", "￥7", "8元"], programme="wuhan")
    assert reasons(yuan) == [(3, "contract_amount", "other_currency")]


def test_a_mapping_names_currency_and_marks(tmp_path):
    loaded = of(tmp_path, amounts=["5 Pounds", "GBP 6"], programme="uk", mapping='currency = "GBP"\nmarks = ["Pounds"]')  # fmt: skip
    assert amounts_of(loaded) == [Decimal(5), Decimal(6)]


def test_signs_of_payments_and_credits(tmp_path):
    turned = of(tmp_path, amounts=["-5", "-1,234.50"], mapping='signs = { contract_amount = "payments_negative" }')  # fmt: skip
    assert amounts_of(turned) == [Decimal(5), Decimal("1234.50")]
    credits = of(tmp_path, amounts=["5", "-5", "5 CR"], mapping='signs = { contract_amount = "credits_negative" }')  # fmt: skip
    assert [r for _, _, r in reasons(credits)] == ["credit", "credit"]
    ingest.require_usable(credits, ingest_settings(max_quarantined_share=0.1))


def ingest_settings(**changes):
    from fraud_pipeline.settings import IngestSettings

    return IngestSettings(**changes)


@pytest.mark.parametrize(
    "wrong",
    ['dates = { submitted_on = "dd/mm" }', 'dates = { contract_amount = "day_first" }', 'decimal = { contract_amount = ";" }',
     'thousands = { contract_amount = "x" }', 'currency = "pound"', 'time_zone = "London"', 'marks = ["5"]',
     'signs = { contract_amount = "minus" }', 'signs = { submitted_on = "credits_negative" }',
     'compose = { claim_id = "{a" }', 'compose = { nothing = "{a}" }', 'decimal = { submitted_on = "," }'],
)  # fmt: skip
def test_a_form_that_cannot_be_names_its_key(wrong):
    with pytest.raises(SettingsError, match=wrong.split(" ", 1)[0]):
        ingest.parse_mapping(f"[tables.claims]\n{wrong}", "m")


DAYS = st.dates(date(1990, 1, 1), date(2040, 12, 31))


@given(st.lists(DAYS, min_size=1, max_size=12), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_an_order_is_proved_only_by_the_one_that_wrote_the_column(days, written):
    assume(any(day.day != day.month for day in days))  # else both orders read the same days
    found = order_of([day.strftime(written) for day in days])
    assert found.proved in (None, {"%d": "day_first", "%m": "month_first"}[written[:2]])
