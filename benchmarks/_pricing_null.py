"""Markets without a catalogue and without overpricing: what small p-values and alerts are worth.

Every market is a programme of its own, so that each alert is its only one and false. Prices are
log-normal around their house's level, written in round sums as people write them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import pricing
from fraud_pipeline.core.money import from_fen
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import PricingSettings

LEVELS = (0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5)


@dataclass(frozen=True)
class Kind:
    """A kind of market: claims, spread of log prices, usual price in yuan, and who sells it."""

    claims: int
    spread: float
    price: float
    houses: int
    categories: tuple[str, ...] = ("university", "research_institute", "industrial_research_institute",
                                   "hightech_engineering_centre")  # fmt: skip
    titles: tuple[str, ...] = ("技术服务", "工艺改进技术服务")
    sham: float = 0.0  # share of claims that are sham, at six tenths of the price
    list_share: float = field(default=0.0)  # of houses that keep to a price list


KINDS = {
    "projects, 60 claims": Kind(60, 0.45, 130_000, 40),
    "projects, 32 claims": Kind(32, 0.40, 85_000, 40),
    "... with 15 % shams": Kind(32, 0.40, 85_000, 40, sham=0.15),
    "incubation, 54 claims": Kind(54, 0.25, 60_000, 26, ("incubator",),
                                  ("创业孵化服务", "孵化器综合服务"), list_share=0.25),
    "few houses, 80 claims": Kind(80, 0.16, 1_500, 12, ("statutory_testing",),
                                  ("产品检验检测", "委托检验", "样品测试分析"), list_share=0.25),
}  # fmt: skip


def null_markets(kind: Kind, markets: int, seed: int) -> tuple[Tables, np.ndarray]:
    """Claims of ``markets`` programmes alike, and which of them are honest, bool (n,)."""
    rng = np.random.default_rng(seed)
    n, houses = markets * kind.claims, kind.houses
    market = np.repeat(np.arange(markets), kind.claims)
    busy = 1.0 / np.arange(1, houses + 1) ** 0.8
    house = rng.choice(houses, n, p=busy / busy.sum())
    level = rng.normal(0, 0.06, (markets, houses))[market, house]
    listed = (rng.random((markets, houses)) < kind.list_share)[market, house]
    sham = rng.random(n) < kind.sham
    price = kind.price * np.exp(level + np.where(listed, 0.0, rng.normal(0, kind.spread, n)))
    step = rng.choice([1000.0, 100.0, 10.0], n, p=[0.5, 0.3, 0.2]) if kind.price > 5000 else 10.0
    price = np.maximum(np.round(price * np.where(sham, 0.6, 1.0) / step) * step, 10.0)
    day = np.datetime64("2015-05-01") + rng.integers(0, 700, n).astype("timedelta64[D]")
    firm = rng.integers(0, max(4, kind.claims * 4 // 5), n)
    claims = {
        "claim_id": [f"C{k:07d}" for k in range(n)], "programme": [f"P{m}" for m in market],
        "enterprise_id": [f"E{m}-{k}" for m, k in zip(market, firm, strict=True)],
        "institution_id": [f"I{m}-{k}" for m, k in zip(market, house, strict=True)],
        "service_type": ["technology_service"] * n, "unit": [f"项{m}" for m in market],
        "quantity": [1.0] * n, "submitted_on": pa.array(day),
        "contract_amount": from_fen(np.round(price * 100).astype(np.int64)),
        "claimed_amount": from_fen(np.round(price * 50).astype(np.int64)),
        "service_title": rng.choice(np.array(kind.titles, dtype=object), n).tolist(),
    }  # fmt: skip
    names = [(m, k) for m in range(markets) for k in range(houses)]
    sellers = {
        "institution_id": [f"I{m}-{k}" for m, k in names], "name": ["x"] * len(names),
        "category": [kind.categories[k % len(kind.categories)] for _, k in names],
        "region": [f"区{k % 3}" for _, k in names],
    }  # fmt: skip
    return Tables({"claims": pa.table(claims), "institutions": pa.table(sellers)}), ~sham


def null_figures(
    kind: Kind, markets: int, seed: int, settings: PricingSettings
) -> tuple[float, np.ndarray]:
    """Share of markets with an honest claim at q <= 0.1; honest p-values, (k,)."""
    tables, honest = null_markets(kind, markets, seed)
    told = pricing.judge(tables, settings)
    p_value, q_value = (
        pc.fill_null(told[name], np.nan).to_numpy() for name in ("p_value", "q_value")
    )
    blamed = ((q_value <= 0.1) & honest).reshape(markets, kind.claims).any(axis=1)
    return float(blamed.mean()), p_value[honest & ~np.isnan(p_value)]


def report_null(markets: int = 600) -> None:
    print(f"\nmarkets without catalogue and overpricing, {markets} of each kind: with an alert, and"
          "\nshare of honest p-values at or below each level over that level\n" + " " * 33
          + "".join(f"{level:8}" for level in LEVELS))  # fmt: skip
    for name, kind in KINDS.items():
        blamed, p_value = null_figures(kind, markets, 3, PricingSettings())
        shares = "".join(f"{(p_value <= level).mean() / level:8.2f}" for level in LEVELS)
        print(f"{name:25}{blamed:8.3f}{shares}")
