"""What code and which libraries made a run: part of what is needed to repeat it."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import fraud_pipeline

_LIBRARIES = (
    "duckdb", "lightgbm", "networkx", "numba", "numpy", "pandas", "pyarrow", "scikit-learn",
    "scipy", "shap",
)  # fmt: skip


@cache
def code_version() -> dict[str, str]:
    """The package version and a SHA-256 over all source and data files that can change a run.

    The workbench cannot: it only reads runs.
    """
    root = Path(fraud_pipeline.__file__).parent
    digest = hashlib.sha256()
    kinds = {".py", ".toml", ".j2", ".json", ".txt", ".css", ".js"}
    apart = {"_shipped", "workbench"}
    for path in sorted(
        p
        for p in root.rglob("*")
        if p.suffix in kinds and apart.isdisjoint(p.relative_to(root).parts)
    ):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return {"version": fraud_pipeline.__version__, "sha256": digest.hexdigest()}


@cache
def environment() -> dict[str, Any]:
    """Python and every installed package with its version: what to install to repeat a run."""
    packages = {str(d.metadata["Name"]).lower(): d.version for d in metadata.distributions()}
    return {"python": platform.python_version(), "packages": dict(sorted(packages.items()))}


def library_versions() -> dict[str, str]:
    versions = {name: metadata.version(name) for name in _LIBRARIES}
    return {"python": platform.python_version(), **versions}
