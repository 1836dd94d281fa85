"""Repeats a published run from its clean tables and compares every file byte for byte.

After an upgrade the code is another one: the run is repeated all the same, and where bytes differ
the tables are compared row by row, so that it is known what the new code changes and what not.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fraud_pipeline.engine import runner
from fraud_pipeline.engine.manifest import recorded
from fraud_pipeline.engine.setup import setup_of_run
from fraud_pipeline.engine.table_difference import difference
from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.pipeline import STEPS
from fraud_pipeline.schema import OUTPUT_TABLES
from fraud_pipeline.store import files, runs, version
from fraud_pipeline.store.staging import Staged, Staging
from fraud_pipeline.store.workspace import Workspace

_SUFFIX = ".parquet"


@dataclass(frozen=True)
class Replayed:
    """The number of files that came out equal, and whether other code than the run's made them."""

    n_equal: int
    is_other_code: bool


def replay(run: runs.Run, workspace: Workspace) -> Replayed:
    """Recomputes every step in a temporary folder and compares the files with the published ones.

    Raises IntegrityError naming the first file that comes out differently; when the run was made
    by other code than is installed here, naming all of them, with rows and cells of each table.
    """
    setup, manifest = setup_of_run(run, workspace), run.manifest
    is_other_code = recorded(run, "code") != version.code_version()
    equal, changes = 0, []
    with tempfile.TemporaryDirectory() as scratch:
        staging = Staging(Path(scratch))
        clean = run.tables()
        loaded = staging.keep(
            "ingest", "replay",
            {**{f"clean/{name}": clean[name] for name in clean},
             "quarantine": run.table("quarantine"), "repairs": run.table("repairs"),
             "accounts": manifest["tables"], "supplied": {"tables": manifest["supplied"]}},
            dict,
        )  # fmt: skip
        repeated = runner.RunInProgress(run.run_id, setup, staging, "replay", loaded, {})
        for step in STEPS:
            staged = runner.run_step(repeated, step)[0]
            equal += sum(name in manifest["outputs"] for name in staged.published())
            for name, path in _different(manifest["outputs"], staged):
                if not is_other_code:
                    raise IntegrityError(f"run {run.run_id}: {name} comes out differently")
                changes.append(_change(run, name, path))
    if changes:
        raise IntegrityError(
            f"{_made_by_other_code(run)}; {equal - len(changes)} files come out the same; "
            f"different: {'; '.join(changes)}"
        )
    return Replayed(equal, is_other_code)


def require_same_code(run: runs.Run) -> None:
    """Raises IntegrityError when the run was made by other code than is installed here."""
    if recorded(run, "code") != version.code_version():
        raise IntegrityError(_made_by_other_code(run))


def _made_by_other_code(run: runs.Run) -> str:
    """That, with both versions and the libraries that differ."""
    before, now = recorded(run, "code"), version.code_version()
    text = f"run {run.run_id} was made by other code than is installed here"
    text += f" ({_short(before)}, here {_short(now)}"
    libraries, present = recorded(run, "libraries"), version.library_versions()
    for name in sorted({*libraries, *present}):
        if libraries.get(name) != present.get(name):
            text += f"; {name} {libraries.get(name)}, here {present.get(name)}"
    return f"{text})"


def _short(code: dict[str, str]) -> str:
    return f"{code['version']} {code['sha256'][:12]}"


def _different(outputs: dict[str, str], staged: Staged) -> Iterator[tuple[str, Path]]:
    """The files of a step that were published with other bytes."""
    for name, path in staged.published().items():
        if name in outputs and files.sha256_of(path) != outputs[name]:
            yield name, path


def _change(run: runs.Run, name: str, path: Path) -> str:
    """What is different in a file, in words."""
    table = name.removesuffix(_SUFFIX)
    if table == name or table not in OUTPUT_TABLES:
        return name
    before, now = run.table(table), files.read_table(path)
    return f"{name} ({difference(before, now, OUTPUT_TABLES[table].key)})"
