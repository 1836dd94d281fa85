"""The Wuhan world: the law, losses, rings, identities; the tiny world and the samples."""

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pytest

from data_samples.make import make
from fraud_pipeline.core.money import to_fen
from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.simulate import NONE, simulate, tiny_world
from fraud_pipeline.simulate.world.identities import ALPHABET
from fraud_pipeline.store.places import data_samples


@pytest.fixture(scope="module")
def wuhan():
    return simulate("wuhan", n_claims=1071, seed=51)


def test_the_law_holds_for_everyone(wuhan):
    claims = wuhan.tables["claims"].to_pandas()
    used = claims["voucher_used"].astype(float)
    assert (used <= 0.5 * claims["contract_amount"].astype(float) + 0.01).all()
    assert (used.groupby(claims["enterprise_id"]).sum() <= 150_000.01).all()
    assert np.allclose(claims["claimed_amount"].astype(float), 1.1 * used, atol=0.01)


def test_loss_lies_between_nothing_and_the_claim(wuhan):
    loss, claimed = (
        to_fen(wuhan.truth["true_loss"]),
        to_fen(wuhan.tables["claims"]["claimed_amount"]),
    )
    assert (loss >= 0).all() and (loss <= claimed).all()
    clean = pc.is_null(wuhan.truth["typology"]).to_numpy()
    assert (loss[clean] == 0).all() and (loss[~clean] > 0).mean() > 0.9


def test_the_same_arguments_give_the_same_world(wuhan):
    again = simulate("wuhan", n_claims=1071, seed=51)
    assert all(again.tables[n].equals(wuhan.tables[n]) for n in INPUT_TABLES)
    assert again.truth.equals(wuhan.truth)
    assert not simulate("wuhan", 1071, 52).truth.equals(wuhan.truth)


def test_a_world_without_fraud_has_none():
    world = simulate("wuhan", 400, 3, fraud=NONE)
    assert pc.all(pc.is_null(world.truth["typology"])).as_py()
    assert to_fen(world.truth["true_loss"]).sum() == 0


def test_rings_are_of_the_promised_sizes(wuhan):
    truth, claims = wuhan.truth.to_pandas(), wuhan.tables["claims"].to_pandas()
    ring = claims.merge(truth[truth["ring_id"].notna()], on="claim_id").groupby("ring_id")
    firms, institutions = ring["enterprise_id"].nunique(), ring["institution_id"].nunique()
    assert firms.tolist() == [6, 8, 4, 7, 5, 4, 5]
    assert (institutions <= [1, 2, 1, 2, 1, 1, 1]).all()


def test_credit_codes_have_valid_check_characters(wuhan):
    weights = [pow(3, i, 31) for i in range(17)]
    for code in wuhan.tables["enterprises"]["enterprise_id"].to_pylist():
        digits = [ALPHABET.index(c) for c in code]
        assert (31 - sum(w * d for w, d in zip(weights, digits, strict=False)) % 31) % 31 == digits[
            17
        ]


def test_camouflage_shares_less_and_takes_longer():
    def span(level):
        world = simulate("wuhan", 1071, 71, camouflage=level)
        joined = world.tables["claims"].to_pandas().merge(world.truth.to_pandas(), on="claim_id")
        ring = joined[joined["ring_id"].notna()]
        days = pd.to_datetime(ring["submitted_on"]).groupby(ring["ring_id"])
        return (days.max() - days.min()).mean()

    assert span(0) < span(1) < span(2)


@pytest.mark.parametrize("arguments", [("atlantis", 10, 1), ("wuhan", 0, 1)])
def test_what_cannot_be_made_is_refused_in_one_line(arguments):
    with pytest.raises(FraudPipelineError) as refused:
        simulate(*arguments)
    assert "\n" not in str(refused.value)


def test_the_tiny_world_holds_what_its_page_says():
    world = tiny_world()
    truth = world.truth.to_pandas()
    assert len(truth) == 61
    assert truth["typology"].value_counts().to_dict() == {"T01": 12, "T04": 1, "T16": 1}
    invoices = world.tables["invoices"].to_pandas()
    assert invoices.duplicated(["invoice_no", "invoice_code"]).sum() == 1


def test_the_shipped_samples_are_what_their_seeds_make(tmp_path):
    make(tmp_path)
    for made in sorted(tmp_path.rglob("*.*")):
        shipped = data_samples() / made.relative_to(tmp_path)
        assert shipped.read_bytes() == made.read_bytes(), shipped.name
