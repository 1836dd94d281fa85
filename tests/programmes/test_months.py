"""A month without a day: kept as a month, and left open by rules that the day decides."""

import pytest

from fraud_pipeline import ingest
from fraud_pipeline.programmes.evaluate import evaluate
from fraud_pipeline.settings import IngestSettings, ProgrammeSettings
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.store.sources import open_sources

HEAD = "claim_id,programme,enterprise_id,institution_id,service_type,contract_amount,claimed_amount,submitted_on,"
CLAIMS = (
    HEAD
    + """contract_id,service_start_on,service_end_on,confirmed_at
C1,wuhan,E1,I1,testing,1000,500,2016-07-20,K1,2016-05,2016-06-20,2016-08-01 10:00
C2,wuhan,E2,I1,testing,1000,500,2016-07-20,K2,2016-06-01,2016-06,2016-08
C3,wuhan,E3,I1,testing,1000,500,2016-07,K3,2016-06-01,2016-06-20,2016-07-30 10:00
C4,wuhan,E4,I1,testing,1000,500,2016-07-20,K4,2016-07-25,2016-07-25,2016-08-01 10:00
C5,wuhan,E5,I1,testing,1000,500,2016-07-20,K5,2016-06,2016-07-10,2016-08-01 10:00
"""
)
CONTRACTS = """contract_id,enterprise_id,institution_id,service_type,amount,signed_on
K1,E1,I1,testing,1000,2016-07
K2,E2,I1,testing,1000,2016-05-20
K3,E3,I1,testing,1000,2016-07-20
K4,E4,I1,testing,1000,2016-09
K5,E5,I1,testing,1000,2016-05
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("months")
    (folder / "claims.csv").write_text(CLAIMS, "utf-8")
    (folder / "contracts.csv").write_text(CONTRACTS, "utf-8")
    return ingest.load(open_sources(str(folder), ingest.stems(None)), IngestSettings())


@pytest.fixture(scope="module")
def results(loaded):
    settings = ProgrammeSettings()
    day = loaded.tables["claims"]["submitted_on"][0].as_py()
    rows, _ = evaluate(loaded.tables, load_packs(), day, settings)
    return {(r["claim_id"], r["rule_code"]): r for r in rows.to_pylist()}


def test_the_row_says_which_of_its_dates_are_months(loaded):
    claims = loaded.tables["claims"]
    assert claims["source_months"].to_pylist() == [
        "service_start_on", "service_end_on;confirmed_at", "submitted_on", None, "service_start_on",
    ]  # fmt: skip
    assert str(claims["service_start_on"][0]) == "2016-05-01"
    assert loaded.tables["contracts"]["source_months"].to_pylist() == [
        "signed_on", None, None, "signed_on", "signed_on",
    ]  # fmt: skip
    assert any("claims.submitted_on names a month" in remark for remark in loaded.notes)


@pytest.mark.parametrize(
    ("claim", "rule", "outcome"),
    [
        ("C1", "T19", "not_applicable"),  # signed in July, filed on the 20th of it
        ("C3", "T19", "not_applicable"),  # signed on the 20th, filed in July
        ("C4", "T19", "hit"),  # signed in September, filed in July: whatever the day
        ("C5", "T19", "pass"),  # signed in May
        ("C2", "T33", "not_applicable"),  # from the 1st of June to some day of June
        ("C4", "T33", "hit"),  # exact days, begun and ended on one
        ("C5", "T33", "pass"),  # from June to the 10th of July: long enough on any day
    ],
)
def test_a_rule_is_open_where_the_day_decides_and_only_there(results, claim, rule, outcome):
    answer = results[claim, rule]
    assert answer["outcome"] == outcome
    if outcome == "not_applicable":
        assert answer["sentence_en"] == "only the month is known, and the day decides"
        assert answer["measured"] is None


def test_a_confirmation_that_names_a_month_is_not_taken_for_its_first_day(results):
    assert results["C2", "T26"]["outcome"] != "hit"


def test_a_rule_that_compares_no_days_judges_as_before(results):
    assert {results[f"C{k}", "T11"]["outcome"] for k in range(1, 6)} == {"pass"}
