"""A mapping file in front of the loader: foreign headers, words, choices."""

from datetime import date
from decimal import Decimal

import pytest

from fraud_pipeline import ingest
from fraud_pipeline.errors import SettingsError
from tests.ingest.helpers import (
    HEAD,
    ROW,
    accounts_hold,
    folder,
    load,
    reasons,
)


def test_a_mapping_with_constants_factors_words_and_fallback(tmp_path):
    folder(
        tmp_path,
        "id,buyer,shop,what,total,when,year\n1,a,b,Consultoria,1.5,,2016\n2,a,b,?,2,2016-03-04,\n",
        "expenses.csv",
    )
    mapping = ingest.parse_mapping(
        """
        [tables.claims]
        file = "expenses"
        columns = { claim_id = "id", enterprise_id = "buyer", institution_id = "shop", service_type = "what", contract_amount = "total", claimed_amount = "total", submitted_on = "when" }
        constants = { programme = "generic" }
        factors = { contract_amount = "10000" }
        fallback = { submitted_on = "{year}-01-01" }
        [tables.claims.values.service_type]
        "Consultoria" = "technology_consulting"
        "*" = "other"
        """,
        "map.toml",
    )
    claims = load(tmp_path, mapping).tables["claims"].to_pylist()
    assert [c["contract_amount"] for c in claims] == [Decimal("15000.00"), Decimal("20000.00")]
    assert [c["claimed_amount"] for c in claims] == [Decimal("1.50"), Decimal("2.00")]
    assert [c["service_type"] for c in claims] == ["technology_consulting", "other"]
    assert [c["submitted_on"] for c in claims] == [date(2016, 1, 1), date(2016, 3, 4)]


@pytest.mark.parametrize(
    ("text", "named"),
    [("[tables.claims]\nfactors={quantity='0'}", "quantity"), ("[tables.claims]\nfactors={claim_id='2'}", "no amount"),
     ("[tables.claims]\nfallback={submitted_on='{year'}", "fallback"),
     ("[tables.claims]\nfallback={submitted_on='{year:>9}'}", "fallback"), ("[tables.claims]\nonly={x='y'}", "only"),
     ("[tables.claimz]\nfile='x'", "claimz"), ("[tables.claims]\ncolums={}", "colums"),
     ("[tables.claims]\ncolumns={amount='x'}", "amount"), ("[tables.claims]\nfactors={claimed_amount='ten'}", "ten"),
     ("[tables", "map.toml")],
)  # fmt: skip
def test_a_wrong_mapping_names_the_key(text, named):
    with pytest.raises(SettingsError, match=named):
        ingest.parse_mapping(text, "map.toml")


def test_a_mapping_chooses_rows_and_says_so(tmp_path):
    mapping = ingest.parse_mapping('[tables.claims]\nonly = { state = ["ok"] }', "m")
    loaded = load(
        folder(tmp_path, f"{HEAD},state\n{ROW},ok\n{ROW.replace('C1', 'C2')},void\n"), mapping
    )
    assert reasons(loaded) == [(3, None, "left_out_by_mapping")]
    accounts_hold(loaded)


def test_one_file_feeds_two_tables_and_an_unmapped_word_is_kept(tmp_path):
    mapping = ingest.parse_mapping(
        """
        [tables.claims]
        columns = { claim_id = "no", enterprise_id = "b", institution_id = "s", contract_amount = "sum", claimed_amount = "sum", submitted_on = "day", service_type = "kind" }
        constants = { programme = "generic" }
        values = { service_type = { Test = "testing" } }
        [tables.invoices]
        file = "claims"
        columns = { invoice_no = "no", amount = "sum", issued_on = "day" }
        """,
        "m",
    )
    loaded = load(
        folder(
            tmp_path,
            "no,b,s,sum,day,kind\n00000001,b,s,-5,2016-01-02,Test\n00000002,b,s,5,2016-01-02,Odd\n",
        ),
        mapping,
    )
    assert reasons(loaded) == [
        (2, "contract_amount", "negative_amount"),
    ]
    (claim,) = loaded.tables["claims"].to_pylist()
    assert (claim["service_type"], claim["source_kind"]) == ("other", "odd")
    assert loaded.tables["invoices"]["amount"].to_pylist() == [Decimal("-5.00"), Decimal("5.00")]
    accounts_hold(loaded)
