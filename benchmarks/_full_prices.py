"""The prices of :mod:`benchmarks._full_script`: as of the day, without the claim's own parties."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks._plain_ties import Frames


def prices(f: Frames, suspected: pd.Series) -> pd.DataFrame:
    """Each price against what others paid before that day elsewhere; p, q and five comparables."""
    c = f["claims"].merge(
        f["enterprises"][["enterprise_id", "region"]], on="enterprise_id", how="left"
    )
    c = c.assign(
        price=c["contract_amount"] / c["quantity"],
        day=(c["submitted_on"] - pd.Timestamp("2000-01-01")).dt.days,
    )
    c["log"], c["size"] = (
        np.log(c["price"].where(c["price"] > 0)),
        np.log(c["quantity"].where(c["quantity"] > 0)),
    )
    for code, column in (
        ("house", "institution_id"),
        ("firm", "enterprise_id"),
        ("where", "region"),
        ("title", "service_title"),
    ):
        c[code] = pd.factorize(c[column])[0]
    c = c.sort_values(["day", "claim_id"], ignore_index=True)
    c["weight"] = 1 / np.sqrt(c.groupby(["service_type", "unit", "house"]).cumcount() + 1.0)
    c.loc[c["claim_id"].isin(suspected), "weight"] = 0.0
    listed = (
        f["market_prices"].groupby(["service_type", "unit"])[["low", "reference", "high"]].median()
    )
    parts = [_market(group, listed.reindex([key]).to_numpy()[0])
             for key, group in c[c["log"].notna()].groupby(["service_type", "unit"])]  # fmt: skip
    out = pd.concat(parts)
    judged = out["p_value"].notna()
    q = out.loc[judged].groupby("service_type")["p_value"].transform(stats.false_discovery_control)
    out.loc[judged, "q_value"] = np.maximum(
        q, stats.false_discovery_control(out.loc[judged, "p_value"])
    )
    out["excess_amount"] = (
        (out["unit_price"] - out["market_high"]).clip(lower=0) * out["quantity"]
    ).round(2)
    out["outcome"] = np.where(judged, "scored", "not_applicable")
    out["reason"] = pd.Series(
        "fewer than five comparables and no catalogue price", out.index
    ).where(~judged)
    return out.set_index("claim_id").reindex(c["claim_id"])


def _market(g: pd.DataFrame, listed: np.ndarray) -> pd.DataFrame:
    by_price = g.sort_values("log")
    others = {name: by_price[name].to_numpy() for name in ("day", "house", "firm", "log")}
    weight = by_price["weight"].to_numpy(np.float32)
    own = {name: g[name].to_numpy()[:, None] for name in ("day", "house", "firm")}
    quantile, count = np.full((3, len(g)), np.nan), np.zeros(len(g))
    for start in range(0, len(g), 256):
        day, house, firm = (own[x][start : start + 256] for x in ("day", "house", "firm"))
        seen = (
            (others["day"] < day)
            & (others["day"] >= day - 1095)
            & (others["house"] != house)
            & (others["firm"] != firm)
        )
        count[start : start + 256] = (seen & (weight > 0)).sum(axis=1)
        run = np.cumsum(np.where(seen, weight, np.float32(0)), axis=1)
        for at, level in enumerate((0.25, 0.5, 0.75)):
            place = (run >= level * run[:, -1:] - 1e-6).argmax(axis=1)
            quantile[at, start : start + 256] = others["log"][place]
    enough, catalogue = count >= 5, not np.isnan(listed[1])
    low, mid, high = np.where(enough, quantile, np.nan)
    spread = np.maximum((high - low) / 1.349, 0.12)
    if catalogue:
        prior = np.log(listed)
        mid = np.where(enough, (count * mid + 6 * prior[1]) / (count + 6), prior[1])
        spread = np.where(enough, spread, max((prior[2] - prior[0]) / 3.29, 0.12))
    x = g["log"].to_numpy()
    p = stats.t.sf((x - mid) / spread, np.clip(count, 12, 60))
    return pd.DataFrame({
        "claim_id": g["claim_id"], "service_type": g["service_type"], "quantity": g["quantity"],
        "unit_price": g["price"], "market_low": np.exp(mid - 1.645 * spread), "market_mid": np.exp(mid),
        "market_high": np.exp(mid + 1.645 * spread), "price_ratio": np.exp(x - mid),
        "price_z": (x - mid) / spread, "p_value": p, "q_value": np.nan, "n_market": count,
        "comparables": _comparables(g),
    })  # fmt: skip


def _comparables(g: pd.DataFrame, back: int = 128) -> list[str]:
    """The five nearest of the last claims elsewhere, by size, title, region and days."""
    at = np.arange(len(g))[:, None] - np.arange(1, back + 1)
    a = {name: g[name].to_numpy() for name in ("day", "house", "firm", "size", "title", "where")}
    there = {name: values[at.clip(0)] for name, values in a.items()}
    here = {name: values[:, None] for name, values in a.items()}
    far = np.abs(here["size"] - there["size"]) + (here["day"] - there["day"]) / 365
    far += (here["title"] != there["title"]) + 0.5 * (here["where"] != there["where"])
    own = (
        (here["house"] == there["house"])
        | (here["firm"] == there["firm"])
        | (there["day"] >= here["day"])
    )
    far[(at < 0) | own] = np.inf
    near = np.argpartition(far, 4, axis=1)[:, :5]
    near = np.take_along_axis(near, np.argsort(np.take_along_axis(far, near, 1), axis=1), 1)
    ids, good = g["claim_id"].to_numpy(), np.isfinite(np.take_along_axis(far, near, 1))
    named = ids[np.take_along_axis(at.clip(0), near, 1)]
    return [";".join(row[ok]) for row, ok in zip(named, good, strict=True)]
