"""Past audits: biased by amount, with known chances where there were any, late, and fallible."""

import numpy as np
import pandas as pd
import pytest

from fraud_pipeline.simulate import Nuisance, simulate


@pytest.fixture(scope="module")
def audited():
    """Outcomes with claims and truth of a world large enough for rates."""
    world = simulate("wuhan", 8000, 11)
    claims = world.tables["claims"].to_pandas()
    claims["place"] = np.arange(len(claims)) / len(claims)
    found = world.tables["outcomes"].to_pandas()
    whole = claims.merge(world.truth.to_pandas(), on="claim_id")
    return whole, found.merge(whole, on="claim_id", suffixes=("_found", ""))


def test_half_is_drawn_at_random_with_the_chance_it_had(audited):
    whole, found = audited
    drawn = found["selected_by"] == "random"
    assert (
        len(found) == round(Nuisance.audited_share * len(whole)) and abs(drawn.mean() - 0.5) < 0.01
    )
    chance = found.loc[drawn, "inclusion_prob"].astype(float)
    assert chance.to_numpy() == pytest.approx(
        drawn.sum() / (Nuisance.audited_until * len(whole)), rel=0.01
    )
    assert found.loc[~drawn, "inclusion_prob"].isna().all()
    assert found["place"].max() < Nuisance.audited_until


def test_the_rest_is_biased_towards_large_amounts(audited):
    whole, found = audited
    amount = found["claimed_amount"].astype(float).groupby(found["selected_by"]).mean()
    usual = (
        whole.loc[whole["place"] < Nuisance.audited_until, "claimed_amount"].astype(float).mean()
    )
    assert abs(amount["random"] / usual - 1) < 0.25 and amount["legacy"] > 1.5 * usual


def test_verdicts_come_60_to_200_days_later_and_some_fraud_is_missed(audited):
    _, found = audited
    wait = (pd.to_datetime(found["decided_on"]) - pd.to_datetime(found["submitted_on"])).dt.days
    assert wait.min() >= 60 and wait.max() <= 200 and wait.max() - wait.min() > 100
    improper = found["is_fraud"] | found["is_irregular"]
    missed = (found.loc[improper, "verdict"] == "clean").mean()
    assert abs(missed - Nuisance.missed) < 0.1 and missed > 0
    assert (found.loc[~improper, "verdict"] == "clean").all()


def test_what_is_disallowed_is_what_was_lost(audited):
    _, found = audited
    seen = found["verdict"] != "clean"
    lost, disallowed = (found[c].astype(float) for c in ("true_loss", "disallowed_amount"))
    assert np.allclose(disallowed[seen], lost[seen]) and (disallowed[~seen] == 0).all()
    assert (found["recovered_amount"].astype(float) <= disallowed + 0.01).all()
    assert (found.loc[seen, "typology_found"] == found.loc[seen, "typology"]).all()


def test_rings_grow_faster_and_faster():
    """Of a ring's members, fewer have joined by half of its time than afterwards."""
    early = []
    for seed in (21, 22, 23):
        world = simulate("wuhan", 1071, seed)
        both = world.tables["claims"].to_pandas().merge(world.truth.to_pandas(), on="claim_id")
        ring = both[both["ring_id"].notna()]
        joined = pd.to_datetime(ring.groupby(["ring_id", "enterprise_id"])["submitted_on"].min())
        for _, days in joined.groupby("ring_id"):
            span = (days - days.min()) / (days.max() - days.min())
            early.append((span < 0.5).mean())
    assert np.mean(early) < 0.45
