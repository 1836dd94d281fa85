"""Every detector on the same worlds in the same run, with intervals over the seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fraud_pipeline.benchmark.case import TAUGHT_SEEDS, Case, Tools, make_case
from fraud_pipeline.benchmark.detection import Detector
from fraud_pipeline.benchmark.measures import measure
from fraud_pipeline.errors import SettingsError

_RESAMPLES = 2000


@dataclass(frozen=True)
class Leaderboard:
    """``figures[camouflage][detector][measure]``: one number a seed, in the order of ``seeds``.

    NaN where the measure does not apply to that world.
    """

    programme: str
    n_claims: int
    seeds: tuple[int, ...]
    detectors: tuple[tuple[str, str, str], ...]  # name, kind, words
    figures: dict[int, dict[str, dict[str, list[float]]]]

    def as_json(self) -> dict[str, Any]:
        """Rounded to four digits, so that a frozen file shows a change that matters."""
        rounded = {
            str(level): {
                name: {m: [None if np.isnan(v) else round(v, 4) for v in values]
                       for m, values in sorted(measures.items())}
                for name, measures in by_name.items()
            }
            for level, by_name in self.figures.items()
        }  # fmt: skip
        return {
            "programme": self.programme, "claims": self.n_claims, "seeds": list(self.seeds),
            "detectors": [list(d) for d in self.detectors], "figures": rounded,
        }  # fmt: skip

    @classmethod
    def from_json(cls, tree: dict[str, Any]) -> Leaderboard:
        """What :meth:`as_json` wrote. Raises SettingsError for anything else."""
        try:
            figures = {
                int(level): {
                    name: {m: [float("nan") if v is None else float(v) for v in values]
                           for m, values in measures.items()}
                    for name, measures in by_name.items()
                }
                for level, by_name in tree["figures"].items()
            }  # fmt: skip
            detectors = tuple((str(n), str(k), str(w)) for n, k, w in tree["detectors"])
            return cls(tree["programme"], int(tree["claims"]), tuple(tree["seeds"]), detectors,
                       figures)  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SettingsError("not a leaderboard as the benchmark writes it") from error

    def joined(self, more: Leaderboard) -> Leaderboard:
        """This board with the detectors of ``more``, which go before those of the same name.

        Raises SettingsError unless both were measured on the same worlds.
        """
        for own_value, other, what in (
            (self.programme, more.programme, "programme"), (self.n_claims, more.n_claims, "claims"),
            (self.seeds, more.seeds, "seeds"), (set(self.figures), set(more.figures), "camouflage"),
        ):  # fmt: skip
            if own_value != other:
                raise SettingsError(f"the leaderboards differ in {what}: {own_value} and {other}")
        new = {name for name, _, _ in more.detectors}
        unchanged = tuple(d for d in self.detectors if d[0] not in new)
        figures = {level: {**self.figures[level], **more.figures[level]} for level in self.figures}
        return replace(self, detectors=(*unchanged, *more.detectors), figures=figures)


def run(
    detectors: Sequence[Detector], tools: Tools, *, programme: str, n_claims: int,
    seeds: Sequence[int], camouflage: Sequence[int], progress: Callable[[str], None],
) -> Leaderboard:  # fmt: skip
    """Prepares each detector on development worlds, then judges it on every case."""
    taught = _prepared(detectors, tools, programme, n_claims, progress)
    figures: dict[int, dict[str, dict[str, list[float]]]] = {}
    for level in camouflage:
        rows: dict[str, list[dict[str, float]]] = {d.name: [] for d in detectors}
        for seed in seeds:
            case = make_case(programme, n_claims, seed, level, tools)
            progress(case.name)
            for detector in detectors:
                rows[detector.name].append(
                    measure(case, detector.checked(case, taught[detector.name]))
                )
        figures[level] = {name: _columns(measured) for name, measured in rows.items()}
    return Leaderboard(
        programme,
        n_claims,
        tuple(seeds),
        tuple((d.name, d.kind, d.words) for d in detectors),
        figures,
    )


def _prepared(
    detectors: Sequence[Detector], tools: Tools, programme: str, n_claims: int,
    progress: Callable[[str], None],
) -> dict[str, Any]:  # fmt: skip
    """Taught on worlds of medium camouflage, so that no level of the report is the one learned."""
    if not any(d.prepare for d in detectors):
        return {d.name: None for d in detectors}
    progress("development worlds")
    cases: list[Case] = [make_case(programme, n_claims, seed, 1, tools) for seed in TAUGHT_SEEDS]
    return {d.name: d.prepare(cases) if d.prepare else None for d in detectors}


def _columns(rows: list[dict[str, float]]) -> dict[str, list[float]]:
    names = sorted({name for row in rows for name in row})
    return {name: [row.get(name, float("nan")) for row in rows] for name in names}


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean over the seeds and its 95 % bootstrap interval; NaN seeds left out."""
    known = np.array([v for v in values if not np.isnan(v)])
    if known.size == 0:
        return (float("nan"),) * 3
    rng = np.random.default_rng(20160701)
    means = known[rng.integers(0, known.size, (_RESAMPLES, known.size))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(known.mean()), float(low), float(high)
