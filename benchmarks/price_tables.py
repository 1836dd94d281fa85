"""Planted prices in any table of payments: what `market_outliers` finds of them, and what could be found.

    python -m benchmarks.price_tables FILE.parquet --item COLUMN --price COLUMN [--date COLUMN] \
        [--seller COLUMN] [--times 3 10] [--share 0.01] [--rows 150000] [--seed 1]

A share of the rows gets its price multiplied. Printed for each multiple: the recall at q <= 0.1 and
the ceiling, the planted rows that stand above all but a thousandth of their item's other prices. No
judge of single prices finds more at that rate of false alerts. Then the alerts that were not
planted; those that are alerts in the table as it is are counted apart, for they may be real.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Sequence

import numpy as np
import pandas as pd

from fraud_pipeline.pricing import market_outliers

LEVEL = 0.1
RARE = 1e-3


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _parser().parse_args(arguments)
    columns = [c for c in (asked.item, asked.price, asked.date, asked.seller) if c]
    table = pd.read_parquet(asked.file, columns=columns)
    price = pd.to_numeric(table[asked.price], errors="coerce").to_numpy(float)
    rows = np.flatnonzero(price > 0)[: asked.rows]
    table, price = table.iloc[rows], price[rows]
    rng = np.random.default_rng(asked.seed)
    chosen = rng.permutation(len(price))[: round(asked.share * len(price))]
    times = np.ones(len(price))
    times[chosen] = np.resize(asked.times, len(chosen))
    start = time.perf_counter()
    flagged = _alerts(table, price * times, asked)
    seconds = time.perf_counter() - start
    before = _alerts(table, price, asked)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{len(price)} rows, {len(chosen)} planted: {seconds:.1f} s, {peak:.1f} GB at the peak")
    ceiling = _above_others(table[asked.item], price, times)
    for multiple in asked.times:
        mine = times == multiple
        print(f"x{multiple:g}: recall {flagged[mine].mean():.3f}, "
              f"ceiling {(ceiling[mine] <= RARE).mean():.3f}")  # fmt: skip
    other = flagged & (times == 1.0)
    print(f"{int(flagged.sum())} alerts, {int(other.sum())} not planted, of them "
          f"{int((other & before).sum())} also in the table as it is")  # fmt: skip


def _alerts(table: pd.DataFrame, price: np.ndarray, asked: argparse.Namespace) -> np.ndarray:
    found = market_outliers(
        table[asked.item].astype(object).to_numpy(), price,
        None if asked.date is None else table[asked.date].to_numpy(),
        None if asked.seller is None else table[asked.seller].astype(object).to_numpy(),
    )  # fmt: skip
    return np.asarray(np.nan_to_num(found["q_high"].to_numpy(), nan=1.0) <= LEVEL)


def _above_others(item: pd.Series, price: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Share of the item's prices, as they were, that are at least a row's multiplied price."""
    code = pd.factorize(item)[0]
    order = np.lexsort((price, code))
    start = np.searchsorted(code[order], np.arange(code.max() + 2))
    share = np.ones(len(price))
    for row in np.flatnonzero(times != 1.0):
        prices = price[order[start[code[row]] : start[code[row] + 1]]]
        above = len(prices) - np.searchsorted(prices, price[row] * times[row])
        share[row] = (above + 1) / len(prices)
    return share


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.price_tables", description=__doc__)
    parser.add_argument("file")
    for name in ("item", "price"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("date", "seller"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--times", type=float, nargs="+", default=[3.0, 10.0])
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--rows", type=int, default=150_000)
    parser.add_argument("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    main()
