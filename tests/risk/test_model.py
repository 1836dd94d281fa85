"""The risk model: exact sums, monotone evidence, honest training, files that cannot change."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
import shap
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from fraud_pipeline import risk
from fraud_pipeline.benchmark.case import Tools, make_case
from fraud_pipeline.errors import IntegrityError, UnknownRecordError
from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES
from fraud_pipeline.risk.labels import labels_of, softened
from fraud_pipeline.risk.surprisal import Tails
from fraud_pipeline.risk.train import Trust, gate, trusted
from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.schema.outputs import RULES
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
            "programme": ["wuhan"] * len(matrix),
            **{n: pa.array(matrix[:, k], from_pandas=True) for k, n in enumerate(FEATURE_NAMES)},
        }
    )


def world(n=600, seed=3):
    """Features in which two flags mean something, and the verdicts that follow from them."""
    rng = np.random.default_rng(seed)
    x = rng.random((n, N)) * 2
    strong, price = FEATURE_NAMES.index("ring_score"), FEATURE_NAMES.index("price_surprise")
    x[:, [strong, price]] **= 3
    y = rng.random(n) < 1 / (1 + np.exp(-(0.9 * x[:, strong] + 0.7 * x[:, price] - 4)))
    x[rng.random((n, N)) < 0.1] = np.nan
    return x, y


def labelled(x, y):
    schema = INPUT_TABLES
    days = [date(2015, 4, 1) + timedelta(days=k) for k in range(len(x))]
    ids = [f"C{k:05d}" for k in range(len(x))]
    decided_ids = ids[: len(y)]
    claims = schema["claims"].conform(pa.table(
        {"claim_id": ids, "submitted_on": days, "enterprise_id": ids,
         "programme": ["wuhan"] * len(x)}))  # fmt: skip
    verdict = ["fraud" if v else "clean" for v in y]
    outcomes = schema["outcomes"].conform(
        pa.table(
            {
                "outcome_id": decided_ids,
                "claim_id": decided_ids,
                "decided_on": days[: len(y)],
                "verdict": pa.array(verdict, pa.string()),
            }
        )
    )
    return Tables({"claims": claims, "outcomes": outcomes})


def fit(model, x, y=None):
    """The model with what claims ``x`` and the verdicts ``y`` on them add."""
    answer = labelled(x, np.zeros(0) if y is None else y)
    return risk.fitted(model, table(x), RULES.empty(), answer, RiskSettings())


def trained(x, y, champion=None):
    return risk.train(
        table(x), RULES.empty(), labelled(x, y), EVIDENCE, champion or EVIDENCE, RiskSettings()
    )


def together(n=1500, seed=3):
    """Two signs that are nothing alone and something together: what weights cannot say."""
    rng = np.random.default_rng(seed)
    x = rng.random((n, N)) * 2
    a, b = (x[:, FEATURE_NAMES.index(f)] > 1 for f in ("outlyingness", "institution_burst"))
    return x, rng.random(n) < np.where(a & b, 0.85, 0.03)


@pytest.fixture(scope="module")
def learned():
    model = trained(*together())
    assert isinstance(model, risk.Learned)
    assert model.gate.passed and model.gate.difference < 0
    return model.model


@pytest.mark.parametrize("kind", ["first day", "verdicts", "trees"])
def test_contributions_add_up_and_scores_repeat(kind, learned):
    x, y = world(seed=4)
    model = fit(learned if kind == "trees" else EVIDENCE, x, None if kind == "first day" else y)
    base, parts = model.contributions(x)
    assert np.abs(base + parts.sum(axis=1) - model.log_odds(x)).max() < 1e-9
    assert np.array_equal(model.log_odds(x), model.log_odds(x))
    shuffled = np.random.default_rng(1).permutation(len(x))
    assert np.allclose(model.log_odds(x[shuffled]), model.log_odds(x)[shuffled], atol=1e-12)


def test_contributions_are_the_ones_shap_computes(learned):
    x, _ = world(60, seed=5)
    (layer,) = learned.layers
    explained = shap.TreeExplainer(layer.booster)(x)
    run = risk.fitted(learned, table(x), RULES.empty(), labelled(x, []), RiskSettings())
    _, below = risk.with_run(EVIDENCE, run.run).contributions(x)
    _, parts = run.contributions(x)
    trees = layer.share * explained.values.reshape(parts.shape)
    assert np.allclose(below + trees, parts, atol=1e-8)


FIRST_DAY = fit(EVIDENCE, world(800, seed=11)[0] * 3)


@given(st.integers(0, N - 1), st.floats(0, 10), st.floats(0, 10))
def test_more_suspicion_never_lowers_the_first_days_score(at, low, high):
    low, high = sorted((low, high))
    x = np.full((2, N), np.nan)
    x[:, at] = low, high
    first, second = FIRST_DAY.log_odds(x)
    direction = FEATURES[at].direction
    assert direction == 0 or direction * (second - first) >= -1e-12


def test_unknown_is_not_zero():
    x = np.full((2, N), np.nan)
    x[1, FEATURE_NAMES.index("price_surprise")] = 30.0
    nothing, early = FIRST_DAY.log_odds(x)
    assert nothing < early
    assert (
        FIRST_DAY.contributions(x)[1][0].tolist() == [0.0] * N
    )  # nobody is guilty for being unknown


def test_a_learned_model_ranks_and_is_the_same_twice(learned):
    x, y = together(seed=6)
    order = fit(learned, x).log_odds(x)
    assert order[y].mean() > order[~y].mean() + 0.5
    again = trained(*together())
    assert again.model.sha256 == learned.sha256 and again.model.name == learned.name


def test_too_few_labels_are_refused_with_the_numbers():
    x, y = world(50)
    refused = trained(x, y)
    assert isinstance(refused, risk.TrainingRefused) and "50 verdicts" in refused.reason


@pytest.mark.parametrize("seed", [0, *(pytest.param(s, marks=pytest.mark.long) for s in (1, 2, 3))])
def test_shuffled_labels_teach_nothing(seed):
    """With meaningless verdicts no layer is trusted, and the order is nearly the first day's."""
    x, y = world(1200, seed=8)
    y = np.random.default_rng(seed).permutation(y)
    answer = trained(x, y)
    assert not answer.gate.passed and answer.model.layers == ()
    result, first = fit(EVIDENCE, x, y), fit(EVIDENCE, x)
    assert result.run["learned_from"]["slope"] < 0.35  # such evidence is hardly believed any more
    fresh, _ = world(500, seed=9)
    alike = spearmanr(result.log_odds(fresh), first.log_odds(fresh)).statistic
    assert alike > 0.9
    assert np.ptp(result.probability(result.log_odds(fresh))) < 0.5


def test_verdicts_move_weights_to_what_is_telling_here():
    """Of two like pieces of evidence the one that verdicts bear out gains, the other loses."""
    x, y = world(1500)
    weights = dict(zip(FEATURE_NAMES, fit(EVIDENCE, x, y).weights, strict=True))
    first = dict(zip(FEATURE_NAMES, EVIDENCE.first_weights, strict=True))
    gained = {
        n: weights[n] / first[n] for n in ("price_surprise", "ring_score", "first_client_share_90d")
    }
    assert (
        min(gained["price_surprise"], gained["ring_score"]) > 2 * gained["first_client_share_90d"]
    )
    assert all(w >= 0 for w in weights.values())


def test_what_is_learned_is_the_same_twice_and_of_verdicts_known():
    x, y = world(400)
    assert fit(EVIDENCE, x, y).files == fit(EVIDENCE, x, y).files
    assert fit(EVIDENCE, x).run["learned_from"] is None


def test_trust_grows_with_the_verdicts_it_rests_on():
    tails = {n: Tails.of(table(together(n)[0]), RULES.empty()) for n in (300, 3000)}
    few, many = (
        trusted(labels_of(table(x), labelled(x, y)), tails[len(y)], EVIDENCE, RiskSettings())
        for x, y in (together(n) for n in (300, 3000))
    )
    assert 0 <= few.share < many.share <= 1
    assert many.with_it < many.without


def test_a_missed_fraud_leaves_doubt_about_a_clean_verdict():
    improper, prior = np.array([1.0, 0.0, 0.0]), np.array([0.1, 0.5, 0.0])
    assert softened(improper, prior, 0.2).tolist() == pytest.approx([1.0, 1 / 6, 0.0])
    assert softened(improper, prior, 0.0).tolist() == [1.0, 0.0, 0.0]


def test_what_is_decided_late_is_in_neither_part():
    """Verdicts that came after the latest claims were submitted are not learned from to judge those."""
    x, y = together(600)
    tables = labelled(x, y)
    tails = Tails.of(table(x), RULES.empty())
    late = tables["outcomes"].set_column(
        tables["outcomes"].column_names.index("decided_on"), "decided_on",
        pa.array([date(2019, 1, 1)] * len(x)),
    )  # fmt: skip
    labels = labels_of(table(x), Tables({**tables, "outcomes": late}))
    assert trusted(labels, tails, EVIDENCE, RiskSettings()).share == 0.0


def test_a_model_survives_the_disk_and_a_changed_file_is_named(tmp_path, learned):
    save_model(tmp_path, learned)
    assert load_model(tmp_path).name == EVIDENCE.name
    use_model(tmp_path, learned.name, "test")
    back = load_model(tmp_path)
    x, _ = world(20)
    assert back.sha256 == learned.sha256
    assert np.array_equal(fit(back, x).log_odds(x), fit(learned, x).log_odds(x))
    path = tmp_path / "risk" / learned.name / "evidence.json"
    path.write_text(path.read_text().replace("beyond", "before"))
    with pytest.raises(IntegrityError, match=r"evidence\.json"):
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
    assert names(tmp_path) == sorted(["evidence-1", EVIDENCE.name, learned.name])


def test_a_challenger_worse_than_the_champion_does_not_pass(learned):
    """Against a champion of the same verdicts, one taught by nonsense must not be promoted."""
    x, y = together(1200)
    good, tails = trained(x, y), Tails.of(table(x), RULES.empty())
    wrong = np.random.default_rng(5).permutation(y)
    labels = labels_of(table(x), labelled(x, np.where(np.arange(len(y)) < 800, wrong, y)))
    trust = Trust(0.8, 0.0, 0.0, 0)
    assert not gate(labels, tails, EVIDENCE, good.model, trust, RiskSettings()).passed


@pytest.fixture(scope="module")
def bureau():
    """A simulated bureau: its claims' features, rules and tables."""
    tools = Tools(Settings(), load_packs(None), EVIDENCE)
    return make_case("wuhan", 500, 3, 1, tools)


@pytest.mark.parametrize("group", ["price", "ring", "behaviour", "profile"])
def test_missing_evidence_makes_nobody_guilty(group, bureau):
    """A claim of which one kind of evidence is unknown is never suspected more for it."""
    evidence = bureau.evidence
    model = risk.fitted(EVIDENCE, evidence.features, evidence.rules, bureau.tables, RiskSettings())
    x = risk.matrix(evidence.features)
    unknown = x.copy()
    unknown[:, [k for k, f in enumerate(FEATURES) if f.group == group]] = np.nan
    assert (model.log_odds(unknown) <= model.log_odds(x) + 1e-12).all()
