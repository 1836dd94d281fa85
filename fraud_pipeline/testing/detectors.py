"""What a detector of the benchmark promises, shown on one small world."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from fraud_pipeline.benchmark import Case, Detection, Detector
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.testing.findings import refuse

_SAME_ON_ALL = ("score", "probability")


def check_detector(detector: Detector, case: Case, prepared: Any = None) -> None:
    """Raises ConformanceError unless the detector keeps the contract of the benchmark.

    It gives a score or groups; scores and probabilities are finite and one a claim, and
    probabilities lie between 0 and 1; groups and drawn claims name what is in the world;
    it answers the same twice, changes nothing it was shown, and never reads the answer.
    ``prepared``: what its ``prepare`` returned; a detector that has one and gets None is
    prepared on ``case`` itself.
    """
    refuse(f"detector {detector.name!r}", _findings(detector, case, prepared))


def _findings(detector: Detector, case: Case, prepared: Any) -> Iterator[str]:
    if not detector.name.strip() or not detector.words.strip():
        yield "it needs a name and words that say what it does"
    if detector.prepare is not None and prepared is None:
        prepared = detector.prepare([case])
    before = case.claims.copy(deep=True)
    try:
        detection = detector.checked(case, prepared)
    except SettingsError as error:
        yield str(error)
        return
    yield from _shape(detection, case)
    if not case.claims.equals(before):
        yield "it changes case.claims"
    blind = dataclasses.replace(case, answer=case.answer.iloc[:0], planted={}, lookalikes={})
    try:
        again = detector.checked(blind, prepared)
    except (KeyError, IndexError, ValueError, SettingsError) as error:
        yield f"it does not work without the answer, which it must not read ({error})"
    else:
        yield from _differences(detection, again)


def _shape(detection: Detection, case: Case) -> Iterator[str]:
    if detection.score is None and not detection.groups:
        yield "it gives neither a score nor groups"
    if (
        detection.probability is not None
        and not ((detection.probability >= 0) & (detection.probability <= 1)).all()
    ):
        yield "a probability lies outside 0 to 1"
    claims = case.tables["claims"]
    parties = {p for n in ("enterprise_id", "institution_id") for p in claims[n].to_pylist()}
    if strangers := sorted({p for group in detection.groups for p in group} - parties):
        yield f"a group names {strangers[0]!r}, which is no party of a claim"
    if unknown := sorted((detection.drawn or frozenset()) - set(case.claims["claim_id"])):
        yield f"it draws {unknown[0]!r}, which is no claim to be ranked"
    if (
        detection.interval is not None
        and not 0 <= detection.interval[0] <= detection.interval[1] <= 1
    ):
        yield f"the interval {detection.interval} is none of a share"


def _differences(detection: Detection, again: Detection) -> Iterator[str]:
    """The second answer was given without sight of the truth."""
    for name in _SAME_ON_ALL:
        first, second = getattr(detection, name), getattr(again, name)
        if (first is None) != (second is None) or (
            first is not None and not np.array_equal(first, second)
        ):
            yield f"{name} is another the second time, or depends on the answer"
    if list(detection.groups) != list(again.groups):
        yield "groups are others the second time, or depend on the answer"
    if detection.drawn != again.drawn:
        yield "drawn is another the second time, or depends on the answer"
