"""The command line: parse, call, print.

Bad input ends with one clear line on standard error and exit status 2. Commands
that need the orchestrator (``demo``, ``schedule``) come from the flows through
the entry-point group ``fraud_pipeline.commands``, because this package does not
import them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from fraud_pipeline.commands import audit as audit_commands
from fraud_pipeline.commands import model as model_commands
from fraud_pipeline.commands import night as night_commands
from fraud_pipeline.commands import price as price_commands
from fraud_pipeline.commands import programme as programme_commands
from fraud_pipeline.commands.backtest import backtest
from fraud_pipeline.commands.insiders import insiders
from fraud_pipeline.commands.new_flag import new_flag
from fraud_pipeline.commands.one_claim import score_claim
from fraud_pipeline.commands.simulate import simulate
from fraud_pipeline.commands.usage import usage
from fraud_pipeline.errors import FraudPipelineError

if TYPE_CHECKING:
    from fraud_pipeline import conduct

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
out = Console(highlight=False, soft_wrap=True)

Workspace_ = Annotated[Path, typer.Option("--workspace", "-w", help="Where runs are kept.")]
Data = Annotated[str, typer.Option("--data", help="Folder, workbook, file or database URL.")]
Programme = Annotated[str | None, typer.Option(help="Programme pack id, e.g. wuhan.")]
Mapping_ = Annotated[Path | None, typer.Option(help="TOML file for foreign column names.")]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="TOML file of settings.")]
Packs = Annotated[Path | None, typer.Option(help="Folder of your own packs and overrides.")]
RunId = Annotated[str | None, typer.Option("--run", help="Run id; default the last one.")]
Language = Annotated[Literal["zh", "en"], typer.Option("--lang", help="Language of the words.")]
Day = Annotated[str | None, typer.Option(help="A date, YYYY-MM-DD.")]

WORKSPACE = Path("workspace")


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
    from fraud_pipeline import conduct, summary
    from fraud_pipeline.store.workspace import locked

    request = conduct.Request(
        data=data, workspace=workspace, programme=programme, mapping=mapping,
        as_of=_day(as_of), outcomes_until=_day(outcomes_until), settings=settings, packs=packs,
        budget=budget, seed=seed, cover_enterprises=cover_enterprises,
    )  # fmt: skip
    with (
        _engine(engine, master, workspace) as chosen,
        locked(workspace) as place,
        progress_bar() as tell,
    ):
        run = conduct.score(request, place, tell, chosen)
    out.print(summary.of_run(run), markup=False)


@app.command()
def check(
    data: Data,
    programme: Programme = None,
    mapping: Mapping_ = None,
    settings: SettingsFile = None,
    packs: Packs = None,
    to: Annotated[Path | None, typer.Option("--out", help="XLSX of what to send back.")] = None,
    suggest_mapping: Annotated[
        Path | None,
        typer.Option(help="TOML file to draft for foreign headers; nothing else is done."),
    ] = None,
) -> None:
    """Load and account for every row; print the clerk's report; write only what is asked for."""
    from fraud_pipeline import checking, conduct, ingest
    from fraud_pipeline.store.packs import load_packs

    request = conduct.Request(
        data=data, workspace=WORKSPACE, programme=programme, mapping=mapping, packs=packs
    )
    chosen = conduct.read_settings(settings)
    if suggest_mapping is not None:
        found = checking.write_mapping(data, chosen.ingest, suggest_mapping)
        out.print(f"映射草稿 draft: {suggest_mapping} ({found} 张表 tables)", markup=False)
        return
    loaded = conduct.load(request, chosen, frozenset(load_packs(packs)))
    out.print(checking.report(loaded), markup=False)
    if to is not None:
        checking.write_send_back(loaded, to)
        out.print(f"退回清单 list to send back: {to}", markup=False)
    ingest.require_usable(loaded, chosen.ingest)


@app.command()
def parties(
    data: Data,
    programme: Programme = None,
    mapping: Mapping_ = None,
    settings: SettingsFile = None,
    packs: Packs = None,
    to: Annotated[Path | None, typer.Option("--out", help="XLSX of pairs for a person.")] = None,
) -> None:
    """Who is who where codes are missing or wrong: linked with evidence; doubtful pairs listed."""
    from fraud_pipeline import conduct, naming
    from fraud_pipeline.store.packs import load_packs

    request = conduct.Request(
        data=data, workspace=WORKSPACE, programme=programme, mapping=mapping, packs=packs
    )
    chosen = conduct.read_settings(settings)
    linked = naming.of_request(request, chosen, frozenset(load_packs(packs)))
    out.print(naming.report(linked), markup=False)
    if to is not None:
        naming.write_list(linked, to)
        out.print(f"名单 list: {to}", markup=False)


@app.command()
def explain(
    claim: Annotated[str, typer.Argument(help="Claim id.")],
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    lang: Language = "zh",
    plot: Annotated[Path | None, typer.Option(help="Also draw it: waterfall plot, PNG.")] = None,
) -> None:
    """The reasons behind one claim's place in the list, in words that add up to its score."""
    from fraud_pipeline import inspect_run

    out.print(inspect_run.explain_claim(workspace, run, claim, lang), markup=False)
    if plot is not None:
        inspect_run.draw_claim(workspace, run, claim, lang, plot)
        out.print(f"图 plot: {plot}", markup=False)


@app.command()
def ring(
    ring: Annotated[str, typer.Argument(help="Ring id.")],
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    lang: Language = "zh",
    graphml: Annotated[Path | None, typer.Option(help="Also write the ring as GraphML.")] = None,
    export: Annotated[
        Path | None,
        typer.Option(help="Also write it as .graphml, .gexf, .ftm.json, .json or .csv."),
    ] = None,
    unmasked: Annotated[bool, typer.Option(help="Show personal data in full.")] = False,
) -> None:
    """One ring: its story, members, evidence and claims."""
    from fraud_pipeline import inspect_run

    told = inspect_run.describe_ring(workspace, run, ring, lang, unmasked=unmasked)
    out.print(told, markup=False)
    if graphml is not None:
        inspect_run.write_graphml(workspace, run, ring, graphml, unmasked=unmasked)
        out.print(f"GraphML: {graphml}", markup=False)
    if export is not None:
        inspect_run.export_ring(workspace, run, ring, export, unmasked=unmasked)
        out.print(f"已写出 written: {export}", markup=False)


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
    from fraud_pipeline import after_run, conduct
    from fraud_pipeline.store.workspace import locked

    with locked(workspace) as place:
        drawn = after_run.plan_audit(
            place, run, conduct.read_settings(settings), budget, seed, cover_enterprises
        )
    out.print(drawn, markup=False)


@app.command()
def train(
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    settings: SettingsFile = None,
) -> None:
    """Learn a risk model from the outcomes known to a run; the next run uses it."""
    from fraud_pipeline import after_run, conduct
    from fraud_pipeline.store.workspace import locked

    with locked(workspace) as place:
        out.print(after_run.train(place, run, conduct.read_settings(settings)), markup=False)


@app.command()
def export(
    to: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    formats: Annotated[str, typer.Option("--formats", help="csv, xlsx or both.")] = "csv,xlsx",
    unmasked: Annotated[bool, typer.Option(help="Show personal data in full.")] = False,
) -> None:
    """Write a run's tables for Excel; personal data is masked unless asked otherwise."""
    from fraud_pipeline.store import runs
    from fraud_pipeline.store.exports import export_run

    chosen = runs.find(workspace, run)
    wanted = tuple(part.strip() for part in formats.split(",") if part.strip())
    for path in export_run(chosen.folder, to, formats=wanted, masked=not unmasked):
        out.print(str(path), markup=False)


@contextmanager
def _engine(name: str, master: str, workspace: Path) -> Iterator[conduct.Engine | None]:
    """The engine the steps run on, None for this process; a cluster's session is closed again."""
    if name == "duckdb":
        yield None
        return
    from fraud_pipeline import spark

    engine = spark.open_engine(master, workspace)
    try:
        yield engine
    finally:
        engine.close()


@contextmanager
def progress_bar() -> Iterator[Callable[[str], None]]:
    """A progress display over the steps of a run; yields the function that hears them."""
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


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a date has no zone
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date like 2018-05-01") from error


def main() -> None:
    """The entry point: errors of ours in one line with exit status 2, bugs with traceback."""
    for command in sorted(entry_points(group="fraud_pipeline.commands"), key=lambda e: e.name):
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
