"""Registers every artefact of a workspace in the ledger: runs, models, plans, packs, decisions.

A model is stored by ``train``, a plan by ``plan-audit``, packs are an agency's own files. All
are registered from what is on disk, at the next publication at the latest.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from fraud_pipeline.errors import WorkspaceError
from fraud_pipeline.store import files, ledger, references
from fraud_pipeline.store.runs import register_runs
from fraud_pipeline.store.workspace import Workspace

DRAWN_PLAN = "audit_plan.parquet"  # a plan that is committed to but not drawn yet will still change


def register_artefacts(workspace: Workspace) -> None:
    """Adds a ledger line for every run, model, plan and pack folder that has none yet.

    The workspace must be locked by the caller.
    """
    register_runs(workspace)
    lines = ledger.read(workspace)
    known = {(line.kind, line.subject) for line in lines}
    for kind, folder in artefact_folders(workspace):
        if (kind, folder.name) not in known:
            ledger.append(workspace, kind, folder.name, folder_sha256(folder))
    # The head of the workbench's own log: neither chain can then be cut without the other.
    with contextlib.suppress(WorkspaceError):  # an unreachable database must not stop a run
        head = references.decisions_head(workspace)
        if head is not None:
            ledger.append(workspace, "decisions", str(head), head.hash)


def artefact_folders(workspace: Workspace) -> list[tuple[str, Path]]:
    """Kind and folder of every model, plan and kept pack folder on disk, in a fixed order."""
    roots = {
        "model": workspace.models / "risk",
        "packs": workspace.path / "packs",
        "plan": workspace.path / "plans",
    }
    return [
        (kind, folder)
        for kind, root in roots.items()
        for folder in sorted(root.glob("[!.]*"))
        if folder.is_dir() and (kind != "plan" or (folder / DRAWN_PLAN).is_file())
    ]


def folder_sha256(folder: Path) -> str:
    """SHA-256 over the names and hashes of the files below ``folder``."""
    hashes = {p.relative_to(folder).as_posix(): files.sha256_of(p)
              for p in sorted(folder.rglob("*")) if p.is_file()}  # fmt: skip
    return files.sha256_text(files.dump_json(hashes))
