"""Why a drawn claim was drawn: certain, by its risk, by Huzhou's groups, or by chance."""

from __future__ import annotations

import numpy as np

from fraud_pipeline.audit.design import Design
from fraud_pipeline.audit.draw import ONE, hits, start

CERTAINTY, RISK, HUZHOU, RANDOM = "certainty", "risk", "huzhou", "random"
STRATA = (CERTAINTY, RISK, HUZHOU, RANDOM)


def strata_of(design: Design, order: np.ndarray, seed: int, frame_hash: str) -> list[str]:
    """The stratum of each drawn claim, in the order of the frame.

    Of a claim's probability, the common floor is due to chance, Huzhou's floor
    above it to Huzhou's groups, and the rest to its risk. Which part drew it is
    settled by systematic sampling among the drawn, in the order of drawing: the
    random stratum has its expected size to within one claim and is an
    equal-probability sample of every claim that is not certain.
    """
    units, floors = design.units, design.floors
    code = np.full(len(units), STRATA.index(RISK))
    code[units == ONE] = STRATA.index(CERTAINTY)
    rest = np.flatnonzero((order > 0) & (units < ONE))
    rest = rest[np.argsort(order[rest])]
    chosen = _settled(floors.random / design.probabilities[rest], seed, frame_hash, RANDOM)
    code[rest[chosen]] = STRATA.index(RANDOM)
    rest = rest[~chosen]
    above = np.maximum(floors.huzhou[rest] - floors.random, 0.0)
    other = np.maximum(design.probabilities[rest] - floors.random, 1e-12)
    chosen = _settled(above / other, seed, frame_hash, HUZHOU)
    code[rest[chosen]] = STRATA.index(HUZHOU)
    return [STRATA[number] for number in code[order > 0]]


def _settled(probability: np.ndarray, seed: int, frame_hash: str, stratum: str) -> np.ndarray:
    units = np.rint(np.minimum(probability, 1.0) * ONE).astype(np.int64)
    return hits(units, start(seed, frame_hash, f"stratum {stratum}"))
