"""Where recall is lost: planted claims by what was known of their market, and what-ifs.

Each what-if lets one thing be told in place of estimated, all else as judged: the claim's
true market price (with it, whether its title is a niche), or how far honest prices of its
service stray from it; both together are the ceiling of ``benchmarks.pricing``.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.stats import norm

from benchmarks._rivals import guarded_q_values

CENTRAL = 1.645  # half of market_low .. market_high, the central 90 %, in spreads
EARLIER = (0, 8, 16, 31, 61, 10**6)  # claims of the service before it, edges of the bins


def report_losses(claims: pd.DataFrame, level: float, ceiling: str) -> None:
    """Prints recall of each multiple by claims before, by service and under the what-ifs."""
    claims = claims.assign(**_what_ifs(claims, level))
    by_day = claims.sort_values(["seed", "submitted_on", "claim_id"])
    before = by_day.groupby(["seed", "service"]).cumcount().reindex(claims.index)
    names = [f"{a}-{b - 1}" for a, b in pairwise(EARLIER)]
    names[-1] = f"{EARLIER[-2]}+"
    claims["claims before"] = pd.cut(before, EARLIER, right=False, labels=names)
    planted = claims[claims["factor"].notna()]
    for key in ("claims before", "service"):
        grouped = planted.groupby([key, "factor"], observed=True)["fraud-pipeline"]
        table = grouped.agg(["mean", "size"]).unstack("factor").round(2)
        print(f"\nrecall (mean) and planted (size) by {key}\n{table.to_string()}")
    columns = ["fraud-pipeline", "middle told", "spread told", ceiling]
    print("\nrecall when one thing is told\n"
          + planted.groupby("factor")[columns].mean().round(3).to_string())  # fmt: skip
    honest = claims[claims["honest"] & ~claims["niche"] & claims["p_value"].notna()]
    wide = _spread(honest) / honest["service"].map(_true_spread(claims))
    off = np.log(honest["market_mid"].astype(float) / honest["true_market_price"].astype(float))
    frame = pd.DataFrame({"spread / true": wide, "middle off by": off})
    listed = ~honest["service"].str.startswith("technology")  # each project has a price of its own
    print("\nhonest claims, median spread over the true one; the middle's mean error and its spread\n"
          + frame[listed].groupby(honest["claims before"], observed=True).agg(
              {"spread / true": "median", "middle off by": ["mean", "std"]}).round(3).to_string())  # fmt: skip


def _spread(claims: pd.DataFrame) -> pd.Series:
    low, high = (claims[f"market_{end}"].astype(float) for end in ("low", "high"))
    return np.log(high / low) / (2 * CENTRAL)


def _true_spread(claims: pd.DataFrame) -> pd.Series:
    apart = claims["log_price"] - np.log(claims["true_market_price"].astype(float))
    return apart[claims["honest"]].groupby(claims["service"]).std().clip(lower=0.01)


def _what_ifs(claims: pd.DataFrame, level: float) -> dict[str, np.ndarray]:
    middle, truth = (
        np.log(claims[name].astype(float)) for name in ("market_mid", "true_market_price")
    )
    told = claims["service"].map(_true_spread(claims))
    asked = {
        "middle told": norm.sf((claims["log_price"] - truth) / _spread(claims)),
        "spread told": norm.sf((claims["log_price"] - middle) / told),
    }
    service = claims["service"].astype("category").cat.codes.to_numpy(dtype=np.int64)
    listed = {name: np.zeros(len(claims), dtype=bool) for name in asked}
    for name, p_value in asked.items():
        for rows in claims.groupby("seed").indices.values():
            q = guarded_q_values(p_value[rows], np.zeros(len(rows), dtype=np.int64), service[rows])
            listed[name][rows] = q <= level
    return listed
