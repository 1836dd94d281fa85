"""Erasure of a person's data from published runs, with a record that proves what was changed.

A run whose files held a value is made anew beside the old one with tombstones in its place
(:mod:`fraud_pipeline.core.erasure`) and takes its folder. The record ``erasures/NNNN.json`` holds
who, when, on what ground, and every changed file with its hash before and after; the ledger binds
the record. The first line of the run stays in the ledger: the chain still says what was published.
"""

from __future__ import annotations

import html
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.erasure import Redaction
from fraud_pipeline.core.masking import MASKED
from fraud_pipeline.errors import FraudPipelineError, IntegrityError
from fraud_pipeline.schema.artefacts import ChunkedTable
from fraud_pipeline.store import files, ledger
from fraud_pipeline.store.ledger import Line
from fraud_pipeline.store.runs import MANIFEST, Run
from fraud_pipeline.store.workspace import Workspace

FOLDER, KIND = "erasures", "erasure"
Record = dict[str, Any]
Cells = dict[str, int]  # file of a run -> changed cells
_NAMES = frozenset({*MASKED, "name", "person_id"})  # columns that hold one text about one party
_PARTIES = {"clean/enterprises": "enterprise_id", "clean/institutions": "institution_id",
            "clean/relations": "party_id"}  # fmt: skip
_TEXT = (".json", ".html", ".csv", ".txt")


def record_path(workspace: Workspace, number: int) -> Path:
    return workspace.path / FOLDER / f"{number:04}.json"


def next_number(workspace: Workspace) -> int:
    return 1 + sum(line.kind == KIND for line in ledger.read(workspace))


def records(workspace: Workspace, lines: Sequence[Line]) -> list[Record]:
    """The records that the ledger names and that are as they were written."""
    known = []
    for line in lines:
        path = record_path(workspace, int(line.subject)) if line.kind == KIND else None
        if path is not None and path.is_file() and files.sha256_of(path) == line.sha256:
            known.append(dict(files.read_json(path)))
    return known


def faults(workspace: Workspace, lines: Sequence[Line]) -> Iterator[str]:
    """Records that are missing, changed, or in no line of the ledger."""
    known = {int(line.subject): line.sha256 for line in lines if line.kind == KIND}
    for number, sha256 in known.items():
        path = record_path(workspace, number)
        name = f"{FOLDER}/{path.name}"
        if not path.is_file():
            yield f"{name} is missing"
        elif files.sha256_of(path) != sha256:
            yield f"{name} was changed"
    for path in sorted((workspace.path / FOLDER).glob("[!.]*")):
        if path.name not in {f"{number:04}.json" for number in known}:
            yield f"{FOLDER}/{path.name} is not in the ledger"


def manifests(workspace: Workspace, lines: Sequence[Line]) -> dict[str, str]:
    """Run id -> SHA-256 of its manifest after the last erasure that changed the run."""
    return {
        run_id: str(changed["manifest_sha256"])
        for record in records(workspace, lines)
        for run_id, changed in record["runs"].items()
    }


def summary(record: Record) -> Record:
    """What a person is told of an erasure: never the values themselves."""
    cells = [f["cells"] for run in record["runs"].values() for f in run["files"].values()]
    names = ("number", "at", "by", "ground", "values", "rows", "uploads")
    return {**{n: record[n] for n in names}, "runs": len(record["runs"]), "cells": sum(cells),
            "n_uploads": len(record["uploads"])}  # fmt: skip


def texts_of_others(workspace: Workspace, values: Sequence[str]) -> tuple[str, ...]:
    """Names and numbers of other parties that hold one of ``values`` as a part of them."""
    texts_held: set[str] = set()
    for run in _runs(workspace):
        for path in sorted(run.folder.glob("clean/*.parquet")):
            columns = [name for name in files.types_of(path).names if name in _NAMES]
            for chunk in files.read_chunks(path, columns) if columns else ():
                for column in chunk.columns:
                    texts = pc.unique(column).drop_null().to_pylist()
                    texts_held |= {t for t in texts if any(v in t and v != t for v in values)}
    return tuple(sorted(texts_held))


def parties_with(run: Run, redaction: Redaction) -> list[str]:
    """Numbers of the parties of a run one of whose fields is one of the values."""
    parties: set[str] = set()
    wanted = pa.array(redaction.values, pa.string())
    for name, key in _PARTIES.items():
        path = run.folder / f"{name}.parquet"
        table = files.read_table(path) if path.is_file() else pa.table({})
        for column in (c for c in table.column_names if c in _NAMES):
            rows = table.filter(pc.is_in(table[column].cast(pa.string()), value_set=wanted))
            parties |= set(rows[key].to_pylist())
    return sorted(parties)


def count(workspace: Workspace, redaction: Redaction) -> dict[str, Cells]:
    """Run id -> file -> how many cells (of a text file: 1) hold one of the values."""
    counted = {}
    for run in _runs(workspace):
        cells = {
            name: n
            for name in run.manifest["outputs"]
            if (n := _n_cells(run.folder / name, redaction))
        }
        if cells:
            counted[run.run_id] = cells
    return counted


def prepare(workspace: Workspace, redaction: Redaction, counted: Mapping[str, Cells]) -> Record:
    """Makes every run that holds a value anew in a hidden folder; returns what changed, by run."""
    changed = {}
    for run in _runs(workspace):
        if run.run_id in counted:
            changed[run.run_id] = _prepare_run(run, redaction, counted[run.run_id])
    return changed


def commit(workspace: Workspace, record: Record) -> None:
    """Writes the record, binds it to the ledger, and puts the new runs in the old ones' places.

    Killed before the line of the ledger nothing has happened; killed after it,
    :func:`finish` does the rest.
    """
    path = record_path(workspace, record["number"])
    with files.writing(path):
        path.parent.mkdir(exist_ok=True)
    files.write_json(path, record)
    ledger.append(workspace, KIND, str(record["number"]), files.sha256_of(path))
    finish(workspace)


def finish(workspace: Workspace) -> None:
    """Ends what a killed erasure left: runs of one in the ledger take their places, others go."""
    registered = {line.subject for line in ledger.read(workspace) if line.kind == KIND}
    for root in (workspace.runs, workspace.pruned):
        for folder in sorted(root.glob(".*.erased-*")):
            run_id, number = folder.name[1:].rsplit(".erased-", 1)
            if number in registered and (folder / MANIFEST).is_file():
                _take_place(folder, root / run_id)
            else:
                shutil.rmtree(folder, ignore_errors=True)
        for folder in root.glob(".*.before-erasure"):
            shutil.rmtree(folder, ignore_errors=True)
    unbound = record_path(workspace, next_number(workspace))
    unbound.unlink(missing_ok=True)  # written, and killed before its line


def remainders(workspace: Workspace, redaction: Redaction) -> list[str]:
    """Files outside the runs that still hold a value; no command may change them."""
    roots = ("plans", "packs", "models", "decisions")
    paths = [p for root in roots for p in sorted((workspace.path / root).rglob("*")) if p.is_file()]
    paths += [p for p in (workspace.path / "nights.jsonl",) if p.is_file()]
    return [p.relative_to(workspace.path).as_posix() for p in paths if _n_cells(p, redaction)]


def _runs(workspace: Workspace) -> Iterator[Run]:
    for root in (workspace.runs, workspace.pruned):
        for folder in sorted(root.glob("[!.]*")):
            if (folder / MANIFEST).is_file():
                yield Run(folder)


def _n_cells(path: Path, redaction: Redaction) -> int:
    if path.suffix == ".parquet":
        columns = files.types_of(path).names if path.is_file() else []
        return sum(redaction.in_table(chunk)[1] for chunk in files.read_chunks(path, columns))
    if path.suffix in (*_TEXT, ".jsonl", ".toml") and path.is_file():
        return int(_rewritten(path.read_text("utf-8"), redaction) is not None)
    return 0


def _prepare_run(run: Run, redaction: Redaction, cells: Cells) -> Record:
    folder = run.folder.with_name(f".{run.run_id}.erased-{redaction.number}")
    manifest, changed = run.manifest, {}
    with files.writing(folder):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(run.folder, folder, copy_function=_linked)
    for name, n_cells in cells.items():
        (folder / name).unlink()
        _write_without(run.folder / name, folder / name, redaction)
        after = files.sha256_of(folder / name)
        changed[name] = {"before": manifest["outputs"][name], "after": after, "cells": n_cells}
        manifest["outputs"][name] = after
    manifest["erasures"] = [*manifest.get("erasures", []), redaction.number]
    (folder / MANIFEST).unlink()
    files.write_json(folder / MANIFEST, manifest)
    return {"files": changed, "manifest_sha256": files.sha256_of(folder / MANIFEST)}


def _linked(source: str, target: str) -> str:
    """Unchanged files cost no room: one more name for the same content, where that can be."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _write_without(source: Path, target: Path, redaction: Redaction) -> None:
    if source.suffix != ".parquet":
        text = _rewritten(source.read_text("utf-8"), redaction)
        if text is None:
            raise IntegrityError(f"{source}: changed while it was read")
        files.write_bytes(target, text.encode())
        return
    types = files.types_of(source)
    chunks = (redaction.in_table(chunk)[0] for chunk in files.read_chunks(source, types.names))
    files.write_table(target, ChunkedTable(types, chunks))


def _rewritten(text: str, redaction: Redaction) -> str | None:
    """The text without the values, also as HTML writes them; None when it holds none."""
    escaped = Redaction(
        redaction.number, tuple(html.escape(v) for v in redaction.values), redaction.others
    )
    new = escaped.replace(redaction.replace(text))
    return None if new == text else new


def _take_place(new: Path, place: Path) -> None:
    old = place.with_name(f".{place.name}.before-erasure")
    if place.is_dir() and not old.is_dir():
        place.rename(old)
    elif place.is_dir():
        raise FraudPipelineError(f"{old}: was left by an earlier erasure; remove it and try again")
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)
