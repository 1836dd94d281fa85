"""False alarms by group: how much likelier an honest claim of a group is to be listed.

    python -m benchmarks.fairness [--programme NAME] [--worlds N] [--development] [--claims N]

False-alarm rate = share of the honest claims of a group in the first tenth, against that of all
honest claims. Counts are added over the worlds before they are divided, so small cities speak
together; groups with fewer than 200 honest claims are left out. Two orders are told: by risk,
which is what a suspicion is, and by expected loss, which is the list: it follows amounts as well,
so who claims little is seldom on it. The bound of 1.25 is on suspicion and on the list.

The interval (90 %) resamples firms, all claims of a firm and all camouflage levels of a seed
together: an honest firm is the same at every level, and its claims are listed for one reason, so
counting claims as independent makes chance look like a finding. ``<-`` marks a ratio beyond the
bound, ``<<`` one whose whole interval is beyond it. "Clean firms" is the same ratio among firms
none of whose claims is improper: the rest are honest claims of firms that cheat elsewhere, which
share their accounts, contacts and rings.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
import pyarrow as pa

from fraud_pipeline.benchmark import DEVELOPMENT_SEEDS, REPORT_SEEDS
from fraud_pipeline.benchmark.case import Case, Tools, make_case
from fraud_pipeline.risk.groups import groups_of
from fraud_pipeline.settings import Settings
from fraud_pipeline.store.models import shipped_model
from fraud_pipeline.store.packs import load_packs

FEWEST = 200
ALLOWED = 1.25
DRAWS = 500
ORDERS = {"by risk": "risk", "by expected loss": "expected_loss"}


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
        told = pd.concat([
            honest_of(make_case(programme, chosen.claims, seed, level, tools))
            for seed in seeds for level in (0, 1, 2)
        ], ignore_index=True)  # fmt: skip
        print(f"\n{programme}, {3 * len(seeds)} worlds of {chosen.claims} claims", flush=True)
        for order in ORDERS:
            _print(order, told)


def honest_of(case: Case) -> pd.DataFrame:
    """One row an honest claim: its firm, whether the firm is clean, whether listed, its groups."""
    evidence = case.evidence
    ranked = evidence.ranked(case.tables, case.tools).to_pandas()
    ranked = ranked.set_index("claim_id").loc[case.claims["claim_id"]].reset_index()
    improper = case.answer["improper"].to_numpy()
    firm = case.claims["enterprise_id"]
    rows = {
        "firm": f"{case.seed}/" + firm.astype(str),
        "clean firm": ~firm.isin(firm[improper]).to_numpy(),
    }
    for order, column in ORDERS.items():
        top = np.zeros(len(ranked), dtype=bool)
        score = ranked[column].astype(float).to_numpy()
        top[np.argsort(-score, kind="stable")[: case.budget]] = True
        rows[order] = top
    for kind, values in groups_of(case.tables, pa.array(case.claims["claim_id"])).items():
        rows["group " + kind] = values
    for name, member in case.lookalikes.items():
        rows["group look-alike " + name] = np.where(member, name, "")
    return pd.DataFrame(rows)[~improper]


def _print(order: str, told: pd.DataFrame) -> None:
    listed, clean = told[order].to_numpy(), told["clean firm"].to_numpy()
    print(f"  {order}: {listed.mean():.2%} of {len(told)} honest claims are in the first tenth")
    for column in [c for c in told if c.startswith("group ")]:
        values = told[column].fillna("").to_numpy()
        for value in sorted(set(values) - {""}):
            inside = values == value
            if inside.sum() < FEWEST or inside.all():
                continue
            ratio, low, high = _ratio(told["firm"], listed, inside)
            mark = "<<" if low > ALLOWED else "<-" if ratio > ALLOWED else ""
            pure = _ratio(told["firm"][clean], listed[clean], inside[clean], draws=0)[0]
            kind = "look-alike" if "look-alike" in column else column.removeprefix("group ")
            print(f"    {kind:22} {value:24} {ratio:5.2f} ({low:.2f} - {high:.2f}) {mark:2} "
                  f"clean firms {pure:5.2f}  ({(inside & listed).sum()} of {inside.sum()})")  # fmt: skip


def _ratio(
    firm: pd.Series, listed: np.ndarray, inside: np.ndarray, draws: int = DRAWS
) -> tuple[float, float, float]:
    """Rate of the group against the rate of all, with 5 % and 95 % over resampled firms."""
    counts = pd.DataFrame(
        {"n": 1.0, "listed": listed, "group": inside, "both": inside & listed}, dtype=float
    ).set_axis(firm.index)
    by_firm = counts.groupby(firm.to_numpy()).sum().to_numpy()
    found = _of(by_firm.sum(axis=0)[None, :])[0]
    if not draws:
        return float(found), float("nan"), float("nan")
    rng = np.random.default_rng(7)
    times = rng.multinomial(len(by_firm), np.full(len(by_firm), 1 / len(by_firm)), draws)
    low, high = np.nanquantile(_of(times @ by_firm), [0.05, 0.95])
    return float(found), float(low), float(high)


def _of(counts: np.ndarray) -> np.ndarray:
    """(m,) ratios of (m, 4) counts: claims, listed, of the group, listed of the group."""
    n, listed, group, both = counts.T
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: np.ndarray = (both / group) / (listed / n)
    return ratio


if __name__ == "__main__":
    main()
