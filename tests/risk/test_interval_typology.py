"""Intervals that narrow as verdicts come in; scores by typology that their evidence reproduces."""

import json
import math

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline.features.catalogue import FEATURE_NAMES, FLAGS, flag_feature
from fraud_pipeline.features.flag_weights import SEVERITY_WEIGHTS, UNWEIGHED, weighed_hits
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.risk.interval import bounds, posterior, variance
from fraud_pipeline.risk.local import LINE_SPREAD, fitted
from fraud_pipeline.risk.model import Model
from fraud_pipeline.risk.surprisal import Tails
from fraud_pipeline.risk.typology import typology_scores
from fraud_pipeline.schema import RingSet
from fraud_pipeline.schema.outputs import PRICE_RESULTS, RING_CLAIMS, RINGS, RULE_RESULTS, RULES
from fraud_pipeline.settings import RiskSettings
from fraud_pipeline.store.models import shipped_model
from tests.risk.test_model import labelled, table, world

MODEL = shipped_model()


def lined(n):
    """A model whose line rests on ``n`` verdicts that chance chose."""
    x, y = world(n)
    tables = labelled(x, y)
    how = pa.array(["random"] * n)
    at = tables["outcomes"].schema.get_field_index("selected_by")
    outcomes = tables["outcomes"].set_column(at, tables["outcomes"].schema.field(at), how)
    tables = tables.replaced(outcomes=outcomes)
    return fitted(MODEL, table(x), RULES.empty(), tables, RiskSettings())


def test_an_interval_holds_the_probability_and_is_wider_where_less_is_known():
    model = lined(200)
    z = np.linspace(-5, 3, 30)
    low, high = bounds(z, model)
    risk = model.probability(z)
    assert ((low <= risk) & (risk <= high)).all() and (low < high).all()
    assert variance(np.array([4.0]), model) > variance(np.array([-1.0]), model)


def test_more_verdicts_narrow_it():
    widths = []
    for n in (60, 600):
        model = lined(n)
        at = (np.array([-2.0, 0.0]) - model.line[1]) / model.line[0]  # equal probabilities
        widths.append(np.mean(np.subtract(*bounds(at, model)[::-1])))
    assert widths[1] < widths[0]


@pytest.mark.parametrize(("n", "kind"), [(0, "order"), (29, "order"), (60, "calibrated")])
def test_a_risk_is_a_probability_only_where_chance_chose_enough(n, kind):
    assert (lined(n) if n else fitted_without_verdicts()).kind == kind


def fitted_without_verdicts():
    x, _ = world(100)
    return fitted(MODEL, table(x), RULES.empty(), labelled(x, []), RiskSettings())


def test_an_order_has_the_mean_of_the_prior_and_bands_by_place():
    model = fitted_without_verdicts()
    z = model.log_odds(world(100)[0])
    assert model.probability(z).mean() == pytest.approx(RiskSettings().prior_rate, abs=1e-3)
    bands = model.band(z).tolist()
    assert 1 <= bands.count("high") <= 12 and bands.count("low") >= 65
    assert model.band(np.sort(z)).tolist() == sorted(bands, key=["low", "middle", "high"].index)


def test_no_probability_is_certainty():
    """However high the score: as many improper verdicts as there are bear out so much and no more."""
    model = lined(200)
    improper = model.run["learned_from"]["improper"]
    most = (improper + 1) / (improper + 2)
    assert model.probability(np.array([1e3])).tolist() == pytest.approx([most], abs=1e-6)
    assert bounds(np.array([1e3]), model)[1].tolist() == pytest.approx([most], abs=1e-6)


def test_the_interval_covers_the_line_that_made_the_verdicts():
    """Lines drawn as the prior of the line says, verdicts from them: 90 % are covered."""
    rng = np.random.default_rng(5)
    prior, centre = np.diag(np.square(LINE_SPREAD)), np.array([1.0, 0.0])
    covered = []
    for _ in range(300):
        a, b = rng.multivariate_normal(centre, prior)
        z = rng.normal(-1.5, 2.0, 150)
        p = 1 / (1 + np.exp(-(a * z + b)))
        y = (rng.random(150) < p).astype(float)
        line, spread = _fitted(z, y, centre, prior)
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


def test_a_hard_rule_that_hits_everybody_lifts_nobody_and_a_rare_one_counts():
    """What most claims break is a misread register; what one claim of many breaks is a lead."""
    n, at = 400, FEATURE_NAMES.index("flag_l08")
    x = np.zeros((n, len(FEATURE_NAMES)))
    x[:368, at] = 1.0
    often = fitted(MODEL, table(x), RULES.empty(), labelled(x, []), RiskSettings())
    assert np.ptp(often.log_odds(x)) == 0.0
    x[:, at] = 0.0
    x[0, at] = 1.0
    files = {
        **MODEL.files,
        "evidence.json": json.dumps({"beyond": 2.0, "weights": {"flag_l08": 1.0}}),
    }
    rare = fitted(Model("m", files), table(x), RULES.empty(), labelled(x, []), RiskSettings())
    assert rare.log_odds(x)[0] - rare.log_odds(x)[1] == pytest.approx(math.log(n) - 2.0)


def test_a_rule_is_compared_with_the_claims_it_could_judge():
    n, at = 400, FEATURE_NAMES.index("flag_l09")
    x = np.zeros((n, len(FEATURE_NAMES)))
    x[:10, at] = 1.0
    rules = RULES.conform(pa.table({
        "rule_code": ["L09"], "severity": ["hard"], "n_hit": [10], "n_pass": [10],
        "n_not_applicable": [380], "n_error": [0]}))  # fmt: skip
    assert Tails.of(table(x), rules).nats(x)[0, at] == pytest.approx(math.log(2), abs=0.02)
    assert Tails.of(table(x), RULES.empty()).nats(x)[0, at] == pytest.approx(math.log(40), abs=0.02)


def test_claims_are_compared_within_their_programme():
    n, at = 400, FEATURE_NAMES.index("price_log_ratio")
    x = np.full((n, len(FEATURE_NAMES)), np.nan)
    x[:, at] = np.r_[np.linspace(0, 1, 200), np.linspace(1, 2, 200)]
    where = np.repeat(["wuhan", "shanxi"], 200)
    features = table(x).set_column(1, "programme", pa.array(where))
    nats = Tails.of(features, RULES.empty()).nats(x, where)[:, at]
    assert nats[199] == pytest.approx(math.log(200), abs=0.02) and nats[200] == 0.0


def test_a_profile_of_an_enterprise_has_no_weight():
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


def test_every_flag_that_weighs_has_a_feature_and_it_moves_the_score():
    """Flags of the lists agree with the checks; a hit is worth something in the shipped model."""
    severity = {check.code: check.severity for check in ALL_RULES}
    weighing = {c for c, s in severity.items() if s in ("hard", "strong", "weak")}
    # the price speaks for itself, and its flag is a feature although the rule only informs
    assert set(FLAGS) == (weighing - set(UNWEIGHED)) | {"T04"}
    assert {flag_feature(code) for code in FLAGS} & MODEL.knows
