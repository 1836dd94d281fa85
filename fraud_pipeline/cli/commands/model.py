"""``fraud-pipeline model``: which risk model is used, and how to change that."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.cli.command import Commands
from fraud_pipeline.cli.options import WORKSPACE, RunId, Workspace_
from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.store.workspace import locked
from fraud_pipeline.vocabulary.messages import in_use, language, t

app = Commands(help="Risk models: list, show, use, roll back.")


@app.command("list")
def list_models(workspace: Workspace_ = WORKSPACE) -> None:
    """The models that can be used here; the current one is marked.

    Example: fraud-pipeline model list -w demo
    """
    from fraud_pipeline.store import models

    own = workspace / "models"
    current, names = models.load_model(own).name, models.names(own)
    history = [{**entry, "why": in_use(entry["why"])} for entry in models.history(own)]
    lines = [f"{'*' if name == current else ' '} {name}" for name in names]
    lines += [f"  {entry['before']} -> {entry['model']}: {entry['why']}" for entry in history]
    show(Report("\n".join(lines), {"current": current, "models": names, "history": history}))


@app.command()
def card(
    name: Annotated[str | None, typer.Argument(help="Model; default the current one.")] = None,
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    to: Annotated[Path | None, typer.Option("--out", help="Markdown file to write.")] = None,
) -> None:
    """What a model was made of and claims; on a run: data, metrics by group, stability, limits.

    Example: fraud-pipeline model card -w demo --out card.md
    """
    from fraud_pipeline.engine import run_queries
    from fraud_pipeline.store import files, models, runs
    from fraud_pipeline.store.workspace import Workspace

    model = models.load_model(workspace / "models", name)
    text = model.files["card.md"]
    run_id = None
    if run is not None or (workspace / "runs" / "LATEST").is_file():
        chosen = runs.find(workspace, run)
        run_id = chosen.run_id
        text = f"{text}\n{run_queries.card_of(chosen, Workspace(workspace), model)}\n"
    if to is not None:
        files.write_bytes(to, text.encode())
    facts = {"model": model.name, "sha256": model.sha256, "run_id": run_id, "card": text}
    show(Report(text, {**facts, "written": to}))


@app.command()
def plots(
    to: Annotated[Path, typer.Option("--out", help="Folder for the PNG files.")],
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    first: Annotated[int, typer.Option(min=0, max=100, help="Waterfalls of so many claims.")] = 3,
) -> None:
    """The run's summary plot and the waterfalls of its first claims, drawn by shap.

    Example: fraud-pipeline model plots --out plots --first 3 -w demo
    """
    from fraud_pipeline.engine import run_queries
    from fraud_pipeline.store import runs

    chosen = runs.find(workspace, run)
    written = [to / "summary.png"]
    run_queries.draw_summary(workspace, run, language(), written[0])
    for claim in chosen.table("ranked_claims").sort_by("rank")["claim_id"].to_pylist()[:first]:
        written.append(to / f"waterfall-{claim}.png")
        run_queries.draw_claim(workspace, run, claim, language(), written[-1])
    show(Report("\n".join(map(str, written)), {"run_id": chosen.run_id, "written": written}))


@app.command()
def use(
    name: Annotated[str, typer.Argument(help="A model of the list.")],
    why: Annotated[str, typer.Option(help="Goes on record.")],
    workspace: Workspace_ = WORKSPACE,
) -> None:
    """Use a model from the next run on, whatever its gate said.

    Example: fraud-pipeline model use base-2026 --why "approved by the committee" -w demo
    """
    from fraud_pipeline.store import models

    with locked(workspace) as place:
        models.use_model(place.models, name, why)
    show(Report(t("model.used", name=name), {"model": name}))


@app.command()
def rollback(workspace: Workspace_ = WORKSPACE) -> None:
    """Use the model again that was in use before.

    Example: fraud-pipeline model rollback -w demo
    """
    from fraud_pipeline.store import models

    with locked(workspace) as place:
        name = models.roll_back(place.models)
    show(Report(t("model.used", name=name), {"model": name}))
