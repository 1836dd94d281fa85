"""What the claim scorer leaves out does not change the answer."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from fraud_pipeline import behaviour, programmes
from fraud_pipeline.engine.single_claim import with_rows
from fraud_pipeline.engine.single_claim.rows import OneInTheCrowd
from fraud_pipeline.engine.single_claim.unit_prices import UnitPrices
from fraud_pipeline.pricing.unit_price import unit_prices
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.settings import Settings
from fraud_pipeline.simulate import simulate
from fraud_pipeline.store.packs import load_packs

TABLES = simulate("wuhan", 300, 9).tables
CLAIMS = TABLES["claims"]
DAY = pc.max(CLAIMS["submitted_on"]).as_py() + timedelta(days=1)
PACKS, SETTINGS = load_packs(None), Settings()
APART = [rule for rule in ALL_RULES if not rule.scope.joint]


def asked(tables, checks, only=None):
    return programmes.evaluate(tables, PACKS, DAY, SETTINGS.programmes, checks, only)[0]


@pytest.fixture(scope="module")
def rule_results():
    return asked(TABLES, ALL_RULES)


def of(results, ids, codes):
    rows = pc.and_(
        pc.is_in(results["claim_id"], value_set=pa.array(ids)),
        pc.is_in(results["rule_code"], value_set=pa.array(codes)),
    )
    return results.filter(rows).sort_by([("rule_code", "ascending"), ("claim_id", "ascending")])


@pytest.mark.parametrize("n", [1, 150])
def test_a_check_answers_a_claim_as_it_does_among_all(rule_results, n):
    ids = np.random.default_rng(n).choice(CLAIMS["claim_id"].to_pylist(), n, replace=False).tolist()
    mine = asked(TABLES, APART, pa.array(ids))
    codes = [c.code for c in APART]
    assert mine.num_rows == n * len(APART)
    assert of(mine, ids, codes).equals(of(rule_results, ids, codes))


def test_some_checks_do_need_the_others(rule_results):
    """T17 lays claims beside each other: asked of one alone it misses what it found."""
    split = rule_results.filter(
        pc.and_(
            pc.equal(rule_results["rule_code"], "T17"), pc.equal(rule_results["outcome"], "hit")
        )
    )
    assert split.num_rows
    check = [c for c in ALL_RULES if c.code == "T17"]
    alone = asked(TABLES, check, split["claim_id"].combine_chunks().slice(0, 1))
    assert alone["outcome"].to_pylist() == ["pass"]


def changed(row, **values):
    for name, value in values.items():
        at = row.schema.get_field_index(name)
        row = row.set_column(at, row.schema.field(at), pa.array([value], row.schema.field(at).type))
    return row


def handed_in():
    row = CLAIMS.slice(11, 1)
    other = CLAIMS.filter(pc.not_equal(CLAIMS["service_type"], row["service_type"][0])).slice(3, 1)
    institution = TABLES["institutions"].filter(
        pc.equal(TABLES["institutions"]["institution_id"], row["institution_id"][0])
    )
    verdict = pc.equal(TABLES["outcomes"]["verdict"], "fraud")
    found = TABLES["outcomes"].filter(verdict).slice(0, 1)
    same = CLAIMS.filter(pc.equal(CLAIMS["service_type"], row["service_type"][0]))
    contract = TABLES["contracts"].filter(
        pc.equal(TABLES["contracts"]["contract_id"], same["contract_id"][4])
    )
    contract = changed(contract, amount=contract["amount"][0].as_py() / 100)
    invoice = changed(TABLES["invoices"].slice(0, 1), contract_id=contract["contract_id"][0].as_py(),
                      amount=contract["amount"][0].as_py(), tax_rate=None)  # fmt: skip
    return {
        "known": {"claims": row},
        "papers of another": {"claims": row, "contracts": contract, "invoices": invoice},
        "new": {"claims": changed(row, claim_id="new", contract_amount=1)},
        "another service": {"claims": changed(row, service_type=other["service_type"][0].as_py())},
        "unknown parties": {"claims": changed(row, claim_id="new", enterprise_id="x", institution_id="y")},
        "house moved": {"claims": row, "institutions": changed(institution, region="elsewhere")},
        "found against": {"claims": row, "outcomes": changed(found, claim_id=same["claim_id"][5].as_py())},
    }  # fmt: skip


@pytest.mark.parametrize("case", handed_in())
def test_unit_prices_kept_are_those_worked_out(case):
    filed = handed_in()[case]
    tables = with_rows(TABLES, filed)
    same = pc.equal(tables["claims"]["service_type"], filed["claims"]["service_type"][0])
    expected = unit_prices(tables.replaced(claims=tables["claims"].filter(same)))
    kept = UnitPrices(TABLES)
    for _ in range(2):
        assert kept.of(tables, filed).combine_chunks().equals(expected.combine_chunks())
    assert (
        expected.filter(pc.equal(expected["claim_id"], filed["claims"]["claim_id"][0])).num_rows
        == 1
    )


def test_its_place_in_the_crowd_needs_no_other_claim():
    table = behaviour.measure(TABLES, SETTINGS.behaviour)
    crowd = behaviour.Crowd.of(table, SETTINGS.behaviour)
    one = OneInTheCrowd.among(crowd, CLAIMS["claim_id"][7].as_py()).outlyingness(table)
    at = table["claim_id"].index(CLAIMS["claim_id"][7]).as_py()
    assert one[at] == crowd.outlyingness(table)[at]
    assert one.null_count == table.num_rows - 1
