"""What a detector takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fraud_pipeline.benchmark.case import Case
from fraud_pipeline.errors import SettingsError


@dataclass(frozen=True)
class Detection:
    """One detector's answer on one world.

    ``score``: shape (n,), one number for each row of ``case.claims``, higher = audit first;
    or None from a detector that only finds groups. ``groups``: sets of party ids, best
    first. ``probability``: shape (n,), that an audit finds something, if the detector says
    so. ``drawn``: claim ids, when the list to audit is drawn and not simply the top.
    ``interval``: of the share of improper claims, estimated from auditing ``drawn``.
    """

    score: np.ndarray | None = None
    groups: Sequence[frozenset[str]] = ()
    probability: np.ndarray | None = None
    drawn: frozenset[str] | None = None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Detector:
    """A named detector.

    ``prepare`` is called once with cases of development seeds, truth and all; ``detect``
    gets what it returned as its second argument. A detector without ``prepare`` gets None
    there. ``kind``: 'product', 'ablation' or 'floor'.
    """

    name: str
    detect: Callable[[Case, Any], Detection]
    prepare: Callable[[Sequence[Case]], Any] | None = None
    kind: str = "floor"
    words: str = field(default="")

    def checked(self, case: Case, prepared: Any) -> Detection:
        """``detect``, refusing an answer of the wrong shape; SettingsError names the detector."""
        detection = self.detect(case, prepared)
        for name in ("score", "probability"):
            values = getattr(detection, name)
            if values is None:
                continue
            if values.shape != (len(case.claims),) or not np.isfinite(values).all():
                raise SettingsError(
                    f"detector {self.name!r}: {name} must be {len(case.claims)} finite numbers"
                )
        return detection
