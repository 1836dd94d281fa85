"""``score`` makes a run; ``plan-audit`` and ``train`` go on from a finished one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fraud_pipeline.cli.options import (
    WORKSPACE,
    Budget,
    Cover,
    Data,
    Day,
    Reading,
    RunId,
    SettingsFile,
    Workspace_,
    day_if_given,
)
from fraud_pipeline.cli.output import show
from fraud_pipeline.cli.progress import progress

if TYPE_CHECKING:
    from fraud_pipeline.engine import runner


@dataclass(frozen=True)
class Dates:
    """The day a run is made for, and the day until which outcomes are known to it."""

    as_of: Day = None
    outcomes_until: Day = None


@dataclass(frozen=True)
class AuditDraw:
    """How many claims are audited, and the draw among them."""

    budget: Budget = None
    seed: Annotated[int, typer.Option(help="Public seed of the audit draw.")] = 1
    cover_enterprises: Cover = None


@dataclass(frozen=True)
class Execution:
    """Where the steps are computed."""

    engine: Annotated[
        Literal["duckdb", "spark"], typer.Option(help="In this process, or on a Spark cluster.")
    ] = "duckdb"
    master: Annotated[
        str, typer.Option(help="Spark master, e.g. spark://host:7077; with --engine spark.")
    ] = "local[*]"


def score(
    data: Data,
    reading: Reading,
    dates: Dates,
    draw: AuditDraw,
    execution: Execution,
    workspace: Workspace_ = WORKSPACE,
    rank_by: Annotated[
        Literal["expected_loss", "risk"] | None, typer.Option(help="Order of the list.")
    ] = None,
) -> None:
    """Score claims: one immutable run with ranked list, rings, prices, reasons and audit plan.

    Example: fraud-pipeline score --data data_samples/wuhan --programme wuhan -w demo
    """
    from fraud_pipeline.cli import run_summary
    from fraud_pipeline.engine import runner
    from fraud_pipeline.store.workspace import locked

    request = runner.Request(
        data=data, workspace=workspace, rank_by=rank_by, programme=reading.programme,
        mapping=reading.mapping, settings=reading.settings, packs=reading.packs,
        as_of=day_if_given(dates.as_of), outcomes_until=day_if_given(dates.outcomes_until),
        budget=draw.budget, seed=draw.seed, cover_enterprises=draw.cover_enterprises,
    )  # fmt: skip
    with (
        _engine(execution, workspace) as chosen,
        locked(workspace) as place,
        progress(*step_names()) as begins,
    ):
        run = runner.score(request, place, begins, chosen)
    show(run_summary.of_run(run))


def plan_audit(
    budget: Annotated[int, typer.Option(min=1, help="Claims to audit.")],
    seed: Annotated[int, typer.Option(help="Public seed of the draw.")] = 1,
    cover_enterprises: Cover = None,
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    settings: SettingsFile = None,
) -> None:
    """Draw another audit sample from a run's ranking; the run itself stays as it is.

    Example: fraud-pipeline plan-audit --budget 120 --seed 7 --cover-enterprises 0.1 -w demo
    """
    from fraud_pipeline.engine import audit_plan, runner
    from fraud_pipeline.store.workspace import locked

    with locked(workspace) as place:
        plan = audit_plan.plan_audit(
            place, run, runner.read_settings(settings), budget, seed, cover_enterprises
        )
    show(plan)


def train(
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    settings: SettingsFile = None,
) -> None:
    """Learn a risk model from the outcomes known to a run; the next run uses it.

    Example: fraud-pipeline train -w demo
    """
    from fraud_pipeline.engine import runner, training
    from fraud_pipeline.store.workspace import locked

    with locked(workspace) as place:
        learned = training.train(place, run, runner.read_settings(settings))
    show(learned)


def step_names() -> tuple[list[str], list[str]]:
    """The steps of a run in order, and what people call them in the language in use."""
    from fraud_pipeline.pipeline import STEPS
    from fraud_pipeline.vocabulary.messages import one_of, t

    words = {"ingest": t("step.ingest")}
    words |= {step.name: one_of(step.zh, step.name) for step in STEPS}
    words["publish"] = t("step.publish")
    return list(words), list(words.values())


@contextmanager
def _engine(execution: Execution, workspace: Path) -> Iterator[runner.Engine | None]:
    """The engine the steps run on, None for this process; a cluster's session is closed again."""
    if execution.engine == "duckdb":
        yield None
        return
    from fraud_pipeline.engine import spark

    engine = spark.open_engine(execution.master, workspace)
    try:
        yield engine
    finally:
        engine.close()
