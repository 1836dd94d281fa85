"""``fraud-pipeline audit``: commit to a plan, draw it, check it, close it; sample sizes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fraud_pipeline.cli.command import Commands
from fraud_pipeline.cli.options import WORKSPACE, Budget, Cover, RunId, SettingsFile, Workspace_
from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.errors import InputError
from fraud_pipeline.store.workspace import locked
from fraud_pipeline.vocabulary.messages import language, one_of, t

if TYPE_CHECKING:
    import pyarrow as pa

app = Commands(help="The sampled audit: commit, draw, verify, close.")

Folder = Annotated[Path, typer.Argument(help="The folder of a plan.")]


@app.command()
def size(
    tolerable: Annotated[str | None, typer.Option(help="Tolerable error rate, e.g. 0.05.")] = None,
    expected: Annotated[str, typer.Option(help="Expected error rate.")] = "0",
    confidence: Annotated[str, typer.Option(help="Confidence, e.g. 0.95.")] = "0.95",
    money: Annotated[bool, typer.Option(help="Monetary units (Poisson), not attributes.")] = False,
    half_width: Annotated[
        float | None, typer.Option(help="Instead: know a run's improper share to +- this.")
    ] = None,
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    settings: SettingsFile = None,
) -> None:
    """How many audits a wanted assurance or precision takes.

    Example: fraud-pipeline audit size --tolerable 0.05 --confidence 0.95
    """
    from fraud_pipeline import audit
    from fraud_pipeline.audit.enough import audits_for_half_width
    from fraud_pipeline.engine import run_queries, runner
    from fraud_pipeline.store import runs

    if (tolerable is None) == (half_width is None):
        raise InputError("give either --tolerable (an auditor's table) or --half-width (a run)")
    if tolerable is not None:
        planner = audit.poisson_sample_size if money else audit.binomial_sample_size
        try:
            n = planner(confidence, tolerable, expected)
        except ValueError as error:
            raise InputError(f"rates are numbers like 0.05: {error}") from error
        show(Report(t("audit.sample_size", n=n), {"sample_size": n}))
        return
    chosen = runs.find(workspace, run)
    n, width = audits_for_half_width(
        chosen.table("ranked_claims"), run_queries.known_to(chosen),
        runner.read_settings(settings).audit, float(half_width or 0.0),
    )  # fmt: skip
    facts = {"run_id": chosen.run_id, "sample_size": n, "half_width": width}
    show(Report(t("audit.half_width", n=n, points=100 * width), facts))


@dataclass(frozen=True)
class Effort:
    """What an audit may cost: claims, or days."""

    budget: Budget = None
    days: Annotated[float | None, typer.Option(help="Auditor-days to spend.")] = None
    days_by_claim: Annotated[Path | None, typer.Option(help="CSV claim_id, days.")] = None


@dataclass(frozen=True)
class Most:
    """The most claims to audit in one region or at one institution."""

    region: Annotated[list[str] | None, typer.Option(help="Limit NAME=N, repeatable.")] = None
    institution: Annotated[list[str] | None, typer.Option(help="Limit ID=N, repeatable.")] = None
    each_institution: Annotated[int | None, typer.Option(help="Most in any institution.")] = None


@app.command()
def commit(
    to: Annotated[Path, typer.Option("--out", help="Folder of the plan, new.")],
    effort: Effort,
    most: Most,
    cover_enterprises: Cover = None,
    visited: Annotated[
        Path | None, typer.Option(help="CSV enterprise_id: visited this year; counts over it.")
    ] = None,
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    settings: SettingsFile = None,
) -> None:
    """Fix a plan before its seed exists; publish the hash it prints, then take a public seed.

    Example: fraud-pipeline audit commit --out plan --budget 100 -w demo
    """
    from fraud_pipeline.audit.limits import Limits
    from fraud_pipeline.engine import audit_rounds as work
    from fraud_pipeline.engine import runner
    from fraud_pipeline.store import ledger, runs

    if to.exists() and any(to.iterdir()):
        raise InputError(f"{to}: the folder is not empty; a commitment is made once")
    table = None
    if effort.days_by_claim is not None:
        table = work.small_table(effort.days_by_claim, {"claim_id": "text", "days": "number"})
    limits = Limits(
        effort.days, table, _limits(most.region), _limits(most.institution), most.each_institution
    )
    before = None
    if visited is not None:
        before = work.small_table(visited, {"enterprise_id": "text"})["enterprise_id"].to_pylist()
    with locked(workspace) as place:
        chosen = runs.find(workspace, run)
        root = work.commit(
            chosen, runner.read_settings(settings).audit, effort.budget,
            cover_enterprises, limits, to, before,
        )  # fmt: skip
        ledger.append(place, "commitment", f"{chosen.run_id} {to.name}", root)
    zh, en = work.precision_of(to)
    lines = [one_of(zh, en), t("audit.publish", root=root), t("audit.then_draw", folder=to)]
    facts = {"run_id": chosen.run_id, "folder": to, "frame_sha256": root,
             "precision_zh": zh, "precision_en": en}  # fmt: skip
    show(Report("\n".join(lines), facts))


@app.command()
def draw(
    folder: Folder,
    seed: Annotated[int, typer.Option(help="The public seed, taken after the commitment.")],
    auditors: Annotated[Path | None, typer.Option(help="CSV auditor_id, days.")] = None,
    conflicts: Annotated[Path | None, typer.Option(help="CSV auditor_id, party_id.")] = None,
    spare: Annotated[int, typer.Option(min=0, help="Spare claims to name.")] = 10,
    workspace: Workspace_ = WORKSPACE,
) -> None:
    """Draw a committed plan: list, visits, spares, worksheet, two pages to print.

    Example: fraud-pipeline audit draw plan --seed 7 -w demo
    """
    from fraud_pipeline.engine import audit_rounds as work

    staff = _table(auditors, {"auditor_id": "text", "days": "number"})
    barred = _table(conflicts, {"auditor_id": "text", "party_id": "text"})
    with locked(workspace):
        summary = work.draw(workspace, folder, seed, staff, barred, spare)
    written = [folder / name for name in ("plan.zh.html", "plan.en.html", "worksheet.xlsx")]
    lines = [
        t("audit.drawn", budget=summary["budget"], strata=summary["strata"]),
        one_of(summary["precision_zh"], summary["precision_en"]),
        t("audit.written", paths=", ".join(map(str, written))),
    ]
    show(Report("\n".join(lines), {**summary, "folder": folder, "written": written}))


@app.command()
def verify(
    folder: Folder,
    committed: Annotated[str | None, typer.Option(help="The hash as it was published.")] = None,
) -> None:
    """Draw a published plan again and compare; one changed bit fails.

    Example: fraud-pipeline audit verify plan
    """
    from fraud_pipeline.engine import audit_rounds as work

    root = work.verify(folder, committed)
    facts = {"folder": folder, "frame_sha256": root}
    show(Report(t("audit.same", **facts, root=root), facts))


@app.command()
def close(
    folders: Annotated[list[Path], typer.Argument(help="Folders of drawn plans.")],
    to: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    outcomes: Annotated[
        list[Path] | None, typer.Option(help="Filled-in worksheet or outcomes file, repeatable.")
    ] = None,
    checks: Annotated[
        Path | None, typer.Option(help="Blind double checks: CSV claim_id, auditor_id, verdict.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="Verdicts known by YYYY-MM-DD.")] = None,
    workspace: Workspace_ = WORKSPACE,
    settings: SettingsFile = None,
) -> None:
    """Rate and amount from closed rounds, hit rates, and what the ranking had missed.

    Example: fraud-pipeline audit close plan --out closed --outcomes plan/worksheet.xlsx -w demo
    """
    from fraud_pipeline.engine import audit_rounds as work
    from fraud_pipeline.engine import runner

    try:
        day = date.fromisoformat(as_of) if as_of else date.max
    except ValueError as error:
        raise InputError(f"{as_of!r} is not a date like 2018-05-01") from error
    visited = None
    if checks is not None:
        names = dict.fromkeys(("claim_id", "auditor_id", "verdict"), "text")
        visited = work.small_table(checks, names)
    with locked(workspace):
        table = work.close_rounds(
            workspace,
            folders,
            outcomes or [],
            visited,
            day,
            runner.read_settings(settings).audit,
            to,
        )
    written = [to / "closing.zh.html", to / "closing.en.html"]
    rows = table.to_pylist()
    lines = [
        _estimate_line(r) for r in rows if (r["scope"], r["quantity"]) == ("all", "improper_share")
    ]
    lines.append(t("audit.written", paths=", ".join(map(str, written))))
    show(Report("\n".join(lines), {"estimates": rows, "written": written}))


def _estimate_line(row: dict[str, Any]) -> str:
    share = "—" if row["estimate"] is None else f"{row['estimate']:.2%}"
    note = row[f"note_{language()}"]
    return t("audit.estimate", estimator=row["estimator"], share=share, note=note)


def _table(path: Path | None, columns: dict[str, str]) -> pa.Table:
    from fraud_pipeline.engine import audit_rounds as work

    return work.empty_table(columns) if path is None else work.small_table(path, columns)


def _limits(entries: list[str] | None) -> dict[str, int]:
    limits = {}
    for text in entries or []:
        name, _, number = text.rpartition("=")
        if not name or not number.isdigit():
            raise InputError(f"a limit is written NAME=N, not {text!r}")
        limits[name] = int(number)
    return limits
