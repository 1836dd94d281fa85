"""A mapping as the choices of a form, and back: what is not chosen stays, and nothing is lost on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud_pipeline.ingest.mapping import SourceMapping, parse_mapping
from fraud_pipeline.ingest.mapping_choices import Choices, as_toml, choices_of, with_choices

DRAFT = """
[tables.claims]
file = "spend"
signs = { "*" = "credits_negative" }
dates = { submitted_on = "day_first" }
compose = { claim_id = "{Ref}-{row}" }

[tables.claims.columns]
institution_id = "Supplier"
contract_amount = "Net"
claimed_amount = "Net"
submitted_on = "Date"

[tables.claims.constants]
programme = "payments_gbp"
service_type = "other"
enterprise_id = "spend"

[tables.payments]
file = "spend"
columns = { payee_id = "Supplier", amount = "Net", paid_on = "Date" }
dates = { paid_on = "day_first" }
compose = { payment_id = "{row}" }
constants = { payer_id = "spend" }
"""


def test_the_choices_of_a_draft():
    chosen = choices_of(parse_mapping(DRAFT, "m"))
    assert (chosen.key, chosen.programme, chosen.order, chosen.credits) == (
        "+Ref",
        "payments_gbp",
        "day_first",
        True,
    )
    assert chosen.headers["payee"] == "Supplier" and chosen.headers["payer"] == ""


def test_choosing_nothing_else_changes_nothing():
    mapping = parse_mapping(DRAFT, "m")
    assert with_choices(mapping, choices_of(mapping), "spend") == mapping


def test_a_corrected_column_is_corrected_for_the_credits_too():
    mapping = parse_mapping(DRAFT, "m")
    chosen = choices_of(mapping)
    other = Choices(
        {**chosen.headers, "payer": "Dept", "amount": "Gross", "kind": "Type"},
        "Id",
        "payments",
        "",
        ",",
        True,
    )
    made = with_choices(mapping, other, "spend")
    claims, payments = made.tables["claims"], made.tables["payments"]
    assert claims.columns["enterprise_id"] == payments.columns["payer_id"] == "Dept"
    assert claims.columns["contract_amount"] == payments.columns["amount"] == "Gross"
    assert claims.columns["claimed_amount"] == "Net" and claims.columns["claim_id"] == "Id"
    assert claims.compose == {} and claims.dates == {} and claims.decimal == {"*": ","}
    assert claims.values == {"service_type": {"*": "other"}} and claims.constants == {
        "programme": "payments"
    }
    assert payments.constants == {} and choices_of(made) == other


TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)


@given(header=TEXT, value=TEXT, word=TEXT)
def test_any_header_survives_the_file(header, value, word):
    mapping = SourceMapping.model_validate({"tables": {"claims": {
        "file": value, "columns": {"institution_id": header}, "only": {header: (value, word)},
        "values": {"service_type": {word: "other", "*": "other"}}, "constants": {"programme": value}}}})  # fmt: skip
    assert parse_mapping(as_toml(mapping), "m") == mapping


def test_a_header_with_braces_ends_in_one_line():
    mapping = with_choices(SourceMapping(), Choices({}, "+a{b", "payments"), "x")
    with pytest.raises(Exception, match="claim_id"):
        parse_mapping(as_toml(mapping), "m")
