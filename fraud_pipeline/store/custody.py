"""What of a workspace stands in the ledger: entered after the fact, so that nothing is missed.

A model is stored by ``train``, a plan by ``plan-audit``, packs are an agency's own files. All
are entered by what is found on disk, at the next publication at the latest.
"""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from fraud_pipeline.errors import WorkspaceError
from fraud_pipeline.store import files, ledger, references
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.store.runs import enter_all as enter_runs
from fraud_pipeline.store.staging import key_of
from fraud_pipeline.store.workspace import Workspace

DRAWN = "audit_plan.parquet"  # a plan committed to and not drawn yet still grows


def enter_all(workspace: Workspace) -> None:
    """Enters every run, model, plan and kept pack folder that the ledger does not know yet."""
    enter_runs(workspace)
    lines = ledger.read(workspace)
    known = {(line.kind, line.subject) for line in lines}
    for kind, folder in found(workspace):
        if (kind, folder.name) not in known:
            ledger.append(workspace, kind, folder.name, folder_sha256(folder))
    # The head of the workbench's own log: neither chain can then be cut without the other.
    with contextlib.suppress(WorkspaceError):  # its database away must not cost a night
        head = references.decisions_head(workspace)
        if head is not None:
            ledger.append(workspace, "decisions", str(head), head.hash)


def found(workspace: Workspace) -> list[tuple[str, Path]]:
    """Kind and folder of every model, plan and kept pack folder on disk, in a fixed order."""
    places = {
        "model": workspace.models / "risk",
        "packs": workspace.path / "packs",
        "plan": workspace.path / "plans",
    }
    return [
        (kind, folder)
        for kind, root in places.items()
        for folder in sorted(root.glob("[!.]*"))
        if folder.is_dir() and (kind != "plan" or (folder / DRAWN).is_file())
    ]


def folder_sha256(folder: Path) -> str:
    """SHA-256 over the names and hashes of the files below ``folder``."""
    named = {p.relative_to(folder).as_posix(): files.sha256_of(p)
             for p in sorted(folder.rglob("*")) if p.is_file()}  # fmt: skip
    return files.sha256_text(files.dump_json(named))


def keep_packs(workspace: Workspace, extra: Path | None) -> str | None:
    """Keeps an agency's own pack files with the workspace; the name they are kept under.

    A run must stay repeatable when the folder it was given has changed since.
    """
    if extra is None:
        return None
    load_packs(extra)  # says in one line what is wrong, before anything is copied
    sources = sorted(extra.glob("*.toml")) if extra.is_dir() else [extra]
    name = key_of({p.name: files.sha256_of(p) for p in sources})
    place, temporary = workspace.path / "packs" / name, workspace.path / "packs" / f".{name}.tmp"
    if not place.is_dir():
        with files.writing(place):
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir(parents=True)
            for source in sources:
                shutil.copyfile(source, temporary / source.name)
            temporary.rename(place)
    return name


def kept_packs(workspace: Workspace, name: str | None) -> Path | None:
    """The folder of the packs a run was made with; None for the shipped ones alone."""
    return workspace.path / "packs" / name if name else None
