"""Values in words: by their unit, with a sign, and never a zero for what is not known."""

import math
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline.explain import words


def feature(unit):
    return SimpleNamespace(zh="名", en="name", unit=unit)


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        ("share", 0.256, "26%"), ("count", 1234.0, "1,234"), ("days", 3.0, "3"), ("flag", 1.0, "1"),
        ("yuan", 1234.5, "1,234.50"), ("yuan", None, "?"), ("yuan", math.nan, "?"),
        ("share", 0.0, "0%"), ("count", -2.0, "-2"),
    ],
)  # fmt: skip
def test_an_amount_is_written_by_its_unit(unit, value, shown):
    assert words.amount(feature(unit), value, "?") == shown
    (zh,), (en,) = words.plain(feature(unit), pa.array([value], pa.float64()), value, np.ones(1))
    known = shown.replace("?", words.UNKNOWN.zh), shown.replace("?", words.UNKNOWN.en)
    assert zh.as_py().startswith(f"名 {known[0]}（全体中位 {known[0]}）")
    assert en.as_py().startswith(f"name: {known[1]} (median of all {known[1]})")


def test_figures_are_rounded_only_to_what_is_shown():
    values = pa.array([0.123, 0.127, 2.005, None], pa.float64())
    zh, _ = words.plain(feature("yuan"), values, 0.5, np.ones(4))
    assert [text.as_py().split("（")[0] for text in zh] == [
        "名 0.12",
        "名 0.13",
        "名 2.00",
        "名 未知",
    ]
    days, _ = words.plain(feature("days"), pa.array([1.4, 1.6]), 1.0, np.ones(2))
    assert [text.as_py().split("（")[0] for text in days] == ["名 1", "名 2"]


@pytest.mark.parametrize("expected", [words.direction_zh, words.direction_en])
def test_a_weight_is_told_with_its_direction_sign_and_two_decimals(expected):
    shown = expected(np.array([1.234, -1.234, 0.004, -0.004, 0.0])).to_pylist()
    raises, lowers = shown[0].removesuffix("+1.23"), shown[1].removesuffix("-1.23")
    assert raises != shown[0] and lowers != shown[1] and raises != lowers
    assert shown[2:] == [f"{raises}+0.00", f"{lowers}-0.00", f"{lowers}+0.00"]


def test_each_claim_gets_its_own_words():
    weight = np.array([0.5, -2.0, 0.5])
    zh, en = words.base(weight)
    assert [text.as_py()[-5:] for text in zh] == ["+0.50", "-2.00", "+0.50"]
    zh, en = words.cited((pa.array(["甲", "乙", None]), pa.array(["a", "b", None])), weight)
    assert zh[1].as_py().startswith("乙（") and zh[1].as_py().endswith("-2.00）")
    assert en[0].as_py().startswith("a (") and zh[2].as_py() is None
    zh, en = words.rest("rules", weight)
    assert zh[1].as_py().endswith("-2.00") and en[2].as_py().endswith("+0.50")


def test_a_percentage_never_reads_as_certainty():
    assert words.percent(0.456) == "46%" and words.percent(0.456, 1) == "45.6%"
    assert words.percent(0.99999) == "99%" and words.percent(0.99999, 1) == "99.9%"
    assert words.percent(0.999999, 2) == "99.99%"


def test_a_risk_is_a_band_or_a_probability_with_its_interval():
    claim = {"risk": 0.4056, "risk_low": 0.2, "risk_high": 0.61, "band": "high"}
    assert words.likely(claim | {"risk_kind": "order"}, "en").startswith("band high (too few")
    assert words.likely(claim | {"risk_kind": "order"}, "zh").startswith("风险档“高”")
    calibrated = claim | {"risk_kind": "calibrated"}
    assert "40.6% [20%–61%]" in words.likely(calibrated, "en")
    assert "[" not in words.likely(calibrated | {"risk_low": None}, "en")


def test_certainty_is_kept_off_by_one_in_the_last_place_shown():
    assert words.percent(0.9895) == "99%" and words.percent(1.0, 3) == "99.999%"
