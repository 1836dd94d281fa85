"""Prices against their market: simulated worlds with a truth, and real sales with labels.

    python -m benchmarks.pricing [--quick] [--search] [--seeds FIRST LAST] [--data DIR]
    python -m benchmarks.pricing --losses [--seeds FIRST LAST]  # where recall is lost
    python -m benchmarks.pricing --null               # markets without catalogue or overpricing
    python -m benchmarks.pricing --claims 1000000     # time and memory alone
    python -m benchmarks.pricing --first 50           # the invoices looked at first
    python -m benchmarks.pricing --sales [--data DIR] # real sales alone

Worlds: Wuhan at seeds 121-140; every planted overpriced claim (T04) is given exactly 1.6,
2 or 2.5 times its true market price. False discoveries are honest claims, niche services
among them. Rings form no market: those planted, or with --search those the ring search
finds, which takes minutes. Sales: 268,086 reports of a trading firm, labelled by inspectors;
no label is used. AP and AUC of the rows with a unit price; then of all inspected rows of the
reporting fold, half of the sellers by their hash: what a method is chosen by are the others.
* the forest knows how many claims were planted; the others are cut at q <= 0.1.
** is told every claim's true market price and its service's true spread: a ceiling.
"""

from __future__ import annotations

import resource
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.stats import norm

from benchmarks._crowd import crowd
from benchmarks._pricing_losses import report_losses
from benchmarks._pricing_null import report_null
from benchmarks._rivals import alerts, guarded_q_values
from benchmarks._sales import list_first, report_invoices, report_sales
from fraud_pipeline import graph, pricing, rings
from fraud_pipeline.core.money import from_fen, to_fen
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.asof import known_by
from fraud_pipeline.settings import PricingSettings, Settings
from fraud_pipeline.simulate import simulate
from fraud_pipeline.simulate.world.build import World

FACTORS = (1.6, 2.0, 2.5)
LEVEL = 0.1
N_CLAIMS = 1071
AS_OF = date(2017, 12, 31)


def with_exact_factors(world: World) -> tuple[pa.Table, np.ndarray]:
    """The world's claims with T04 prices at exact multiples; the multiple of each claim or NaN."""
    claims = world.tables["claims"]
    truth = world.truth.to_pandas().set_index("claim_id").loc[claims["claim_id"].to_pylist()]
    planted = (truth["typology"] == "T04").to_numpy()
    factor = np.full(len(truth), np.nan)
    factor[planted] = np.resize(FACTORS, planted.sum())
    market = truth["true_market_price"].astype(float).to_numpy()
    quantity = claims["quantity"].to_numpy(zero_copy_only=False)
    dear = np.nan_to_num(np.round(market * factor * quantity * 100)).astype(np.int64)
    fen = np.where(planted, dear, to_fen(claims["contract_amount"]))
    at = claims.column_names.index("contract_amount")
    return claims.set_column(at, "contract_amount", from_fen(fen)), factor


def _planted(world: World) -> pa.Table:
    return world.truth.filter(world.truth["ring_id"].is_valid()).select(["ring_id", "claim_id"])


def _searched(tables: Tables, settings: Settings) -> pa.Table:
    ties = graph.build_ties(known_by(tables, AS_OF), settings.graph)
    return rings.find(ties, tables["claims"], settings.rings, None, records=tables).claims


def judged(seed: int, search: bool = False, rivals: bool = True) -> pd.DataFrame:
    """One world judged: verdict, truth and the rivals' alerts, a row a claim that has a price."""
    world = simulate("wuhan", N_CLAIMS, seed)
    claims, factor = with_exact_factors(world)
    tables = world.tables.replaced(claims=claims)
    columns = ["claim_id", "service_type", "quantity", "institution_id", "submitted_on"]
    known = claims.select(columns)
    frame = known.to_pandas().assign(factor=factor)
    settings = Settings()
    rings_known = _searched(tables, settings) if search else _planted(world)
    prices = pricing.judge(tables, settings.pricing, ring_claims=rings_known)
    frame = frame.merge(prices.to_pandas(), on="claim_id")
    frame = frame.merge(world.truth.to_pandas(), on="claim_id")
    houses = tables["institutions"].select(["institution_id", "region", "category"]).to_pandas()
    frame = frame.merge(houses, on="institution_id", how="left").fillna(
        {"region": "", "category": ""}
    )
    frame["niche"] = frame["claim_id"].isin(
        world.groups.to_pandas().query("group == 'niche_service'")["claim_id"]
    )
    frame = frame[frame["unit_price"].notna()].rename(columns={"service_type": "service"})
    frame["log_price"] = np.log(frame["unit_price"].astype(float))
    frame["log_quantity"] = np.log(frame["quantity"].fillna(1.0))
    frame["honest"] = ~(frame["is_fraud"] | frame["is_irregular"])
    frame["seed"], frame["fraud-pipeline"] = seed, (frame["q_value"] <= LEVEL).fillna(False)
    frame = frame.reset_index(drop=True)
    return frame.assign(**alerts(frame, LEVEL)) if rivals else frame


CEILING = "told the truth**"
METHODS = (
    "fraud-pipeline", "median/IQR per service", "quantile regression", "isolation forest*", CEILING,
)  # fmt: skip


def with_ceiling(claims: pd.DataFrame) -> pd.DataFrame:
    """What a judge would list who is told each claim's true market price and how far honest
    prices of its service stray from it: the same q, nothing left to estimate. A sharp method that
    sees prices only can come near to this and not beyond it, save by more false alarms."""
    apart = claims["log_price"] - np.log(claims["true_market_price"].astype(float))
    honest = apart[claims["honest"]].groupby(claims["service"])
    spread = claims["service"].map(honest.std()).clip(lower=0.01)
    p_value = norm.sf((apart - claims["service"].map(honest.mean())) / spread)
    service = claims["service"].astype("category").cat.codes.to_numpy(dtype=np.int64)
    listed = np.zeros(len(claims), dtype=bool)
    for rows in claims.groupby("seed").indices.values():
        q_value = guarded_q_values(
            p_value[rows], np.zeros(len(rows), dtype=np.int64), service[rows]
        )
        listed[rows] = q_value <= LEVEL
    return claims.assign(**{CEILING: listed})


def false_share(claims: pd.DataFrame, method: str) -> float:
    """Mean over worlds of honest claims among the listed; a world without alerts counts as 0."""
    grouped = claims.assign(wrong=claims[method] & claims["honest"]).groupby("seed")
    listed, wrong = grouped[method].sum(), grouped["wrong"].sum()
    return float((wrong / listed.clip(lower=1)).mean())


def report_worlds(seeds: range, search: bool = False) -> None:
    claims = with_ceiling(pd.concat([judged(seed, search) for seed in seeds], ignore_index=True))
    a_world = claims.groupby("service").size() / len(seeds)
    large = sorted(a_world[a_world >= 30].index)
    print(
        f"\nsimulated Wuhan, seeds {seeds[0]}-{seeds[-1]}, {len(claims)} priced claims, q <= {LEVEL}"
    )
    print(f"{'':26}" + "".join(f"{m:>24}" for m in METHODS))
    for factor in FACTORS:
        rows = claims[claims["factor"] == factor]
        print(
            f"{f'recall at {factor} times':26}"
            + "".join(f"{rows[m].mean():24.3f}" for m in METHODS)
        )
    slices = {f"FDR {s}": claims[claims["service"] == s] for s in large}
    slices["FDR thin services, pooled"] = claims[~claims["service"].isin(large)]
    slices["FDR all"] = claims
    for name, rows in slices.items():
        print(f"{name:26.26}" + "".join(f"{false_share(rows, m):24.3f}" for m in METHODS))
    niche = claims[claims["niche"]]
    print(f"{'niche services blamed':26}" + "".join(f"{niche[m].mean():24.3f}" for m in METHODS))
    _report_p_values(claims[claims["honest"] & ~claims["niche"] & claims["p_value"].notna()], large)


def _report_p_values(honest: pd.DataFrame, large: list[str]) -> None:
    levels = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9)
    print("\nhonest claims without niche services: share with p at or below\n" + " " * 26
          + "".join(f"{level:8}" for level in levels))  # fmt: skip
    for name in ["all", *large]:
        p_value = honest.loc[(honest["service"] == name) | (name == "all"), "p_value"]
        print(f"{name:26}" + "".join(f"{(p_value <= level).mean():8.3f}" for level in levels))


def report_speed(n_claims: int) -> None:
    """The judge alone on a large table, its kernels compiled; peak memory of the process."""
    pricing.judge(crowd(3000), PricingSettings())
    tables = crowd(n_claims)
    wall, cpu = time.perf_counter(), time.process_time()
    pricing.judge(tables, PricingSettings())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\n{n_claims} claims judged in {wall:.1f} s, {cpu:.1f} s of CPU, peak {peak:.1f} GB")


def main(arguments: list[str]) -> None:
    quick = "--quick" in arguments
    first, last = 121, 124 if quick else 140
    if "--seeds" in arguments:
        first, last = (int(v) for v in arguments[arguments.index("--seeds") + 1 :][:2])
    data = Path(arguments[arguments.index("--data") + 1] if "--data" in arguments else "data")
    if "--claims" in arguments:
        report_speed(int(arguments[arguments.index("--claims") + 1]))
        return
    if "--null" in arguments:
        report_null()
        return
    if "--first" in arguments:
        list_first(data, int(arguments[arguments.index("--first") + 1]))
        return
    if "--sales" in arguments:
        report_sales(data / "sales_inspected_dev.parquet")
        return
    if "--losses" in arguments:
        frames = [judged(seed, rivals=False) for seed in range(first, last + 1)]
        report_losses(with_ceiling(pd.concat(frames, ignore_index=True)), LEVEL, CEILING)
        return
    report_worlds(range(first, last + 1), "--search" in arguments)
    if not quick:
        report_speed(100_000)
    report_sales(data / "sales_inspected_dev.parquet")
    report_invoices(data / "service_invoices_cn.parquet")


if __name__ == "__main__":
    main(sys.argv[1:])
