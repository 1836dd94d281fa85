"""``fraud-pipeline model``: which risk model is used, and how to change that."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fraud_pipeline.store.workspace import locked

app = typer.Typer(no_args_is_help=True, help="Risk models: list, show, use, roll back.")
out = Console(highlight=False, soft_wrap=True)

Workspace_ = Annotated[Path, typer.Option("--workspace", "-w", help="Where runs are kept.")]
WORKSPACE = Path("workspace")


@app.command("list")
def list_models(workspace: Workspace_ = WORKSPACE) -> None:
    """The models that can be used here; the current one is marked."""
    from fraud_pipeline.store import models

    own = workspace / "models"
    current = models.load_model(own).name
    for name in models.names(own):
        out.print(f"{'*' if name == current else ' '} {name}", markup=False)
    for entry in models.history(own):
        out.print(f"  {entry['before']} -> {entry['model']}: {entry['why']}", markup=False)


@app.command()
def card(
    name: Annotated[str | None, typer.Argument(help="Model; default the current one.")] = None,
    workspace: Workspace_ = WORKSPACE,
) -> None:
    """What a model was made of, what it claims and where it fails."""
    from fraud_pipeline.store import models

    out.print(models.load_model(workspace / "models", name).files["card.md"], markup=False)


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
    out.print(f"{name}：下次评分起使用 used from the next run on", markup=False)


@app.command()
def rollback(workspace: Workspace_ = WORKSPACE) -> None:
    """Use the model again that was in use before."""
    from fraud_pipeline.store import models

    with locked(workspace) as place:
        name = models.roll_back(place.models)
    out.print(f"{name}：下次评分起使用 used from the next run on", markup=False)
