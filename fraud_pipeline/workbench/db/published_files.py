"""Files that the workbench writes for the next run, and the hashes by which a changed one is found.

The hashes stand in a file of their own, relative to the workspace. They find a changed byte that
changes no value; a forged value is found by comparison with the decisions.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from fraud_pipeline.errors import FraudPipelineError, IntegrityError
from fraud_pipeline.store import files

FOLDER = "decisions"
HASHES = f"{FOLDER}/hashes.json"  # not a suffix that a run reads as a table


def write_table(workspace: Path, name: str, table: pa.Table) -> None:
    """Writes ``table`` to ``workspace/name`` unless the same bytes are there, and notes its hash."""
    path = workspace / name
    is_recorded = _is_recorded(workspace, name)
    if not (is_recorded and files.read_table(path).equals(table)):
        files.write_table(path, table)
        _record(workspace, name)


def write_bytes(workspace: Path, name: str, data: bytes) -> None:
    """Writes ``data`` to ``workspace/name`` and notes its hash."""
    files.write_bytes(workspace / name, data)
    _record(workspace, name)


def faults(workspace: Path) -> Iterator[str]:
    """Every published file that is missing, changed, or in the folder without being noted."""
    if not (workspace / HASHES).is_file():  # a workspace of an earlier version
        return
    try:
        known = _recorded(workspace)
        for name, digest in sorted(known.items()):
            path = workspace / name
            if not path.is_file():
                yield f"{name} is missing"
            elif files.sha256_of(path) != digest:
                yield f"{name} was changed after it was written"
    except IntegrityError as error:
        yield str(error)
        return
    for path in sorted((workspace / FOLDER).glob("[!.]*.parquet")):
        if f"{FOLDER}/{path.name}" not in known:
            yield f"{FOLDER}/{path.name} was not written by the workbench"


def _is_recorded(workspace: Path, name: str) -> bool:
    path = workspace / name
    return path.is_file() and _recorded(workspace).get(name) == files.sha256_of(path)


def _record(workspace: Path, name: str) -> None:
    known = _recorded(workspace) | {name: files.sha256_of(workspace / name)}
    files.write_json(workspace / HASHES, {"files": known, "sha256": _own_hash(known)})


def _recorded(workspace: Path) -> dict[str, str]:
    """File to SHA-256. Raises IntegrityError when this record itself was changed."""
    path = workspace / HASHES
    if not path.is_file():
        return {}
    with contextlib.suppress(FraudPipelineError, AttributeError, KeyError, TypeError, ValueError):
        record = files.read_json(path)
        known = dict(record["files"])
        if record["sha256"] == _own_hash(known):
            return known
    raise IntegrityError(f"{HASHES} is not what was written")


def _own_hash(known: dict[str, str]) -> str:
    return files.sha256_text(files.dump_json(known))
