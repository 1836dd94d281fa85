"""The risk model: exact sums, monotone evidence, honest training, files that cannot change."""

import json
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
import shap
from hypothesis import given
from hypothesis import strategies as st

from fraud_pipeline import risk
from fraud_pipeline.benchmark.case import Tools, make_case
from fraud_pipeline.errors import IntegrityError, UnknownRecordError
from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES
from fraud_pipeline.risk.labels import labels_of, softened
from fraud_pipeline.risk.train import Trust, gate, trusted
from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.settings import RiskSettings, Settings
from fraud_pipeline.store.models import (
    history,
    load_model,
    names,
    roll_back,
    save_model,
    shipped_model,
    use_model,
)
from fraud_pipeline.store.packs import load_packs

N = len(FEATURE_NAMES)
EVIDENCE = shipped_model()


def table(matrix):
    ids = [f"C{k:05d}" for k in range(len(matrix))]
    return pa.table(
        {
            "claim_id": ids,
            **{n: pa.array(matrix[:, k], from_pandas=True) for k, n in enumerate(FEATURE_NAMES)},
        }
    )


def world(n=600, seed=3):
    """Features in which two flags mean something, and the verdicts that follow from them."""
    rng = np.random.default_rng(seed)
    x = rng.random((n, N)) * 2
    strong, price = FEATURE_NAMES.index("strong_hits"), FEATURE_NAMES.index("price_surprise")
    y = rng.random(n) < 1 / (1 + np.exp(-(2.5 * x[:, strong] + 2 * x[:, price] - 5)))
    x[rng.random((n, N)) < 0.1] = np.nan
    return x, y


def labelled(x, y):
    schema = INPUT_TABLES
    days = [date(2015, 4, 1) + timedelta(days=k) for k in range(len(x))]
    ids = [f"C{k:05d}" for k in range(len(x))]
    claims = schema["claims"].conform(pa.table({"claim_id": ids, "submitted_on": days}))
    verdict = ["fraud" if v else "clean" for v in y]
    outcomes = schema["outcomes"].conform(
        pa.table({"outcome_id": ids, "claim_id": ids, "decided_on": days, "verdict": verdict})
    )
    return Tables({"claims": claims, "outcomes": outcomes})


@pytest.fixture(scope="module")
def learned():
    x, y = world()
    model = risk.train(table(x), labelled(x, y), EVIDENCE, EVIDENCE, RiskSettings())
    assert isinstance(model, risk.Learned)
    assert model.gate.passed and model.gate.difference < 0
    return model.model


@pytest.mark.parametrize("kind", ["evidence", "learned"])
def test_contributions_add_up_and_scores_repeat(kind, learned):
    model = EVIDENCE if kind == "evidence" else learned
    x, _ = world(seed=4)
    base, parts = model.contributions(x)
    assert np.abs(base + parts.sum(axis=1) - model.log_odds(x)).max() < 1e-6
    assert np.array_equal(model.log_odds(x), model.log_odds(x))
    shuffled = np.random.default_rng(1).permutation(len(x))
    assert np.allclose(model.log_odds(x[shuffled]), model.log_odds(x)[shuffled], atol=1e-12)


def test_contributions_are_the_ones_shap_computes(learned):
    x, _ = world(60, seed=5)
    *below_it, layer = learned.layers
    assert [b.name for b in below_it] == [b.name for b in EVIDENCE.layers]
    explained = shap.TreeExplainer(layer.booster)(x)
    _, below = EVIDENCE.contributions(x)
    _, parts = learned.contributions(x)
    trees = layer.share * explained.values.reshape(parts.shape)
    assert np.allclose(below + trees, parts, atol=1e-8)


@given(st.integers(0, N - 1), st.floats(0, 10), st.floats(0, 10))
def test_more_suspicion_never_lowers_the_first_days_score(at, low, high):
    low, high = sorted((low, high))
    x = np.full((2, N), np.nan)
    x[:, at] = low, high
    first, second = EVIDENCE.log_odds(x)
    direction = FEATURES[at].direction
    assert direction == 0 or direction * (second - first) >= -1e-12


def test_unknown_is_not_zero():
    x = np.full((2, N), np.nan)
    at = FEATURE_NAMES.index("days_contract_to_invoice")
    x[1, at] = -10.0
    nothing, early = EVIDENCE.log_odds(x)
    assert nothing < early
    assert EVIDENCE.probability(np.array([nothing]))[0] < 0.2  # nobody is guilty for being unknown


def test_a_learned_model_ranks_and_is_the_same_twice(learned):
    x, y = world(seed=6)
    order = learned.log_odds(x)
    assert order[y].mean() > order[~y].mean() + 0.5
    x, y = world()
    again = risk.train(table(x), labelled(x, y), EVIDENCE, EVIDENCE, RiskSettings())
    assert again.model.sha256 == learned.sha256 and again.model.name == learned.name


def test_too_few_labels_are_refused_with_the_numbers():
    x, y = world(50)
    refused = risk.train(table(x), labelled(x, y), EVIDENCE, EVIDENCE, RiskSettings())
    assert isinstance(refused, risk.TrainingRefused) and "50 verdicts" in refused.reason


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_labels_teach_nothing(seed):
    """With meaningless verdicts no layer is trusted and the ranking stays what it was."""
    x, y = world(1200, seed=8)
    y = np.random.default_rng(seed).permutation(y)
    model = risk.train(table(x), labelled(x, y), EVIDENCE, EVIDENCE, RiskSettings()).model
    assert [layer.name for layer in model.layers] == [layer.name for layer in EVIDENCE.layers]
    fresh, _ = world(500, seed=9)
    assert np.array_equal(model.log_odds(fresh), EVIDENCE.log_odds(fresh))
    assert np.array_equal(
        np.argsort(model.probability(model.log_odds(fresh)), kind="stable"),
        np.argsort(EVIDENCE.log_odds(fresh), kind="stable"),
    )


def test_trust_grows_with_the_verdicts_it_rests_on():
    few, many = (
        trusted(labels_of(table(x), labelled(x, y)), EVIDENCE, RiskSettings())
        for x, y in (world(n, seed=3) for n in (300, 3000))
    )
    assert 0 <= few.share < many.share <= 1
    assert many.with_it < many.without


def test_a_missed_fraud_leaves_doubt_about_a_clean_verdict():
    improper, prior = np.array([1.0, 0.0, 0.0]), np.array([0.1, 0.5, 0.0])
    assert softened(improper, prior, 0.2).tolist() == pytest.approx([1.0, 1 / 6, 0.0])
    assert softened(improper, prior, 0.0).tolist() == [1.0, 0.0, 0.0]


def test_what_is_decided_late_is_in_neither_part():
    """Verdicts that came after the latest claims were submitted are not learned from to judge those."""
    x, y = world(600)
    tables = labelled(x, y)
    late = tables["outcomes"].set_column(
        tables["outcomes"].column_names.index("decided_on"), "decided_on",
        pa.array([date(2019, 1, 1)] * len(x)),
    )  # fmt: skip
    labels = labels_of(table(x), Tables({**tables, "outcomes": late}))
    assert trusted(labels, EVIDENCE, RiskSettings()).share == 0.0


def test_a_model_survives_the_disk_and_a_changed_file_is_named(tmp_path, learned):
    save_model(tmp_path, learned)
    assert load_model(tmp_path).name == EVIDENCE.name
    use_model(tmp_path, learned.name, "test")
    back = load_model(tmp_path)
    x, _ = world(20)
    assert back.sha256 == learned.sha256
    assert np.array_equal(back.log_odds(x), learned.log_odds(x))
    path = tmp_path / "risk" / learned.name / "calibration.json"
    path.write_text(path.read_text().replace("slope", "slopy"))
    with pytest.raises(IntegrityError, match=r"calibration\.json"):
        load_model(tmp_path)


def test_promotion_goes_on_record_and_back_by_pointer(tmp_path, learned):
    save_model(tmp_path, learned)
    with pytest.raises(UnknownRecordError, match="nowhere"):
        use_model(tmp_path, "nowhere", "test")
    with pytest.raises(UnknownRecordError, match="ever promoted"):
        roll_back(tmp_path)
    use_model(tmp_path, learned.name, "gate passed")
    assert roll_back(tmp_path) == EVIDENCE.name == load_model(tmp_path).name
    assert [h["model"] for h in history(tmp_path)] == [learned.name, EVIDENCE.name]
    assert names(tmp_path) == sorted([EVIDENCE.name, learned.name])


def test_a_challenger_worse_than_the_champion_does_not_pass(learned):
    """Against a champion of the same verdicts, one taught by nonsense must not be promoted."""
    x, y = world(1200, seed=3)
    tables = labelled(x, y)
    good = risk.train(table(x), tables, EVIDENCE, EVIDENCE, RiskSettings())
    wrong = np.random.default_rng(5).permutation(y)
    labels = labels_of(table(x), labelled(x, np.where(np.arange(len(y)) < 800, wrong, y)))
    trust = Trust(0.8, 0.0, 0.0, 0)
    assert not gate(labels, EVIDENCE, good.model, trust, RiskSettings()).passed


def test_a_model_of_other_features_is_refused():
    files = {**EVIDENCE.files, "features.json": json.dumps(["other", *FEATURE_NAMES[1:]])}
    with pytest.raises(IntegrityError, match="other features"):
        risk.Model("odd", files)


def test_the_shipped_weights_follow_the_directions_of_the_features():
    direction = {f.name: f.direction for f in FEATURES}
    for term in EVIDENCE._weights["terms"]:
        assert term["weight"] >= 0
        assert direction[term["feature"]] in (0, 1 if term["to"] > term["from"] else -1), term


@pytest.fixture(scope="module")
def ordinary():
    """The features of a simulated bureau's claims."""
    tools = Tools(Settings(), load_packs(None), EVIDENCE)
    return risk.matrix(make_case("wuhan", 500, 3, 1, tools).evidence.features)


@pytest.mark.parametrize("group", ["price", "ring", "behaviour", "profile"])
def test_missing_evidence_makes_nobody_guilty(group, ordinary):
    """A bureau without one kind of table must not see the risk of its claims rise for it."""
    unknown = ordinary.copy()
    unknown[:, [k for k, f in enumerate(FEATURES) if f.group == group]] = np.nan
    before, after = (EVIDENCE.probability(EVIDENCE.log_odds(x)).mean() for x in (ordinary, unknown))
    assert 0.5 * before < after < 1.5 * before
