"""The detectors that compete: every module of this folder, and any file named besides.

A module holds ``DETECTORS``, a list of ``Detector``. That is all it takes to be on the
leaderboard.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from fraud_pipeline.benchmark.detection import Detector
from fraud_pipeline.errors import SettingsError

_KINDS = {"product": 0, "ablation": 1, "floor": 2}


def every(more: Iterable[Path] = ()) -> list[Detector]:
    """The product first, then ablations and floors by name; SettingsError for a bad file."""
    modules = [
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    ]
    detectors = [d for module in [*modules, *map(_load, more)] for d in _detectors(module)]
    names = [d.name for d in detectors]
    if twice := {n for n in names if names.count(n) > 1}:
        raise SettingsError(f"two detectors are called {sorted(twice)[0]!r}")
    return sorted(detectors, key=lambda d: (_KINDS.get(d.kind, 3), d.name))


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"detector_{path.stem}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SettingsError(f"{path}: not a Python file with detectors")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _detectors(module: ModuleType) -> list[Detector]:
    listed = getattr(module, "DETECTORS", None)
    if not isinstance(listed, list) or not all(isinstance(d, Detector) for d in listed):
        raise SettingsError(f"{module.__name__}: DETECTORS must be a list of Detector")
    return listed
