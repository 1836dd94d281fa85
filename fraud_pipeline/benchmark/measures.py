"""What is measured of one detection on one case, in the words of the field."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import average_precision_score

from fraud_pipeline.benchmark.case import Case
from fraud_pipeline.benchmark.detection import Detection

SHOWN = 20  # groups a team of investigators can look at
_FEWEST = 20  # honest claims of a look-alike group, below which a ratio says nothing


def measure(case: Case, detection: Detection) -> dict[str, float]:
    """Name to number; a measure that does not apply to the detection is left out."""
    figures: dict[str, float] = {}
    if detection.score is not None:
        likely = detection.score if detection.probability is None else detection.probability
        figures |= of_ranking(case, detection.score, likely)
        figures |= of_typologies(case, detection.score)
        figures |= of_lookalikes(case, detection.score)
    if detection.probability is not None:
        figures["calibration error"] = calibration_error(
            detection.probability, case.answer["improper"].to_numpy(dtype=float)
        )
    if detection.drawn is not None:
        figures["money held by the drawn list"] = _held(
            case, case.claims["claim_id"].isin(detection.drawn).to_numpy()
        )
    if detection.interval is not None:
        rate = float(case.answer["improper"].mean())
        low, high = detection.interval
        figures["interval covers the rate"] = float(low <= rate <= high)
    if detection.groups and case.planted:
        figures |= of_groups(list(case.planted.values()), detection.groups[:SHOWN])
        figures["honest look-alikes in the first 10"] = honest_groups(case, detection.groups[:10])
    return figures


def of_ranking(case: Case, score: np.ndarray, likely: np.ndarray) -> dict[str, float]:
    """Precision and share of lost money held at 5, 10 and 20 %, by ``score``.

    Average precision asks which claims are improper, whatever their amount, and so goes
    by ``likely``: the detector's probability where it gives one.
    """
    improper = case.answer["improper"].to_numpy()
    order = np.argsort(-score, kind="stable")
    figures = {"average precision": float(average_precision_score(improper, likely))}
    for percent in (5, 10, 20):
        top = np.zeros(len(score), dtype=bool)
        top[order[: max(1, len(score) * percent // 100)]] = True
        figures[f"precision at {percent} %"] = float(improper[top].mean())
        figures[f"money at {percent} %"] = _held(case, top)
    return figures


def of_typologies(case: Case, score: np.ndarray) -> dict[str, float]:
    """Share of the improper claims of each typology within the first tenth."""
    top = _first_tenth(case, score)
    typology = case.answer["typology"].where(case.answer["improper"])
    return {f"recall of {t}": float(top[(typology == t).to_numpy()].mean())
            for t in sorted(typology.dropna().unique())}  # fmt: skip


def of_lookalikes(case: Case, score: np.ndarray) -> dict[str, float]:
    """How much likelier than any honest claim one of each group is within the first tenth."""
    top, honest = _first_tenth(case, score), ~case.answer["improper"].to_numpy()
    usual = max(float(top[honest].mean()), 1.0 / max(1, honest.sum()))
    return {
        f"false alarms of {name}": float(top[member & honest].mean()) / usual
        for name, member in case.lookalikes.items()
        if (member & honest).sum() >= _FEWEST
    }


def of_groups(
    planted: Sequence[frozenset[str]], shown: Sequence[frozenset[str]]
) -> dict[str, float]:
    """A shown group finds a ring when the Jaccard overlap of their parties is half or more."""
    overlap = np.array([[len(p & g) / len(p | g) for g in shown] for p in planted])
    return {
        "rings found": float((overlap.max(axis=1) >= 0.5).mean()),
        "shown groups that are rings": float((overlap.max(axis=0) >= 0.5).mean()),
    }


def honest_groups(case: Case, shown: Sequence[frozenset[str]]) -> float:
    """How many shown groups hold no improper claim and are mostly one kind of look-alike."""
    claims, improper = case.claims, case.answer["improper"].to_numpy()
    enterprises = claims["enterprise_id"]
    kinds = [frozenset(enterprises[member]) for member in case.lookalikes.values()]
    count = 0
    for group in shown:
        inside = (enterprises.isin(group) & claims["institution_id"].isin(group)).to_numpy()
        members = frozenset(enterprises[enterprises.isin(group)])
        alike = any(len(members & kind) >= 0.75 * len(members) for kind in kinds if members)
        count += alike and not improper[inside].any()
    return float(count)


def calibration_error(probability: np.ndarray, happened: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over bins of equal size (Naeini et al. 2015)."""
    order = np.argsort(probability, kind="stable")
    parts = np.array_split(order, bins)
    gaps = [abs(probability[p].mean() - happened[p].mean()) * len(p) for p in parts if len(p)]
    return float(sum(gaps) / len(order))


def _first_tenth(case: Case, score: np.ndarray) -> np.ndarray:
    top = np.zeros(len(score), dtype=bool)
    top[np.argsort(-score, kind="stable")[: case.budget]] = True
    return top


def _held(case: Case, chosen: np.ndarray) -> float:
    loss = case.answer["true_loss"].to_numpy()
    return float(loss[chosen].sum() / loss.sum()) if loss.sum() > 0 else float("nan")
