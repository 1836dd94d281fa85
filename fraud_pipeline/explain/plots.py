"""Waterfall and summary plots, drawn by shap from the contributions the product shows.

The plots compute nothing: shap is handed the very numbers that add up to the score. They need
matplotlib, which only people who want pictures install. Feature names are Chinese where a
font with Chinese characters is found, otherwise English.
"""

from __future__ import annotations

import importlib
import io
from typing import Any

import numpy as np
import pyarrow as pa

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES

_CHINESE = (
    "Noto Sans CJK SC", "Noto Serif CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei",
    "Microsoft YaHei", "SimHei", "SimSun", "PingFang SC", "Songti SC",
)  # fmt: skip
_SHOWN = 15  # features in a plot; the rest are one line
_MOST_DOTS = 5_000  # claims in a summary plot; more are thinned evenly


def explanation(features: pa.Table, contributions: pa.Table, language: str) -> Any:
    """``shap.Explanation`` of the claims: values are the contributions in log-odds, unchanged.

    ``features`` and ``contributions`` (:func:`fraud_pipeline.risk.contributions`) have the
    same claims in the same order.
    """
    return _shap().Explanation(
        values=np.column_stack([contributions[n].to_numpy() for n in FEATURE_NAMES]),
        base_values=contributions["base"].to_numpy(),
        data=np.column_stack([features[n].to_numpy() for n in FEATURE_NAMES]),
        feature_names=[getattr(f, language) for f in FEATURES],
    )


def waterfall(features: pa.Table, contributions: pa.Table, language: str) -> bytes:
    """PNG of one claim: from the base to its score, one bar a feature."""
    plotting = _plotting()
    explained = explanation(features, contributions, _readable(language))
    plotting.close("all")
    _shap().plots.waterfall(explained[0], max_display=_SHOWN, show=False)
    return _png(plotting)


def summary(features: pa.Table, contributions: pa.Table, language: str) -> bytes:
    """PNG over many claims: each a dot, its contribution across, its value in colour."""
    plotting = _plotting()
    every = np.linspace(0, features.num_rows - 1, min(features.num_rows, _MOST_DOTS)).astype(int)
    rows = pa.array(np.unique(every))
    explained = explanation(features.take(rows), contributions.take(rows), _readable(language))
    plotting.close("all")
    _shap().plots.beeswarm(
        explained, max_display=_SHOWN, show=False, group_remaining_features=False
    )
    return _png(plotting)


def _shap() -> Any:
    return importlib.import_module("shap")  # slow to load, and only pictures need it


def _plotting() -> Any:
    try:
        importlib.import_module("matplotlib").use("Agg")
    except ImportError as error:
        raise SettingsError("plots need matplotlib: pip install matplotlib") from error
    return importlib.import_module("matplotlib.pyplot")


def _readable(language: str) -> str:
    """Chinese only where its characters can be drawn; sets the font."""
    fonts = importlib.import_module("matplotlib.font_manager")
    known = {font.name for font in fonts.fontManager.ttflist}
    usable = [name for name in _CHINESE if name in known]
    settings = importlib.import_module("matplotlib").rcParams
    settings["axes.unicode_minus"] = False
    settings["font.family"] = [*usable[:1], "DejaVu Sans"]
    return "zh" if language == "zh" and usable else "en"


def _png(plotting: Any) -> bytes:
    held = io.BytesIO()
    plotting.gcf().savefig(held, format="png", dpi=120, bbox_inches="tight")
    plotting.close("all")
    return held.getvalue()
