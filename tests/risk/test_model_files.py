"""The files of a risk model: features it was made for, versions, weights that ship."""

import json

import numpy as np
import pytest

from fraud_pipeline import risk
from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES
from fraud_pipeline.store.models import shipped_model

EVIDENCE = shipped_model()


def test_a_model_of_other_features_is_refused():
    files = {**EVIDENCE.files, "features.json": json.dumps(["other", *FEATURE_NAMES[1:]])}
    with pytest.raises(IntegrityError, match="other features"):
        risk.Model("odd", files)


def test_a_model_of_an_earlier_version_says_what_to_do():
    with pytest.raises(IntegrityError, match="earlier version"):
        risk.Model("old", {"features.json": json.dumps(FEATURE_NAMES), "weights.json": "{}"})


def test_a_model_as_it_ships_cannot_score():
    with pytest.raises(IntegrityError, match="not fitted"):
        EVIDENCE.log_odds(np.zeros((1, len(FEATURE_NAMES))))


def test_the_shipped_weights_are_of_features_with_a_direction_and_never_below_zero():
    direction = np.array([f.direction for f in FEATURES])
    weights = EVIDENCE.first_weights
    assert (weights >= 0).all() and (direction[weights > 0] != 0).all()


@pytest.mark.parametrize(("stated", "expected"), [(None, 1.5), (0.7, 0.7)])
def test_a_feature_the_model_was_not_made_for_has_the_common_weight(stated, expected):
    """Without a stated one it is the mean of the flags that weigh anything."""
    made_for = [name for name in FEATURE_NAMES if name not in ("flag_t33", "employees")]
    weights = {"flag_t01": 1.0, "flag_t14": 2.0, "flag_l01": 0.0, "price_surprise": 9.0}
    evidence = {"beyond": 2.0, "weights": weights} | ({"common": stated} if stated else {})
    model = risk.Model(
        "m", {"features.json": json.dumps(made_for), "evidence.json": json.dumps(evidence)}
    )
    first = dict(zip(FEATURE_NAMES, model.first_weights, strict=True))
    assert first["flag_t33"] == pytest.approx(expected)
    assert first["employees"] == 0.0  # no direction, no evidence
    assert first["flag_t16"] == 0.0  # known to the model, and nothing
    assert first["price_surprise"] == 9.0
