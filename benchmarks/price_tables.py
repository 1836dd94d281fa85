"""Planted prices in any table of payments: what `market_outliers` finds of them, and what could be found.

    python -m benchmarks.price_tables FILE.parquet --item COLUMN --price COLUMN [--date COLUMN] \
        [--seller COLUMN] [--times 3 10] [--share 0.01] [--rows 150000] [--seed 1]

A share of the rows gets its price multiplied. Printed for each multiple: the recall at q <= 0.1 and
the ceiling, the planted rows that stand above all but a thousandth of their item's other prices. No
judge of single prices finds more at that rate of false alerts. Then the alerts that were not
planted; those that are alerts in the table as it is are counted apart, for they may be real.

Last, rankers beside each other: the recall of each multiple in as many first rows as were planted; in
brackets the recall where a cut chosen with the answer keeps the share of rows that were not planted at a
tenth, more than any rule can promise. The rankers: rarity of the prices above the item's middle;
an auditor's rule, the robust z of the log price in the seller's own history of the item, in the
seller's history and in the item (six rows or more).
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
LEAST_ROWS, LEAST_SPREAD = 6, 0.3  # of a group; of log prices


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
    found = _judged(table, price * times, asked)
    flagged = _alerts(found)
    seconds = time.perf_counter() - start
    before = _alerts(_judged(table, price, asked))
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
    above = found["price_ratio"].fillna(0.0).to_numpy() > 1.0
    _compare("rarity", np.where(above, found["rarity"].fillna(-1.0), -1.0), times)
    keys = {"item": table[asked.item].astype(str)}
    if asked.seller:
        keys["seller"] = table[asked.seller].astype(str)
        keys["seller and item"] = keys["seller"] + "|" + keys["item"]
    for name, key in keys.items():
        _compare(f"z in {name}", _robust_z(np.log(price * times), key.to_numpy()), times)


def _robust_z(value: np.ndarray, key: np.ndarray) -> np.ndarray:
    frame = pd.DataFrame({"value": value})
    group = frame.groupby(pd.factorize(key)[0])["value"]
    apart = frame["value"] - group.transform("median")
    spread = apart.abs().groupby(pd.factorize(key)[0]).transform("median") * 1.4826
    z = apart / np.hypot(spread, LEAST_SPREAD)
    return np.asarray(z.where(group.transform("size") >= LEAST_ROWS, -np.inf))


def _compare(name: str, score: np.ndarray, times: np.ndarray) -> None:
    order = np.argsort(-score, kind="stable")
    planted = times[order] != 1.0
    n = int(planted.sum())
    tolerable = np.cumsum(~planted) <= LEVEL * np.arange(1, len(order) + 1)
    cut = int(np.flatnonzero(tolerable).max(initial=-1)) + 1
    parts = []
    for multiple in sorted(set(times[times != 1.0].tolist())):
        mine = times[order] == multiple
        parts.append(
            f"x{multiple:g} {mine[:n].sum() / mine.sum():.3f} ({mine[:cut].sum() / mine.sum():.3f})"
        )
    print(f"{name:20}: " + ", ".join(parts))


def _alerts(found: pd.DataFrame) -> np.ndarray:
    return np.asarray(found["q_high"].fillna(1.0) <= LEVEL)


def _judged(table: pd.DataFrame, price: np.ndarray, asked: argparse.Namespace) -> pd.DataFrame:
    found = market_outliers(
        table[asked.item].astype(object).to_numpy(), price,
        None if asked.date is None else table[asked.date].to_numpy(),
        None if asked.seller is None else table[asked.seller].astype(object).to_numpy(),
    )  # fmt: skip
    return found.to_pandas()


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
