"""The manifest of a run: its dependencies and what a reader needs to understand them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from fraud_pipeline.engine.dependencies import Dependencies, read_field
from fraud_pipeline.engine.loading import Request, account_rows, supplied_tables
from fraud_pipeline.schema.loaded import Loaded
from fraud_pipeline.store.runs import Run

# Keys that the manifest gets at publication; the report of a run cannot show them.
_ADDED_AT_PUBLICATION = frozenset(
    {"steps", "published", "outputs", "before", "engine", "environment"}
)


def describe(
    dependencies: Dependencies, request: Request, loaded: Loaded, own_packs: str | None
) -> dict[str, Any]:
    """The manifest of a run before its first step, plain JSON values.

    ``own_packs`` names the workspace's copy of the agency's packs.
    """
    return {
        "run_id": dependencies.run_id,
        **dependencies.as_record(),
        "programmes": pc.unique(loaded.tables["claims"]["programme"]).to_pylist(),
        "tables": dict(sorted(account_rows(loaded).items())),
        "supplied": supplied_tables(loaded),
        "notes": list(loaded.notes),
        "own_packs": own_packs,
        # A database address may hold a password and is not recorded.
        "source": request.data if "://" not in request.data else "database",
    }


def before_publication(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A published manifest as it was while the steps ran."""
    return {key: value for key, value in manifest.items() if key not in _ADDED_AT_PUBLICATION}


def recorded(run: Run, name: str) -> Any:
    """One field of a published run's dependencies, read back from its manifest."""
    return read_field(run.manifest, name, f"run {run.run_id}")


def dependencies_of(run: Run) -> Dependencies:
    """What a published run depends on, read back from its manifest."""
    return Dependencies.from_record(run.manifest, f"run {run.run_id}")
