"""T03, T08, T09, T25: planted only when asked for, with a truth that says what they are."""

import pyarrow.compute as pc
import pytest

from fraud_pipeline import programmes
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.simulate import simulate
from fraud_pipeline.simulate.fraud.on_request import KINDS
from fraud_pipeline.store.packs import load_packs


@pytest.fixture(scope="module")
def world():
    return simulate("wuhan", 1071, 3, also=KINDS)


def test_a_world_that_was_not_asked_is_the_same_byte_for_byte():
    plain, asked = simulate("wuhan", 300, 3), simulate("wuhan", 300, 3, also=())
    assert all(plain.tables[n].equals(asked.tables[n]) for n in INPUT_TABLES)
    assert plain.truth.equals(asked.truth)


def test_what_is_not_asked_for_stays_as_it_is(world):
    """Only vouchers and truth change with T03; nobody's claim is touched."""
    plain, asked = simulate("wuhan", 400, 3), simulate("wuhan", 400, 3, also=("T03",))
    for name in INPUT_TABLES:
        same = plain.tables[name].equals(asked.tables[name])
        assert same == (name != "vouchers"), name


def test_the_truth_says_which_is_an_offence(world):
    truth = world.truth.to_pandas().set_index("typology")
    lost = truth["true_loss"].astype(float)
    for kind in ("T03", "T08", "T25"):
        assert not truth.loc[[kind], ["is_fraud", "is_irregular"]].any(axis=None)
        assert lost[[kind]].sum() == 0
    assert truth.loc["T09", "is_irregular"].all() and not truth.loc["T09", "is_fraud"].any()
    claims = world.tables["claims"].to_pandas().set_index("claim_id")["claimed_amount"]
    ids = truth.loc["T09", "claim_id"]
    assert lost["T09"].sum() == claims[ids].astype(float).sum()


def test_the_red_flags_see_what_was_planted(world):
    as_of = pc.max(world.tables["claims"]["submitted_on"]).as_py()
    results, _ = programmes.evaluate(world.tables, load_packs(), as_of, ProgrammeSettings())
    hits = results.filter(pc.equal(results["outcome"], "hit")).to_pandas()
    truth = world.truth.to_pandas()
    for kind in KINDS:
        planted = set(truth.loc[truth["typology"] == kind, "claim_id"])
        seen = set(hits.loc[hits["rule_code"] == kind, "claim_id"])
        assert planted and len(planted & seen) >= 0.9 * len(planted), kind


def test_project_money_has_no_contract_behind_it(world):
    truth, claims = world.truth.to_pandas(), world.tables["claims"].to_pandas()
    repackaged = claims[claims["claim_id"].isin(truth.loc[truth["typology"] == "T09", "claim_id"])]
    assert len(repackaged) == 2 and repackaged["contract_id"].isna().all()
    firms = set(repackaged["enterprise_id"])
    assert not firms & set(world.tables["contracts"]["enterprise_id"].to_pylist())


@pytest.mark.parametrize(("programme", "also"), [("wuhan", ("T99",)), ("changxing", ("T25",))])
def test_what_cannot_be_planted_is_refused(programme, also):
    with pytest.raises(SettingsError, match=also[0]):
        simulate(programme, 100, 1, also=also)
