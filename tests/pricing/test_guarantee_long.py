"""The promise in numbers, on simulated worlds nothing was tuned on."""

import os

import numpy as np
import pandas as pd
import pytest

from benchmarks.pricing import LEVEL, false_share, with_exact_factors
from fraud_pipeline import pricing
from fraud_pipeline.settings import PricingSettings
from fraud_pipeline.simulate import simulate

SEEDS = range(201, 204) if os.environ.get("FRAUD_LONG") == "reduced" else range(201, 221)


@pytest.fixture(scope="module")
def claims():
    frames = []
    for seed in SEEDS:
        world = simulate("wuhan", 1071, seed)
        changed, factor = with_exact_factors(world)
        planted = world.truth.filter(world.truth["ring_id"].is_valid())
        rings = planted.select(["ring_id", "claim_id"])
        tables = world.tables.replaced(claims=changed)
        judged = pricing.judge(tables, PricingSettings(), rings).to_pandas()
        frame = pd.DataFrame({"claim_id": changed["claim_id"].to_pylist(), "factor": factor})
        frame = frame.merge(judged, on="claim_id").merge(world.truth.to_pandas(), on="claim_id")
        niche = world.groups.to_pandas().query("group == 'niche_service'")["claim_id"]
        frame["niche"] = frame["claim_id"].isin(niche)
        frame["honest"] = ~(frame["is_fraud"] | frame["is_irregular"])
        frame["listed"], frame["seed"] = (frame["q_value"] <= LEVEL).fillna(False), seed
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


@pytest.mark.long
def test_false_alerts_stay_within_what_q_says(claims):
    worlds = claims["seed"].nunique()
    assert false_share(claims, "listed") <= LEVEL + 0.12 / np.sqrt(worlds)


@pytest.mark.long
def test_honest_p_values_are_no_smaller_than_chance(claims):
    honest = claims[claims["honest"] & ~claims["niche"] & claims["p_value"].notna()]
    for level in (0.01, 0.05, 0.1, 0.25):
        slack = 3 * np.sqrt(level * (1 - level) / len(honest))
        assert (honest["p_value"] <= level).mean() <= 1.1 * level + slack
    assert 0.40 <= (honest["p_value"] <= 0.5).mean() <= 0.55


@pytest.mark.long
def test_niche_services_are_not_blamed_and_gross_prices_are_found(claims):
    assert claims.loc[claims["niche"] & claims["honest"], "listed"].mean() <= 0.05
    assert claims.loc[claims["factor"] == 2.5, "listed"].mean() >= 0.80
