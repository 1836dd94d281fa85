"""Our contributions of trees are those LightGBM and shap compute, and a slow sum over subsets."""

from itertools import combinations
from math import factorial

import lightgbm as lgb
import numpy as np
import pytest

from fraud_pipeline.risk.shapley import leaves_of
from tests.risk.test_model import together, trained


def grown(seed, n=3000, k=6, leaves=12, missing=0.2):
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(0, 2, (n, k)), 1)  # many equal values, many at a threshold
    y = (x[:, 0] + x[:, 1] * x[:, 2] + rng.normal(0, 1, n) > 0).astype(float)
    if missing:
        x[rng.random(x.shape) < missing] = np.nan
    parameters = {"objective": "binary", "num_leaves": leaves, "verbosity": -1, "seed": seed}
    return lgb.train(parameters, lgb.Dataset(x, y), num_boost_round=15), x


@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_as_lightgbm(seed, missing):
    booster, x = grown(seed, missing=missing)
    rows = x[:400].copy()
    rows[:40, :3] = np.nan  # unknown where training may never have seen it so
    theirs = booster.predict(rows, pred_contrib=True)
    found = leaves_of(booster)
    np.testing.assert_allclose(found.contributions(rows), theirs[:, :-1], atol=1e-12)
    assert found.base == pytest.approx(theirs[0, -1], abs=1e-12)


def test_the_same_as_a_slow_sum_over_subsets():
    """The definition itself, for one tree: features out of the subset are averaged by cover."""
    booster, x = grown(4, k=4, leaves=6)
    single = lgb.Booster(model_str=booster.model_to_string(num_iteration=1))
    root = single.dump_model()["tree_info"][0]["tree_structure"]

    def value(node, row, known):
        if "leaf_value" in node:
            return node["leaf_value"]
        sides = (node["left_child"], node["right_child"])
        if node["split_feature"] in known:
            v = row[node["split_feature"]]
            left = node["default_left"] if np.isnan(v) else v <= node["threshold"]
            return value(sides[0] if left else sides[1], row, known)
        count = [s.get("internal_count", s.get("leaf_count")) for s in sides]
        return sum(c * value(s, row, known) for c, s in zip(count, sides, strict=True)) / sum(count)

    k = x.shape[1]
    for row in x[:10]:
        slow = np.zeros(k)
        for j in range(k):
            others = [i for i in range(k) if i != j]
            for size in range(k):
                weight = factorial(size) * factorial(k - size - 1) / factorial(k)
                for chosen in combinations(others, size):
                    slow[j] += weight * (
                        value(root, row, {*chosen, j}) - value(root, row, set(chosen))
                    )
        np.testing.assert_allclose(leaves_of(single).contributions(row[None])[0], slow, atol=1e-12)


def test_a_tree_of_one_leaf_and_too_long_paths():
    x, y = np.zeros((50, 2)), np.r_[np.ones(20), np.zeros(30)]
    flat = lgb.train({"objective": "binary", "verbosity": -1}, lgb.Dataset(x, y), num_boost_round=2)
    found = leaves_of(flat)
    assert not found.contributions(x).any()
    assert found.base == pytest.approx(flat.predict(x[:1], raw_score=True)[0])
    booster, _ = grown(5, k=6)
    from fraud_pipeline.risk import shapley

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapley, "MOST_FEATURES", 2)
        assert leaves_of(booster) is None  # then LightGBM's own are used


def test_the_layers_that_train_makes_are_explained_this_way():
    rng = np.random.default_rng(3)
    layers = trained(*together()).model.layers
    assert len(layers) == 1
    for layer in layers:
        x = rng.normal(0, 2, (100, len(layer.columns)))
        x[rng.random(x.shape) < 0.3] = np.nan
        assert layer._leaves is not None
        base, parts = layer.contributions(x)
        np.testing.assert_allclose(
            base + parts.sum(axis=1), layer.booster.predict(x, raw_score=True), atol=1e-9
        )
