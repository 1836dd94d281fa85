"""The command line: parse, call, print.

Bad input ends with one clear line on standard error and exit status 2. Commands
that need the orchestrator (``demo``, ``schedule``) come from the flows through
the entry-point group ``fraud_pipeline.cli.commands``, because this package does not
import them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fraud_pipeline.cli.commands import audit as audit_commands
from fraud_pipeline.cli.commands import model as model_commands
from fraud_pipeline.cli.commands import night as night_commands
from fraud_pipeline.cli.commands import price as price_commands
from fraud_pipeline.cli.commands import programme as programme_commands
from fraud_pipeline.cli.commands.backtest import backtest
from fraud_pipeline.cli.commands.insiders import insiders
from fraud_pipeline.cli.commands.intake import check, parties
from fraud_pipeline.cli.commands.new_flag import new_flag
from fraud_pipeline.cli.commands.one_claim import score_claim
from fraud_pipeline.cli.commands.options import (
    WORKSPACE,
    Data,
    Day,
    Mapping_,
    Packs,
    Programme,
    RunId,
    SettingsFile,
    Workspace_,
    day_if_given,
)
from fraud_pipeline.cli.commands.show import explain, export, ring
from fraud_pipeline.cli.commands.simulate import simulate
from fraud_pipeline.cli.commands.usage import usage
from fraud_pipeline.cli.output import say
from fraud_pipeline.errors import FraudPipelineError

if TYPE_CHECKING:
    from fraud_pipeline.engine import runner

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Ranks innovation-voucher redemption claims for audit, with reasons.",
)  # fmt: skip
app.add_typer(audit_commands.app, name="audit")
app.add_typer(model_commands.app, name="model")
app.add_typer(price_commands.app, name="price")
app.command()(backtest)
night_commands.register(app)
app.add_typer(programme_commands.app, name="programme")
app.command("new-flag")(new_flag)
app.command()(usage)
app.command()(insiders)
app.command("score-claim")(score_claim)
app.command()(simulate)
for command in (check, parties, explain, ring, export):
    app.command()(command)


@app.command()
def score(
    data: Data,
    programme: Programme = None,
    mapping: Mapping_ = None,
    as_of: Day = None,
    outcomes_until: Day = None,
    workspace: Workspace_ = WORKSPACE,
    settings: SettingsFile = None,
    packs: Packs = None,
    budget: Annotated[int | None, typer.Option(min=1, help="Claims to audit.")] = None,
    seed: Annotated[int, typer.Option(help="Public seed of the audit draw.")] = 1,
    cover_enterprises: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Least share of enterprises audited.")
    ] = None,
    engine: Annotated[
        Literal["duckdb", "spark"], typer.Option(help="In this process, or on a Spark cluster.")
    ] = "duckdb",
    master: Annotated[
        str, typer.Option(help="Spark master, e.g. spark://host:7077; with --engine spark.")
    ] = "local[*]",
) -> None:
    """Score claims: one immutable run with ranked list, rings, prices, reasons and audit plan."""
    from fraud_pipeline.cli import run_summary
    from fraud_pipeline.engine import runner
    from fraud_pipeline.store.workspace import locked

    request = runner.Request(
        data=data, workspace=workspace, programme=programme, mapping=mapping,
        as_of=day_if_given(as_of), outcomes_until=day_if_given(outcomes_until), settings=settings, packs=packs,
        budget=budget, seed=seed, cover_enterprises=cover_enterprises,
    )  # fmt: skip
    with (
        _engine(engine, master, workspace) as chosen,
        locked(workspace) as place,
        progress_bar() as tell,
    ):
        run = runner.score(request, place, tell, chosen)
    say(run_summary.of_run(run))


@app.command("plan-audit")
def plan_audit(
    budget: Annotated[int, typer.Option(min=1, help="Claims to audit.")],
    seed: Annotated[int, typer.Option(help="Public seed of the draw.")] = 1,
    cover_enterprises: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Least share of enterprises audited.")
    ] = None,
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    settings: SettingsFile = None,
) -> None:
    """Draw another audit sample from a run's ranking; the run itself stays as it is."""
    from fraud_pipeline.engine import audit_plan, runner
    from fraud_pipeline.store.workspace import locked

    with locked(workspace) as place:
        drawn = audit_plan.plan_audit(
            place, run, runner.read_settings(settings), budget, seed, cover_enterprises
        )
    say(drawn)


@app.command()
def train(
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    settings: SettingsFile = None,
) -> None:
    """Learn a risk model from the outcomes known to a run; the next run uses it."""
    from fraud_pipeline.engine import runner, training
    from fraud_pipeline.store.workspace import locked

    with locked(workspace) as place:
        say(training.train(place, run, runner.read_settings(settings)))


@contextmanager
def _engine(name: str, master: str, workspace: Path) -> Iterator[runner.Engine | None]:
    """The engine the steps run on, None for this process; a cluster's session is closed again."""
    if name == "duckdb":
        yield None
        return
    from fraud_pipeline.engine import spark

    engine = spark.open_engine(master, workspace)
    try:
        yield engine
    finally:
        engine.close()


@contextmanager
def progress_bar() -> Iterator[Callable[[str], None]]:
    """A progress display over the steps of a run; yields the function that hears them."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from fraud_pipeline.pipeline import STEPS

    words = {"ingest": "读取", **{step.name: step.zh for step in STEPS}, "publish": "发布"}
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=30),
        TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=len(words))

        def tell(step: str) -> None:
            bar.update(task, description=f"{words[step]} {step}", completed=list(words).index(step))

        yield tell


def main() -> None:
    """The entry point: errors of ours in one line with exit status 2, bugs with traceback."""
    for command in sorted(entry_points(group="fraud_pipeline.cli.commands"), key=lambda e: e.name):
        if command.name in sys.argv[1:2] or sys.argv[1:2] in ([], ["--help"]):
            app.command(command.name)(command.load())
    try:
        app()
    except FraudPipelineError as error:
        from fraud_pipeline.ingest.wording import printable

        line = f"fraud-pipeline: {error}".replace("\n", " ").rstrip()
        sys.stderr.write(printable(line) + "\n")  # names of files may hold anything
        sys.exit(2)


if __name__ == "__main__":
    main()
