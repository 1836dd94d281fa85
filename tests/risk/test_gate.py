"""The gate hears the random stratum: a challenger that only suits those it chose itself fails."""

import dataclasses

import numpy as np
import pytest

from fraud_pipeline.risk.labels import labels_of
from fraud_pipeline.risk.surprisal import Tails
from fraud_pipeline.risk.train import Trust, gate
from fraud_pipeline.schema.outputs import RULES
from fraud_pipeline.settings import RiskSettings
from fraud_pipeline.store.models import shipped_model
from tests.risk.test_model import labelled, table, together

MODEL = shipped_model()


def drawn(tables, random_share, seed=1):
    rng = np.random.default_rng(seed)
    outcomes = tables["outcomes"]
    how = np.where(rng.random(outcomes.num_rows) < random_share, "random", "risk")
    at = outcomes.schema.get_field_index("selected_by")
    return tables.replaced(
        outcomes=outcomes.set_column(at, outcomes.schema.field(at), [how.tolist()])
    )


@pytest.mark.parametrize(("share", "heard"), [(0.5, True), (0.0, False)])
def test_the_random_stratum_is_counted_apart(share, heard):
    x, y = together(1200)
    labels = labels_of(table(x), drawn(labelled(x, y), share))
    found = gate(labels, tails_of(x), MODEL, MODEL, Trust(0.5, 0.0, 0.0, 0), RiskSettings())
    assert (found.n_random >= 20) is heard and np.isfinite(found.random_difference) is np.bool_(
        heard
    )
    assert ("random stratum too small" in found.words) is not heard


def test_worse_on_the_random_stratum_does_not_pass():
    """Later verdicts drawn by chance contradict what the chosen ones taught."""
    x, y = together(1600)
    tables = drawn(labelled(x, y), 0.2)
    labels = labels_of(table(x), tables)
    late = labels.submitted >= np.quantile(labels.submitted, 0.7)
    turned = np.where(labels.random & late, 1 - labels.improper, labels.improper)
    against = dataclasses.replace(labels, improper=turned)
    trust = Trust(0.9, 0.0, 0.0, 0)
    fair, unfair = (
        gate(part, tails_of(x), MODEL, MODEL, trust, RiskSettings()) for part in (labels, against)
    )
    assert fair.passed and not unfair.passed
    assert unfair.random_difference > 0


def tails_of(x):
    return Tails.of(table(x), RULES.empty())
