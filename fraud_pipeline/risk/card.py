"""The computed half of a model card: what the model does on a run, by group, beside what was found.

Verdicts on claims the model has learned from flatter it; the random stratum and the backtest do
not. Every figure here is computed from the run's tables; what was decided in making the model
stands in the stored card.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

from fraud_pipeline.features.build import matrix
from fraud_pipeline.features.catalogue import FEATURES
from fraud_pipeline.risk.groups import groups_of
from fraud_pipeline.risk.interval import bounds
from fraud_pipeline.risk.labels import Labels, labels_of
from fraud_pipeline.risk.local import programmes_of
from fraud_pipeline.risk.model import ORDER, Model
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import Settings

ORDER_ONLY = (
    "Too few verdicts chosen by chance: the risk is an order and a band, no probability. "
    "随机抽查的结论不足：风险只表示先后与档次，不是概率。"
)
FEWEST = 20  # claims or verdicts below which a group's rate says nothing
_BINS = 10


@dataclass(frozen=True)
class CardInputs:
    """All known claims under the model: risk (n,), listed (n,) bool of the open ones' first tenth."""

    features: pa.Table
    x: np.ndarray
    risk: np.ndarray
    open: np.ndarray
    listed: np.ndarray


def computed(
    features: pa.Table, tables: Tables, ranked: pa.Table, previous: pa.Table | None, model: Model,
    settings: Settings,
) -> str:  # fmt: skip
    """Markdown. ``previous``: the ranked list of the run before, if there was one."""
    x = matrix(features)
    risk = model.probability(model.log_odds(x, programmes_of(features)))
    top = max(1, int(np.ceil(settings.explain.top_share * ranked.num_rows)))
    first = ranked.filter(pc.less_equal(ranked["rank"], top))["claim_id"].combine_chunks()
    of = features["claim_id"]
    inputs = CardInputs(
        features, x, risk,
        pc.is_in(of, value_set=ranked["claim_id"].combine_chunks()).to_numpy(),
        pc.is_in(of, value_set=first).to_numpy(),
    )  # fmt: skip
    labels = labels_of(features, tables)
    parts = [
        _data(inputs, tables, labels), _weights(inputs, model), _verdicts(labels, model),
        _groups(inputs, tables), _stability(ranked, previous), _limits(inputs, model),
    ]  # fmt: skip
    return "\n\n".join(parts)


def _data(inputs: CardInputs, tables: Tables, labels: Labels) -> str:
    days = tables["claims"]["submitted_on"]
    return "\n".join([
        "## Data of this run", "",
        f"- claims: {len(inputs.risk)}, open {int(inputs.open.sum())}, from {pc.min(days).as_py()} to "
        f"{pc.max(days).as_py()}",
        f"- deciding verdicts: {len(labels)}, improper {int(labels.improper.sum())}, by chance alone "
        f"(random stratum) {int(labels.random.sum())}",
        f"- mean risk of the open claims: {inputs.risk[inputs.open].mean() if inputs.open.any() else 0:.1%}",
    ])  # fmt: skip


def _weights(inputs: CardInputs, model: Model) -> str:
    """What moves scores most, over all claims: the global report."""
    rows = np.linspace(0, len(inputs.x) - 1, min(len(inputs.x), 20_000)).astype(int)
    rows = np.unique(rows)
    _, parts = model.contributions(inputs.x[rows], programmes_of(inputs.features)[rows])
    mean = np.abs(parts).mean(axis=0)
    order = np.argsort(-mean, kind="stable")[:15]
    lines = [
        f"| {FEATURES[k].en} / {FEATURES[k].zh} | {FEATURES[k].group} | {mean[k]:.3f} | "
        f"{(parts[:, k] > 0.02).mean():.0%} | {(parts[:, k] < -0.02).mean():.0%} |" for k in order
    ]  # fmt: skip
    head = ["## What moves the scores", "", "| feature | kind | mean of the size, log-odds | for | against |",
            "| --- | --- | --- | --- | --- |"]  # fmt: skip
    return "\n".join([*head, *lines])


def _verdicts(labels: Labels, model: Model) -> str:
    """Expected against found: all verdicts, weighted to the population, and the random stratum."""
    head = ["## Beside the verdicts", ""]
    if model.kind == ORDER:
        return "\n".join([*head, ORDER_ONLY])
    if len(labels) < FEWEST:
        return "\n".join(
            [*head, f"Only {len(labels)} verdicts: nothing can be said of calibration."]
        )
    log_odds = model.log_odds(labels.x, labels.programme)
    risk, (low, high) = model.probability(log_odds), bounds(log_odds, model)
    lines = [
        "| verdicts | n | expected | found (95 %) | calibration error |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, rows, weight in (
        (
            "all, weighted by 1 / chance of being drawn",
            np.ones(len(labels), bool),
            labels.weight**2,
        ),
        ("random stratum", labels.random, np.ones(len(labels))),
    ):
        n = int(rows.sum())
        if n < FEWEST:
            lines.append(f"| {name} | {n} | – | too few | – |")
            continue
        y, w = labels.improper[rows], weight[rows]
        between = stats.binomtest(int(y.sum()), n).proportion_ci(method="wilson")
        lines.append(
            f"| {name} | {n} | {np.average(risk[rows], weights=w):.1%} | {np.average(y, weights=w):.1%} "
            f"({between.low:.1%}–{between.high:.1%} unweighted) | {error_of(risk[rows], y, w):.3f} |"
        )
    width = np.median(high - low)
    return "\n".join(
        [*head, *lines, "", f"Median width of the 90 % intervals of these: {width:.1%}."]
    )


def error_of(risk: np.ndarray, improper: np.ndarray, weight: np.ndarray) -> float:
    """Expected calibration error over bins of equal numbers: mean |expected − found|."""
    order = np.argsort(risk, kind="stable")
    total = 0.0
    for rows in np.array_split(order, min(_BINS, max(1, len(order) // 10))):
        share = weight[rows].sum() / weight.sum()
        total += share * abs(
            np.average(risk[rows], weights=weight[rows])
            - np.average(improper[rows], weights=weight[rows])
        )
    return float(total)


def _groups(inputs: CardInputs, tables: Tables) -> str:
    """Shares listed by group: where one stands out, look whether its evidence does."""
    lines = ["## By group", "", "| group | | open claims | mean risk | listed | against all |",
             "| --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    usual = max(float(inputs.listed[inputs.open].mean()), 1e-9) if inputs.open.any() else 1.0
    for kind, values in groups_of(tables, inputs.features["claim_id"]).items():
        for value in np.unique(values):
            rows = inputs.open & (values == value)
            n = int(rows.sum())
            if n >= FEWEST:
                share = float(inputs.listed[rows].mean())
                lines.append(
                    f"| {kind} | {value} | {n} | {inputs.risk[rows].mean():.1%} | {share:.1%} | {share / usual:.2f} |"
                )
    return "\n".join(lines)


def _stability(ranked: pa.Table, previous: pa.Table | None) -> str:
    head = ["## Stability", ""]
    if previous is None or previous.num_rows == 0 or ranked.num_rows == 0:
        return "\n".join([*head, "No run before to compare with."])
    at = pc.index_in(ranked["claim_id"], value_set=previous["claim_id"].combine_chunks())
    both = pc.is_valid(at)
    now, was = ranked.filter(both), previous.take(at.drop_null())
    if now.num_rows < FEWEST:
        return "\n".join([*head, f"Only {now.num_rows} claims are in both lists."])
    rho = stats.spearmanr(now["log_odds"].to_numpy(), was["log_odds"].to_numpy()).statistic
    k = max(1, now.num_rows // 10)
    n_kept = len(set(now.sort_by("rank")["claim_id"].to_pylist()[:k])
               & set(was.sort_by("rank")["claim_id"].to_pylist()[:k])) / k  # fmt: skip
    moved = float(np.median(np.abs(now["risk"].to_numpy() - was["risk"].to_numpy())))
    return "\n".join([*head, f"- claims in this list and the one before: {now.num_rows}",
                      f"- rank correlation of their scores: {rho:.3f}; the same in the first tenth: {n_kept:.0%}",
                      f"- median change of the risk: {moved:.2%}"])  # fmt: skip


def _limits(inputs: CardInputs, model: Model) -> str:
    gone = np.isnan(inputs.x).mean(axis=0)
    blind = [
        f"{FEATURES[k].en} ({gone[k]:.0%})"
        for k in np.argsort(-gone, kind="stable")
        if gone[k] > 0.5
    ]
    unseen = [f.en for f in FEATURES if f.name not in model.knows]
    return "\n".join([
        "## Limits", "",
        "- features unknown for more than half of the claims: " + ("; ".join(blind) or "none"),
        "- features of the catalogue this model does not use: " + ("; ".join(unseen) or "none"),
        "- verdicts exist only where somebody looked; what no evidence table shows is not found",
    ])  # fmt: skip
