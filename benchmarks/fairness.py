"""False alarms by group: how much likelier an honest claim of a group is to be listed.

    python -m benchmarks.fairness [--programme NAME] [--worlds N] [--development] [--claims N]

False-alarm rate = share of the honest claims of a group in the first tenth, against that of all
honest claims. Counts are added over the worlds before they are divided, so small cities speak
together; groups with fewer than 200 honest claims are left out. Two orders are told: by risk,
which is what a suspicion is, and by expected loss, which is the list: it follows amounts as well,
so who claims little is seldom on it. The bound of 1.25 is on suspicion and on the list.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np
import pyarrow as pa

from fraud_pipeline import risk
from fraud_pipeline.benchmark import DEVELOPMENT_SEEDS, REPORT_SEEDS
from fraud_pipeline.benchmark.case import Case, Tools, make_case
from fraud_pipeline.risk.groups import groups_of
from fraud_pipeline.settings import Settings
from fraud_pipeline.store.models import shipped_model
from fraud_pipeline.store.packs import load_packs

FEWEST = 200
ALLOWED = 1.25


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--programme", default="wuhan,shanxi,changxing,zhejiang")
    parser.add_argument("--worlds", type=int, default=3)
    parser.add_argument("--claims", type=int, default=1071)
    parser.add_argument("--development", action="store_true")
    chosen = parser.parse_args()
    seeds = (DEVELOPMENT_SEEDS[5:] if chosen.development else REPORT_SEEDS)[: chosen.worlds]
    tools = Tools(Settings(), load_packs(None), shipped_model())
    for programme in chosen.programme.split(","):
        told = [
            of_case(make_case(programme, chosen.claims, seed, level, tools))
            for seed in seeds for level in (0, 1, 2)
        ]  # fmt: skip
        print(f"\n{programme}, {len(told)} worlds of {chosen.claims} claims", flush=True)
        for order in ("by risk", "by expected loss"):
            _print(order, [t[order] for t in told])


def of_case(case: Case) -> dict[str, dict[tuple[str, str], np.ndarray]]:
    """For each order and group: honest claims, those of them in the first tenth."""
    evidence = case.evidence
    ranked = risk.score(evidence.features, evidence.rules, evidence.results, case.tables,
                        case.tools.model, case.tools.settings.risk).to_pandas()  # fmt: skip
    ranked = ranked.set_index("claim_id").loc[case.claims["claim_id"]].reset_index()
    improper = case.answer["improper"].to_numpy()
    names = groups_of(case.tables, pa.array(case.claims["claim_id"]))

    found = {}
    for order, score in (
        ("by risk", ranked["risk"]),
        ("by expected loss", ranked["expected_loss"].astype(float)),
    ):
        top = np.zeros(len(score), dtype=bool)
        top[np.argsort(-score.to_numpy(), kind="stable")[: case.budget]] = True
        counts = {("all", "all"): _count(top, ~improper)}
        for kind, values in names.items():
            for value in np.unique(values):
                counts[kind, str(value)] = _count(top, ~improper & (values == value))
        for name, member in case.lookalikes.items():
            counts["look-alike", name] = _count(top, ~improper & member)
        found[order] = counts
    return found


def _count(top: np.ndarray, honest: np.ndarray) -> np.ndarray:
    return np.array([honest.sum(), (top & honest).sum()])


def _print(order: str, told: list[dict[tuple[str, str], np.ndarray]]) -> None:
    total: dict[tuple[str, str], np.ndarray] = defaultdict(lambda: np.zeros(2))
    for counts in told:
        for key, count in counts.items():
            total[key] = total[key] + count
    n, listed = total["all", "all"]
    usual = listed / n
    print(f"  {order}: {usual:.2%} of {n:.0f} honest claims are in the first tenth")
    for key in sorted(total):
        n, listed = total[key]
        if n < FEWEST or key[0] == "all":
            continue
        ratio = listed / n / usual
        error = np.sqrt(max(listed, 1)) / n / usual
        mark = " <-" if ratio > ALLOWED else ""
        print(f"    {key[0]:22} {key[1]:24} {ratio:5.2f} ± {error:.2f}  (n = {n:.0f}){mark}")


if __name__ == "__main__":
    main()
