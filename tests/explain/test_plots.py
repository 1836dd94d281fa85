"""Plots by shap draw the contributions the product shows, to the last digit."""

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline import explain, risk
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.explain import plots
from fraud_pipeline.features.catalogue import FEATURE_NAMES
from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.schema.outputs import RULES
from fraud_pipeline.settings import RiskSettings
from fraud_pipeline.store.models import shipped_model


def rows(n=30, seed=2):
    rng = np.random.default_rng(seed)
    x = rng.random((n, len(FEATURE_NAMES))) * 2
    x[rng.random(x.shape) < 0.2] = np.nan
    table = {"claim_id": [f"C{k}" for k in range(n)], "programme": ["wuhan"] * n}
    return pa.table(
        table | {f: pa.array(x[:, k], from_pandas=True) for k, f in enumerate(FEATURE_NAMES)}
    )


MODEL = risk.fitted(
    shipped_model(), rows(300, 5), RULES.empty(),
    Tables({n: s.empty() for n, s in INPUT_TABLES.items()}), RiskSettings(),
)  # fmt: skip


@pytest.fixture
def matplotlib():
    return pytest.importorskip("matplotlib", reason="SKIPPED FOR WANT OF matplotlib")


def test_what_is_handed_to_shap_adds_up_to_the_score():
    features = rows()
    answer = plots.explanation(features, risk.contributions(features, MODEL), "en")
    scores = MODEL.log_odds(risk.matrix(features))
    assert np.abs(answer.base_values + answer.values.sum(axis=1) - scores).max() < 1e-6
    assert len(answer.feature_names) == len(FEATURE_NAMES)


def test_our_contributions_are_the_ones_drawn(matplotlib, monkeypatch):
    """The bars of the waterfall, read back from the figure, are the contributions."""
    from matplotlib import pyplot

    features = rows(1)
    parts = risk.contributions(features, MODEL)
    shown_texts = {}

    def read(plotting):
        axes = plotting.gcf().axes[0]
        shown_texts["texts"] = [t.get_text() for t in axes.texts]
        pyplot.close("all")
        return b""

    monkeypatch.setattr(plots, "_png", read)
    explain.waterfall(features, parts, "en")
    weights = sorted((parts[f][0].as_py() for f in FEATURE_NAMES), key=abs, reverse=True)
    shown = [t.replace("−", "-") for t in shown_texts["texts"]]
    for weight in weights[:5]:
        assert (
            f"{weight:+.3g}".rstrip("0").rstrip(".") in shown
            or f"{weight:+.2f}".rstrip("0").rstrip(".") in shown
        )


def test_pictures_are_pictures(matplotlib):
    features = rows()
    parts = risk.contributions(features, MODEL)
    for drawn in (explain.waterfall(features.slice(0, 1), parts.slice(0, 1), "zh"),
                  explain.summary(features, parts, "zh")):  # fmt: skip
        assert drawn.startswith(b"\x89PNG") and len(drawn) > 10_000


def test_without_matplotlib_there_is_one_clear_line(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    features = rows(1)
    with pytest.raises(SettingsError, match="matplotlib"):
        explain.waterfall(features, risk.contributions(features, MODEL), "zh")
