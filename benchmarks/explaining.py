"""Reasons and training at size: does every contribution add up, and how long does it take?

    python -m benchmarks.explaining [--claims 1000000] [--explain 100000] [--rows 1000000] [--columns 80]

1. Contributions of a million claims (feature rows of simulated claims, recombined column by column
   within blocks of one world so that unusual mixes are among them): greatest |base + sum of
   contributions − score|.
2. The reasons of 100,000 claims: contributions, sentences in two languages, sorted.
3. Training: the product's trees on a million rows of 80 columns, with its monotone constraints.
Seconds by the clock, and of CPU in brackets; two threads.
"""

from __future__ import annotations

import argparse
import dataclasses
import time

import lightgbm
import numpy as np
import pyarrow as pa

from fraud_pipeline import explain, risk
from fraud_pipeline.benchmark.case import Case, Tools, make_case
from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES
from fraud_pipeline.risk.train import ROUNDS, tree_parameters
from fraud_pipeline.settings import Settings
from fraud_pipeline.store.models import shipped_model
from fraud_pipeline.store.packs import load_packs

_CHUNK = 100_000
_MIXED = 0.1  # of the cells come from another claim


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--explain", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=80)
    chosen = parser.parse_args()
    tools = Tools(Settings(), load_packs(None), shipped_model())
    case = make_case("wuhan", 1071, 6, 1, tools)
    x = risk.matrix(case.evidence.features)
    rng = np.random.default_rng(11)
    if chosen.claims:
        _adding_up(case.evidence.fitted(case.tables, tools), x, chosen.claims, rng)
    if chosen.explain:
        _explaining(case, chosen.explain, rng)
    if chosen.rows:
        _training(x, chosen.rows, chosen.columns, rng)


def mixed(x: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """(n, k) rows drawn from ``x``, a tenth of the cells from another row."""
    rows = x[rng.integers(0, len(x), n)]
    other = x[rng.integers(0, len(x), n)]
    cells = rng.random(rows.shape) < _MIXED
    return np.where(cells, other, rows)


def _adding_up(model: risk.Model, x: np.ndarray, n: int, rng: np.random.Generator) -> None:
    worst, begun = 0.0, time.perf_counter()
    for start in range(0, n, _CHUNK):
        rows = mixed(x, min(_CHUNK, n - start), rng)
        base, parts = model.contributions(rows)
        worst = max(worst, float(np.abs(base + parts.sum(axis=1) - model.log_odds(rows)).max()))
        print(
            f"  {start + len(rows):,} claims, {time.perf_counter() - begun:.0f} s, worst {worst:.1e}",
            flush=True,
        )
    print(f"contributions of {n:,} claims: none off by more than {worst:.1e}")


def _explaining(case: Case, n: int, rng: np.random.Generator) -> None:
    evidence, tools = case.evidence, case.tools
    some = pa.array(rng.integers(0, evidence.features.num_rows, n))
    rows = evidence.features.take(some)
    # every copy keeps the claim's own sentences: ids are made unique with the tables they join
    copies = pa.array([f"{c}-{k}" for k, c in enumerate(rows["claim_id"].to_pylist())])
    features = rows.set_column(0, "claim_id", copies)
    given = {name: _copied(table, rows["claim_id"], copies) for name, table in (
        ("results", evidence.results), ("prices", evidence.prices),
        ("ring_claims", evidence.rings.claims))}  # fmt: skip
    rings = dataclasses.replace(evidence.rings, claims=given["ring_claims"])
    begun, used = time.perf_counter(), time.process_time()
    model = evidence.fitted(case.tables, tools)
    contributions = risk.contributions(features, model)
    counted = time.perf_counter()
    reasons = explain.explain(features, contributions, evidence.features, evidence.rules,
                              given["results"], given["prices"], rings, tools.settings.explain)  # fmt: skip
    done = time.perf_counter()
    print(f"explaining {n:,} claims: {done - begun:.1f} s (contributions {counted - begun:.1f}, "
          f"sentences {done - counted:.1f}; {reasons.num_rows:,} reasons; "
          f"CPU {time.process_time() - used:.1f} s)")  # fmt: skip


def _copied(table: pa.Table, originals: pa.ChunkedArray, copies: pa.Array) -> pa.Table:
    pairs = pa.table({"claim_id": originals, "copy": copies})
    joined = table.join(pairs, "claim_id", join_type="inner").drop_columns(["claim_id"])
    return joined.rename_columns(["claim_id" if n == "copy" else n for n in joined.column_names])


def _training(x: np.ndarray, n: int, k: int, rng: np.random.Generator) -> None:
    rows = mixed(x, n, rng)
    more = rng.random((n, max(0, k - rows.shape[1])))
    rows = np.column_stack([rows, more])[:, :k]
    z = np.nan_to_num(rows[:, FEATURE_NAMES.index("strong_hits")]) * 2 - 3
    y = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(float)
    directions = ([f.direction for f in FEATURES] + [0] * k)[:k]
    parameters = {**tree_parameters(), "monotone_constraints": directions,
                  "num_threads": 2, "deterministic": True}  # fmt: skip
    begun, used = time.perf_counter(), time.process_time()
    data = lightgbm.Dataset(rows, y, init_score=np.zeros(n))
    lightgbm.train(parameters, data, num_boost_round=ROUNDS)
    print(
        f"training on {n:,} rows x {k} features: {time.perf_counter() - begun:.1f} s "
        f"(CPU {time.process_time() - used:.1f} s)"
    )


if __name__ == "__main__":
    main()
