"""``fraud-pipeline model``: which risk model is used, and how to change that."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from fraud_pipeline.cli.commands.options import WORKSPACE, RunId, Workspace_
from fraud_pipeline.cli.output import say
from fraud_pipeline.store.workspace import locked

app = typer.Typer(no_args_is_help=True, help="Risk models: list, show, use, roll back.")


@app.command("list")
def list_models(workspace: Workspace_ = WORKSPACE) -> None:
    """The models that can be used here; the current one is marked."""
    from fraud_pipeline.store import models

    own = workspace / "models"
    current = models.load_model(own).name
    for name in models.names(own):
        say(f"{'*' if name == current else ' '} {name}")
    for entry in models.history(own):
        say(f"  {entry['before']} -> {entry['model']}: {entry['why']}")


@app.command()
def card(
    name: Annotated[str | None, typer.Argument(help="Model; default the current one.")] = None,
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    to: Annotated[Path | None, typer.Option("--out", help="Markdown file to write.")] = None,
) -> None:
    """What a model was made of and claims; on a run: data, metrics by group, stability, limits."""
    from fraud_pipeline.engine import run_queries
    from fraud_pipeline.store import files, models, runs
    from fraud_pipeline.store.workspace import Workspace

    model = models.load_model(workspace / "models", name)
    told = model.files["card.md"]
    if run is not None or (workspace / "runs" / "LATEST").is_file():
        chosen = runs.find(workspace, run)
        told = f"{told}\n{run_queries.card_of(chosen, Workspace(workspace), model)}\n"
    if to is not None:
        files.write_bytes(to, told.encode())
    say(told)


@app.command()
def plots(
    to: Annotated[Path, typer.Option("--out", help="Folder for the PNG files.")],
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    first: Annotated[int, typer.Option(min=0, max=100, help="Waterfalls of so many claims.")] = 3,
    lang: Annotated[Literal["zh", "en"], typer.Option("--lang")] = "zh",
) -> None:
    """The run's summary plot and the waterfalls of its first claims, drawn by shap."""
    from fraud_pipeline.engine import run_queries
    from fraud_pipeline.store import runs

    chosen = runs.find(workspace, run)
    run_queries.draw_summary(workspace, run, lang, to / "summary.png")
    say(str(to / "summary.png"))
    for claim in chosen.table("ranked_claims").sort_by("rank")["claim_id"].to_pylist()[:first]:
        run_queries.draw_claim(workspace, run, claim, lang, to / f"waterfall-{claim}.png")
        say(str(to / f"waterfall-{claim}.png"))


@app.command()
def use(
    name: Annotated[str, typer.Argument(help="A model of the list.")],
    why: Annotated[str, typer.Option(help="Goes on record.")],
    workspace: Workspace_ = WORKSPACE,
) -> None:
    """Use a model from the next run on, whatever its gate said."""
    from fraud_pipeline.store import models

    with locked(workspace) as place:
        models.use_model(place.models, name, why)
    say(f"{name}：下次评分起使用 used from the next run on")


@app.command()
def rollback(workspace: Workspace_ = WORKSPACE) -> None:
    """Use the model again that was in use before."""
    from fraud_pipeline.store import models

    with locked(workspace) as place:
        name = models.roll_back(place.models)
    say(f"{name}：下次评分起使用 used from the next run on")
