"""Intervals that narrow as verdicts come in; scores by typology that their evidence reproduces."""

import math

import numpy as np
import pyarrow as pa
import pytest

from benchmarks._train_base import OF_THE_SMALL
from fraud_pipeline.features.catalogue import FEATURE_NAMES, FLAGS, flag_feature
from fraud_pipeline.features.flag_weights import SEVERITY_WEIGHTS, UNWEIGHED, weighed_hits
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.risk.interval import bounds, posterior, variance
from fraud_pipeline.risk.labels import Labels, labels_of
from fraud_pipeline.risk.model import Model
from fraud_pipeline.risk.score import floored
from fraud_pipeline.risk.train import recalibrated
from fraud_pipeline.risk.typology import typology_scores
from fraud_pipeline.schema import RingSet
from fraud_pipeline.schema.outputs import PRICE_RESULTS, RING_CLAIMS, RINGS, RULE_RESULTS, RULES
from fraud_pipeline.settings import RiskSettings
from fraud_pipeline.store.models import shipped_model
from tests.risk.test_model import labelled, table, world

MODEL = shipped_model()


def test_an_interval_holds_the_probability_and_is_wider_where_less_is_known():
    z = np.linspace(-5, 6, 30)
    low, high = bounds(z, MODEL)
    risk = MODEL.probability(z)
    assert ((low < risk) & (risk < high)).all()
    assert variance(np.array([4.0]), MODEL) > variance(np.array([-1.0]), MODEL)


@pytest.mark.parametrize("sizes", [(60, 600)])
def test_more_verdicts_narrow_it(sizes):
    widths = [np.mean(np.subtract(*bounds(np.array([-2.0, 0.0, 2.0]), MODEL)[::-1]))]
    for n in sizes:
        x, y = world(n)
        model = recalibrated(MODEL, labels_of(table(x), labelled(x, y)))
        at = (np.array([-2.0, 0.0, 2.0]) - model.line[1]) / model.line[0]  # equal probabilities
        low, high = bounds(at, model)
        widths.append(np.mean(high - low))
    assert widths[2] < widths[1]
    assert widths[2] < widths[0]


def test_the_interval_covers_the_line_that_made_the_verdicts():
    """Lines drawn as the first day's uncertainty says, verdicts from them: 90 % are covered."""
    rng = np.random.default_rng(5)
    prior = np.array(MODEL.line_covariance)
    covered = []
    for _ in range(300):
        a, b = rng.multivariate_normal(MODEL.line, prior)
        z = rng.normal(-1.5, 2.0, 150)
        p = 1 / (1 + np.exp(-(a * z + b)))
        y = (rng.random(150) < p).astype(float)
        line, spread = _fitted(z, y, np.array(MODEL.line), prior)
        point = np.array([1.0, 1.0])
        error = math.sqrt(point @ spread @ point)
        covered.append(abs((line - [a, b]) @ point) <= 1.645 * error)
    assert 0.84 <= np.mean(covered) <= 0.96


def _fitted(z, y, start, prior):
    """The most likely line given a normal prior, by Newton steps; and its covariance."""
    line, inverse = start.copy(), np.linalg.inv(prior)
    x = np.column_stack([z, np.ones_like(z)])
    for _ in range(25):
        p = 1 / (1 + np.exp(-(x @ line)))
        gradient = x.T @ (y - p) - inverse @ (line - start)
        line = line + np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]) + inverse, gradient)
    p = 1 / (1 + np.exp(-(x @ line)))
    return line, posterior(z, p, np.ones_like(z), prior)


def scored(p_value=1e-4, ratio=1.8, often=False, ring=0.6):
    rules = RULES.conform(pa.table({
        "rule_code": ["T14", "T01", "L05"], "severity": ["strong", "weak", "hard"],
        "typology": ["T14", "T01", None], "fires_often": [often, False, False]}))  # fmt: skip
    results = RULE_RESULTS.conform(pa.table({
        "claim_id": ["C1", "C1", "C1", "C2"], "rule_code": ["T14", "T01", "L05", "T01"],
        "outcome": ["hit", "hit", "hit", "pass"]}))  # fmt: skip
    prices = PRICE_RESULTS.conform(pa.table({
        "claim_id": ["C1"], "price_ratio": [ratio], "p_value": [p_value], "outcome": ["scored"]}))  # fmt: skip
    rings = RINGS.conform(
        pa.table({"ring_id": ["R1"], "score": [ring], "typologies": ["T14; T18"]})
    )
    claims = RING_CLAIMS.conform(pa.table({"ring_id": ["R1"], "claim_id": ["C1"]}))
    empty = RingSet.empty()
    return typology_scores(results, rules, prices, RingSet(rings, empty.members, claims, empty.evidence)).to_pylist()  # fmt: skip


def test_a_typologys_score_is_the_noisy_or_of_its_evidence():
    w, found = SEVERITY_WEIGHTS, {r["typology"]: r for r in scored()}
    assert set(found) == {"T01", "T04", "T14", "T18"}  # a broken limit without a typology is none
    assert found["T14"]["score"] == pytest.approx(1 - (1 - w["strong"]) * (1 - w["strong"] * 0.6))
    assert found["T01"]["score"] == pytest.approx(w["weak"])
    assert found["T04"]["score"] == pytest.approx(w["strong"] * 4 / 6)
    assert found["T14"]["evidence"] == "T14; ring R1"
    assert sum(r["share"] for r in found.values()) == pytest.approx(1)


def test_what_speaks_less_scores_less():
    usual = {r["typology"]: r["score"] for r in scored()}
    often = {r["typology"]: r["score"] for r in scored(often=True)}
    cheap = {r["typology"]: r["score"] for r in scored(ratio=0.8)}
    assert often["T14"] < usual["T14"] and "T04" not in cheap


def test_a_broken_hard_rule_cannot_be_ranked_away():
    """However far evidence or a learned layer pulls down, the risk keeps its floor, and its interval."""
    x = np.full((2, len(FEATURE_NAMES)), np.nan)
    x[0, FEATURE_NAMES.index("hard_hits")] = 1.0
    risk, low, high = floored(x, np.array([-20.0, -20.0]), MODEL, RiskSettings())
    assert risk[0] == low[0] == RiskSettings().hard_floor <= high[0]
    assert risk[1] < 0.01


def test_who_a_firm_is_weighs_nothing():
    """T15 hits the young and small: it is told, and weighs neither alone nor beside a deed."""
    rules = RULES.conform(pa.table({
        "rule_code": ["T15", "T19", "T03"], "severity": ["strong", "weak", "info"]}))  # fmt: skip
    results = RULE_RESULTS.conform(pa.table({
        "claim_id": ["A", "A", "B", "B", "C"], "rule_code": ["T15", "T03", "T15", "T19", "T19"],
        "outcome": ["hit"] * 5}))  # fmt: skip
    rows = {
        (r["claim_id"], r["rule_code"]): r["severity"]
        for r in weighed_hits(results, rules).to_pylist()
    }
    assert rows["A", "T15"] == "info" and rows["B", "T15"] == "info"
    assert rows["B", "T19"] == rows["C", "T19"] == "weak"


@pytest.mark.parametrize("name", OF_THE_SMALL)
def test_the_base_trees_do_not_look_at_who_is_small_or_new(name):
    """However small the buyer, the trees say the same; what was done is asked by the flags."""
    rng = np.random.default_rng(4)
    x = np.abs(rng.normal(0, 2, (300, len(FEATURE_NAMES))))
    turned = x.copy()
    turned[:, FEATURE_NAMES.index(name)] *= 50
    for layer in MODEL.layers:
        said = [layer.booster.predict(v[:, layer.columns], raw_score=True) for v in (x, turned)]
        np.testing.assert_array_equal(*said)


def test_every_flag_that_weighs_has_a_feature_and_it_moves_the_score():
    """Flags of the lists agree with the checks; a hit is worth something in the shipped model."""
    severity = {check.code: check.severity for check in ALL_RULES}
    weighing = {c for c, s in severity.items() if c[0] == "T" and s in ("strong", "weak")}
    assert set(FLAGS) == weighing - set(UNWEIGHED)
    assert {flag_feature(code) for code in FLAGS} & MODEL.knows
    x = np.zeros((2, len(FEATURE_NAMES)))
    x[:, FEATURE_NAMES.index("strong_hits")] = 1.0
    x[1, FEATURE_NAMES.index("flag_t14")] = 1.0
    assert np.diff(MODEL.log_odds(x))[0] >= 0


class Told(Model):
    """The shipped line over log-odds that are handed in as the only feature."""

    def log_odds(self, x):
        return x[:, 0]


def test_few_heavy_verdicts_do_not_carry_the_line_away():
    """Verdicts drawn by risk with a few found by chance, weighing a hundred times as much each:
    where the line was right, it stays nearly right."""
    rng, off = np.random.default_rng(3), []
    told = Told(MODEL.name, MODEL.files)
    z = rng.normal(-2.5, 1.8, 4000)
    chance = told.probability(z)
    for _ in range(40):
        risky = np.argsort(-z)[rng.choice(400, 130, replace=False)]
        rows = np.r_[risky, rng.choice(len(z), 15, replace=False)]
        weight = np.r_[np.ones(130), np.full(15, 10.0)]  # square roots, as Labels keep them
        improper = (rng.random(len(rows)) < chance[rows]).astype(float)
        blank = np.zeros(len(rows))
        labels = Labels(z[rows, None], improper, weight, blank, blank, blank, blank > 0)
        slope, intercept = recalibrated(told, labels).line
        off.append(np.abs(1 / (1 + np.exp(-(slope * z + intercept))) - chance).mean())
    assert np.quantile(off, 0.9) < 0.03
