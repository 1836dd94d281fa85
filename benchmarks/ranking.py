"""How much true loss the first tenth of the list holds, against floors, on report seeds.

    python -m benchmarks.ranking [--quick]

Tuned on seeds 1-10 (weights by reasoning, calibration by `benchmarks.calibrate`);
reported on seeds 101-110 at camouflage 0, 1 and 2.
"""

from __future__ import annotations

import sys

import numpy as np
from sklearn.metrics import average_precision_score

from benchmarks.chain import REPORT_SEEDS, Outcome, floors, scored


def measures(outcome: Outcome) -> dict[str, float]:
    claims = outcome.claims
    budget, total = len(outcome.listed), claims["loss"].sum()

    def held(score: np.ndarray) -> float:
        return float(
            claims["loss"].to_numpy()[np.argsort(-score, kind="stable")[:budget]].sum() / total
        )

    drawn = float(claims.loc[claims["claim_id"].isin(outcome.listed), "loss"].sum() / total)
    figures = {
        "our list, top tenth": held(-claims["rank"].to_numpy(dtype=float)),
        "our audit plan": drawn,
    }
    figures |= {name: held(score) for name, score in floors(claims).items()}
    figures["plan / largest amounts"] = drawn / figures["largest amounts"]
    figures["average precision"] = float(
        average_precision_score(claims["improper"], claims["log_odds"])
    )
    met, shown = recovered(outcome)
    figures["rings of 5+ found in the first 20"] = met
    figures["rings shown"] = shown
    figures["mean risk - true rate"] = float(claims["risk"].mean() - claims["improper"].mean())
    return figures


def recovered(outcome: Outcome, shown: int = 20) -> tuple[float, float]:
    """Share of planted rings with five parties or more that one of the first ``shown`` meets."""
    truth = outcome.truth.to_pandas()
    order = outcome.rings.rings.sort_by([("score", "descending"), ("ring_id", "ascending")])
    first = order["ring_id"].to_pylist()[:shown]
    found: dict[str, set[str]] = {}
    for ring, claim in zip(
        *(outcome.rings.claims[c].to_pylist() for c in ("ring_id", "claim_id")), strict=True
    ):
        found.setdefault(ring, set()).add(claim)
    planted = [set(g["claim_id"]) for _, g in truth[truth["ring_id"].notna()].groupby("ring_id")]
    met = [any(len(p & found[r]) / len(p | found[r]) >= 0.5 for r in first) for p in planted]
    return float(np.mean(met)), float(len(first))


def main() -> None:
    seeds = REPORT_SEEDS[:3] if "--quick" in sys.argv else REPORT_SEEDS
    for camouflage in (0, 1, 2):
        rows = [measures(scored(seed, camouflage)) for seed in seeds]
        print(f"\ncamouflage {camouflage}, seeds {seeds[0]}-{seeds[-1]}: median (least - most)")
        for name in rows[0]:
            values = [row[name] for row in rows]
            print(f"  {name:36} {np.median(values):6.2f}  ({min(values):.2f} - {max(values):.2f})")


if __name__ == "__main__":
    main()
