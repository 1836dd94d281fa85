"""The audit plan on worlds of other makers: does the interval hold, and what does the sample recover?

    python -m benchmarks.audit_abroad --worlds DIR --cache RUNS [--seed N] [--budget-share 0.1]

``--worlds``: a folder of worlds with their truth (``benchmark --worlds`` reads the same layout);
``--cache``: its runs. The product's list of each world is planned three times: with its risks as
they are, with the risks dealt out at random among the claims (a useless model), and with every
risk at 1 (a model certain of everything). The plan is drawn 500 times; the truth is the
auditor. For each: how often the 95 % interval of the share of improper claims and of the money
lost covers the truth, its half-width in points, and the money found as a share of what the top
of the same list holds. Beside it, with the same truth and as many audits: simple random draws and
Huzhou's groups.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import pyarrow as pa
import typer

from benchmarks._audit_policies import draw, equal_among_top_tenths
from fraud_pipeline import audit
from fraud_pipeline.audit.total import AuditSample, total_interval
from fraud_pipeline.benchmark.world_folders import WorldFolder, find
from fraud_pipeline.core.money import from_fen
from fraud_pipeline.engine.run_queries import known_to
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import AuditSettings
from fraud_pipeline.store import runs

REDRAWS = 500
CONFIDENCE = 0.95
MODELS = ("as it is", "shuffled", "certain")


def main(
    worlds: Annotated[Path, typer.Option()],
    cache: Annotated[Path, typer.Option()],
    seed: Annotated[int | None, typer.Option()] = None,
    budget_share: Annotated[float, typer.Option(min=0.001, max=1.0)] = 0.1,
) -> None:
    rows = []
    for world in find(worlds, seed, (0, 1, 2)):
        rows += measure(world, runs.find(cache / world.name, None), budget_share)
    frame = pd.DataFrame(rows)
    print(frame.to_string(index=False, float_format=lambda v: f"{v:.3f}"))
    print("\nmeans, and the lowest coverage of any world")
    numbers = frame.drop(columns="world").groupby(["plan", "model"], sort=False)
    means = numbers.mean(numeric_only=True)
    means["worst: rate covers"] = numbers["rate covers"].min()
    means["worst: money covers"] = numbers["money covers"].min()
    print(means.to_string(float_format=lambda v: f"{v:.3f}"))


def measure(world: WorldFolder, run: runs.Run, budget_share: float) -> list[dict[str, object]]:
    """One row for each plan and model."""
    ranked, known = run.table("ranked_claims"), known_to(run)
    truth = world.answer().set_index("claim_id").loc[ranked["claim_id"].to_pylist()]
    lost = np.minimum(truth["true_loss"].to_numpy(float), amounts(ranked))
    n = max(20, round(budget_share * len(lost)))
    as_of = date.fromisoformat(str(world.about["as_of"]))
    rows = []
    for model in MODELS:
        believed = _believed(ranked, model)
        listed = Listed(truth["improper"].to_numpy(float), lost, amounts(ranked),
                        expected_losses(believed), n)  # fmt: skip
        pi = _planned(believed, known, n, as_of, list(truth.index))
        rows.append(_row(world.name, "plan", model, pi, listed))
    listed = replace(listed, expected=expected_losses(ranked))
    even = np.full(len(lost), n / len(lost))
    rows.append(_row(world.name, "random", "none", even, listed))
    rows.append(_row(world.name, "Huzhou", "none", _huzhou(ranked, n), listed))
    return rows


@dataclass(frozen=True)
class Listed:
    """The claims of a list with their truth, arrays of shape (n,), and what the list expected."""

    improper: np.ndarray  # 0 or 1
    lost: np.ndarray  # yuan
    amount: np.ndarray
    expected: np.ndarray  # loss, yuan
    audits: int

    @property
    def best(self) -> float:
        """Yuan that the top of the list holds."""
        top = np.argsort(-self.expected, kind="stable")[: self.audits]
        return max(float(self.lost[top].sum()), 1.0)


def amounts(ranked: pa.Table) -> np.ndarray:
    return ranked["claimed_amount"].cast(pa.float64()).to_numpy()


def expected_losses(ranked: pa.Table) -> np.ndarray:
    return ranked["expected_loss"].cast(pa.float64()).to_numpy()


def _believed(ranked: pa.Table, model: str) -> pa.Table:
    """The list as a model would make it that knows nothing, or is certain of everything."""
    risk = ranked["risk"].to_numpy().astype(float)
    if model == "as it is":
        return ranked
    rng = np.random.default_rng(1)
    other = rng.permutation(risk) if model == "shuffled" else np.ones(len(risk))
    severity = expected_losses(ranked) / np.maximum(risk * amounts(ranked), 1e-9)
    loss = other * np.clip(severity, 0.0, 1.0) * amounts(ranked)
    for name, values in (("risk", pa.array(other)),
                         ("expected_loss", from_fen(np.rint(loss * 100).astype(np.int64)))):  # fmt: skip
        at = ranked.schema.get_field_index(name)
        ranked = ranked.set_column(
            at, ranked.schema.field(at), values.cast(ranked.schema.field(at).type)
        )
    return ranked


def _planned(ranked: pa.Table, known: Tables, n: int, as_of: date, order: list[str]) -> np.ndarray:
    plan = audit.make_plan(ranked, known, AuditSettings(), budget=n, seed=1, as_of=as_of)
    frame = plan.frame.to_pandas().set_index("claim_id")["inclusion_prob"]
    return np.asarray(frame.reindex(order).to_numpy(float))


def _huzhou(ranked: pa.Table, n: int) -> np.ndarray:
    """Equal chances among large subsidies, many services and clients of busy institutions."""
    frame = ranked.select(["enterprise_id", "institution_id"]).to_pandas()
    frame["amount"] = amounts(ranked)
    subsidy = frame.groupby("enterprise_id")["amount"].transform("sum")
    services = frame.groupby("enterprise_id")["amount"].transform("size")
    served = frame.groupby("institution_id")["amount"].transform("size")
    figures = (subsidy.to_numpy(), services.to_numpy(), served.to_numpy())
    return equal_among_top_tenths(figures, n)


def _row(
    name: str, plan: str, model: str, pi: np.ndarray, listed: Listed
) -> dict[str, object]:  # fmt: skip
    """Coverage, half-width and money of 500 draws, by the estimate of ``audit close``."""
    rng = np.random.default_rng(20)
    one, share = np.ones(len(pi)), listed.expected / np.maximum(listed.amount, 1e-9)
    rates = ((listed.improper, one, np.minimum(share, 1.0)),
             (listed.lost, listed.amount, listed.expected))  # fmt: skip
    found, held, width = [], [], []
    for _ in range(REDRAWS):
        at = draw(pi, rng)
        found.append(listed.lost[at].sum() / listed.best)
        if not (pi > 0).all():
            continue
        intervals = [
            total_interval([AuditSample.of(pi, size, expected, at)], [value[at]],
                           float(size.sum()), CONFIDENCE)
            for value, size, expected in rates
        ]  # fmt: skip
        held.append([
            i.low <= value.sum() <= i.high
            for i, (value, _, _) in zip(intervals, rates, strict=True)
        ])  # fmt: skip
        width.append([
            (i.high - i.low) / 2 / size.sum()
            for i, (_, size, _) in zip(intervals, rates, strict=True)
        ])  # fmt: skip
    covers = np.mean(held, axis=0) if held else (np.nan, np.nan)
    half = 100 * np.mean(width, axis=0) if width else (np.nan, np.nan)
    return {
        "world": name, "plan": plan, "model": model, "audits": round(float(pi.sum())),
        "certain": int((pi >= 1).sum()), "rate covers": covers[0], "rate ± points": half[0],
        "money covers": covers[1], "money ± points": half[1],
        "money of top-k": float(np.mean(found)),
    }  # fmt: skip


if __name__ == "__main__":
    typer.run(main)
