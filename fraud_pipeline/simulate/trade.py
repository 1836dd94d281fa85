"""Honest trade: who buys what from whom, when, how much of it and at which price."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.margins import SERVICES, Margins
from fraud_pipeline.simulate.streams import stream

LOYAL_SHARE = 0.06  # enterprises that go back to the same institution again and again
NICHE_SHARE = 0.02  # truly special tests and studies, truly dear
RUSH_SHARE = 0.15  # filed in the last days before a year closes
BUNCH_SHARE = 0.05  # spends exactly what is left under the cap
DRAFT = (
    "enterprise", "institution", "service", "quantity", "market", "price", "share", "day",
    "niche", "rush", "loyal", "listed",
)  # fmt: skip


def honest(
    margins: Margins,
    firms: pd.DataFrame,
    houses: pd.DataFrame,
    n_claims: int,
    n_users: int,
    seed: int,
) -> pd.DataFrame:
    """Draft claims, one row each; ``market`` and ``price`` are yuan a unit.

    ``enterprise`` and ``institution`` are row numbers of the parties; ``day`` is a
    date; ``share`` the part of the contract that vouchers paid.
    """
    rng = stream(seed, "trade")
    users = rng.permutation(len(firms))[:n_users]
    appetite = rng.gamma(0.9, 1.0, n_users)
    buyers = np.concatenate(
        [users, rng.choice(users, max(0, n_claims - n_users), p=appetite / appetite.sum())]
    )
    buyers = rng.permutation(buyers[:n_claims])
    shares = np.array([s.share for s in SERVICES])
    service = rng.choice(len(SERVICES), n_claims, p=shares / shares.sum())
    house = _suppliers(rng, houses, service)
    loyal = np.isin(buyers, users[: int(n_users * LOYAL_SHARE)])
    house, service = _keep_to_first(buyers, house, service, loyal)
    quantity = _quantities(rng, service)
    niche = rng.random(n_claims) < NICHE_SHARE
    middle = np.array([s.price for s in SERVICES])[service]
    spread = np.array([s.spread for s in SERVICES])[service]
    market = middle * np.where(niche, rng.uniform(2.2, 3.5, n_claims), 1.0)
    listed = houses["price_list"].to_numpy()[house] & (spread < 0.3)
    noise = np.where(listed, 0.0, rng.normal(0, 1, n_claims) * spread)
    price = market * houses["price_level"].to_numpy()[house] * np.exp(noise)
    # a technology contract's market price is what this very project is worth
    market = np.where(spread >= 0.3, price, market)
    rush = rng.random(n_claims) < RUSH_SHARE
    return pd.DataFrame(
        {
            "enterprise": buyers, "institution": house, "service": service, "quantity": quantity,
            "market": market, "price": np.round(price, -1), "share": _vouchers(rng, n_claims, margins),
            "day": _days(rng, n_claims, margins, rush), "niche": niche, "rush": rush,
            "loyal": loyal, "listed": listed,
        }
    )  # fmt: skip


def _suppliers(rng: np.random.Generator, houses: pd.DataFrame, service: np.ndarray) -> np.ndarray:
    chosen = np.zeros(len(service), dtype=np.int64)
    category = houses["category"].to_numpy()
    weight = houses["weight"].to_numpy()
    for number, line in enumerate(SERVICES):
        rows = np.flatnonzero(service == number)
        able = np.flatnonzero(np.isin(category, line.categories))
        chosen[rows] = rng.choice(able, len(rows), p=weight[able] / weight[able].sum())
    return _everyone_sells(rng, chosen, service, category)


def _everyone_sells(
    rng: np.random.Generator, chosen: np.ndarray, service: np.ndarray, category: np.ndarray
) -> np.ndarray:
    """Gives each institution that takes vouchers at least one claim, as "active" means."""
    for house in np.setdiff1d(np.arange(len(category)), chosen):
        lines = [k for k, line in enumerate(SERVICES) if category[house] in line.categories]
        busy = np.bincount(chosen, minlength=len(category))[chosen] > 3
        rows = np.flatnonzero(np.isin(service, lines) & busy)
        if len(rows):
            chosen[rng.choice(rows)] = house
    return chosen


def _keep_to_first(
    buyers: np.ndarray, house: np.ndarray, service: np.ndarray, loyal: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    frame = pd.DataFrame({"b": buyers, "h": house, "s": service})
    first = frame.groupby("b", sort=False)[["h", "s"]].transform("first")
    return np.where(loyal, first["h"], house), np.where(loyal, first["s"], service)


def _quantities(rng: np.random.Generator, service: np.ndarray) -> np.ndarray:
    low = np.array([s.units[0] for s in SERVICES])[service]
    high = np.array([s.units[1] for s in SERVICES])[service]
    return np.floor(low + (high - low + 1) * rng.beta(1.1, 1.8, len(service))).astype(np.int64)


def _vouchers(rng: np.random.Generator, n: int, margins: Margins) -> np.ndarray:
    full = rng.random(n) < 0.6
    return np.where(full, margins.share_max, np.round(rng.uniform(0.25, 0.5, n), 2))


def _days(rng: np.random.Generator, n: int, margins: Margins, rush: np.ndarray) -> np.ndarray:
    span = (margins.ends_on - margins.starts_on).days
    usual = np.floor(span * rng.beta(1.6, 1.2, n)).astype(int)
    closes = np.array([(margins.ends_on.replace(year=y, month=12, day=31) - margins.starts_on).days
                       for y in (2015, 2016)] + [span])  # fmt: skip
    last = rng.choice(closes, n, p=[0.3, 0.4, 0.3]) - rng.integers(0, 12, n)
    return np.datetime64(margins.starts_on) + np.where(rush, last, usual).astype("timedelta64[D]")
