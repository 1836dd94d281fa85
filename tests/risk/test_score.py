"""The ranked list: money at risk, scores of each kind of evidence, and the first reason."""

import numpy as np
import pytest

from fraud_pipeline.features.catalogue import FEATURE_NAMES
from fraud_pipeline.risk.score import loss_share


def features(n=1, **columns):
    x = np.full((n, len(FEATURE_NAMES)), np.nan)
    for name, values in columns.items():
        x[:, FEATURE_NAMES.index(name)] = values
    return x


def test_a_claim_against_which_nothing_speaks_would_lose_seven_tenths():
    assert loss_share(features()) == pytest.approx([0.7])


@pytest.mark.parametrize(
    ("columns", "share"),
    [
        ({"rule_score": 0.9}, (0.9 + 0.07) / 1.0),
        ({"ring_score": 0.9}, (0.9 + 0.07) / 1.0),
        ({"rule_score": 0.4, "ring_score": 0.5}, (0.9 + 0.07) / 1.0),
        # a price six nats improbable, half of it excess: its weight is one
        ({"price_surprise": 6.0, "price_excess_share": 0.5}, (0.5 + 0.07) / 1.1),
        ({"price_surprise": 3.0, "price_excess_share": 0.2}, (0.5 * 0.2 + 0.07) / 0.6),
        ({"price_surprise": 6.0, "price_excess_share": 0.0}, 0.7),  # improbably cheap
        ({"price_surprise": 6.0, "price_excess_share": 0.5, "rule_score": 1.0},
         (1.0 + 0.5 + 0.07) / 2.1),
    ],
)  # fmt: skip
def test_what_is_lost_is_mixed_by_how_strongly_each_is_suspected(columns, share):
    assert loss_share(features(**columns)) == pytest.approx([share])


def test_a_share_is_between_none_and_all():
    x = features(2, price_surprise=[6.0, 6.0], price_excess_share=[5.0, 0.001])
    assert loss_share(x)[0] == 1.0
    assert 0.0 < loss_share(x)[1] < 0.1
