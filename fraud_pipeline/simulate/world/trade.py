"""Honest trade: who buys what from whom, when, how much of it and at which price."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.random_streams import stream


def honest(
    margins: Margins,
    enterprises: pd.DataFrame,
    institutions: pd.DataFrame,
    n_claims: int,
    n_users: int,
    planted: np.ndarray,
    seed: int,
) -> pd.DataFrame:
    """Draft claims, one row each; ``market`` and ``price`` are yuan a unit.

    ``planted`` are the services (rows of ``margins.lines``) of claims there are already:
    both together keep to the published mix.

    ``enterprise`` and ``institution`` are row numbers of the parties; ``day`` is a
    date; ``share`` the part of the contract that vouchers pay beyond what is paid whole.
    """
    rng = stream(seed, "trade")
    pays = margins.subsidy
    users = rng.permutation(len(enterprises))[:n_users]
    appetite = rng.gamma(0.9, 1.0, n_users)
    appetite = appetite * np.where(enterprises["free"].to_numpy()[users], pays.free_appetite, 1.0)
    buyers = np.concatenate(
        [users, rng.choice(users, max(0, n_claims - n_users), p=appetite / appetite.sum())]
    )
    buyers = rng.permutation(buyers[:n_claims])
    service = rng.permutation(_services(margins, n_claims, planted))
    place = enterprises["place"].to_numpy()[buyers]
    institution = _suppliers(rng, margins, institutions, service, place)
    loyal = np.isin(buyers, users[: int(n_users * margins.nuisance.loyal_share)])
    institution, service = _keep_to_first(buyers, institution, service, loyal)
    institution = _at_home(rng, enterprises, institutions, buyers, service, institution, margins)
    rush = rng.random(n_claims) < margins.nuisance.rush_share
    return pd.DataFrame(
        {
            "enterprise": buyers, "institution": institution, "service": service,
            "quantity": _quantities(rng, margins, service),
            **_prices(rng, margins, institutions, institution, service, seed),
            "share": _vouchers(rng, n_claims, margins),
            "day": _days(rng, n_claims, margins, rush), "rush": rush, "loyal": loyal,
        }
    )  # fmt: skip


def _prices(
    rng: np.random.Generator, margins: Margins, institutions: pd.DataFrame, institution: np.ndarray,
    service: np.ndarray, seed: int,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Title, market and price of each draft, and whether it is niche or from a price list."""
    n = len(service)
    title, factor = _titles(rng, margins, service)
    market = np.array([line.price for line in margins.lines])[service] * factor
    market = market * _own_levels(
        margins, title, institutions["place"].to_numpy()[institution], seed
    )
    spread = np.array([line.spread for line in margins.lines])[service]
    listed = institutions["price_list"].to_numpy()[institution] & (spread < 0.3)
    noise = np.where(listed, 0.0, rng.normal(0, 1, n) * spread * margins.nuisance.noise)
    price = market * institutions["price_level"].to_numpy()[institution] * np.exp(noise)
    # a technology contract's market price is what this very project is worth
    market = np.where(spread >= 0.3, price, market)
    return {"title": title, "market": market, "price": np.round(price, -1),
            "niche": factor > 1.0, "listed": listed}  # fmt: skip


def _own_levels(margins: Margins, title: np.ndarray, place: np.ndarray, seed: int) -> np.ndarray:
    """What the wording and the place do to a price, as factors around 1."""
    rng, nuisance = stream(seed, "price levels"), margins.nuisance
    names = [t for line in margins.lines for t in line.titles]
    of_title = dict(zip(names, rng.normal(0, nuisance.title_spread, len(names)), strict=True))
    of_place = rng.normal(0, nuisance.place_spread, len(margins.places))
    return np.asarray(
        np.exp(pd.Series(title).map(of_title).fillna(0.0).to_numpy() + of_place[place])
    )


def _titles(
    rng: np.random.Generator, margins: Margins, service: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What each draft's service is called, and its price over the ordinary one."""
    title = np.empty(len(service), dtype=object)
    factor = np.ones(len(service))
    luck = rng.random((2, len(service)))
    for number, line in enumerate(margins.lines):
        rows = np.flatnonzero(service == number)
        wording = np.array(line.titles, dtype=object)
        title[rows] = wording[(luck[0, rows] * len(wording)).astype(int)]
        edge = 0.0
        for niche in line.niches:
            in_niche = rows[(luck[1, rows] >= edge) & (luck[1, rows] < edge + niche.share)]
            title[in_niche], factor[in_niche] = niche.zh, niche.factor
            edge += niche.share
    return title, factor


def _services(margins: Margins, n: int, planted: np.ndarray) -> np.ndarray:
    """``n`` services that together with the ``planted`` ones keep to the mix."""
    share = np.array([line.share for line in margins.lines])
    there = np.bincount(planted.astype(np.int64), minlength=len(share))
    wanted = np.maximum(share / share.sum() * (n + len(planted)) - there, 0.0)
    edges = np.round(np.cumsum(wanted) / max(wanted.sum(), 1e-9) * n).astype(np.int64)
    return np.repeat(np.arange(len(share)), np.diff(edges, prepend=0))


def _suppliers(
    rng: np.random.Generator, margins: Margins, institutions: pd.DataFrame, service: np.ndarray,
    place: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """A seller for each draft by popularity, in a programme of many places mostly a near one."""
    chosen = np.zeros(len(service), dtype=np.int64)
    category = institutions["category"].to_numpy()
    weight = institutions["weight"].to_numpy()
    where = institutions["place"].to_numpy()
    near = (
        rng.random(len(service)) < margins.nuisance.near_share if len(margins.places) > 1 else None
    )
    for number, line in enumerate(margins.lines):
        able = np.flatnonzero(np.isin(category, line.categories))
        rows = np.flatnonzero(service == number)
        chosen[rows] = rng.choice(
            able, len(rows), p=_chances(margins, weight[able], category[able])
        )
        if near is None:
            continue
        for spot in np.unique(where[able]):
            local = able[where[able] == spot]
            local_rows = rows[near[rows] & (place[rows] == spot)]
            chosen[local_rows] = rng.choice(
                local, len(local_rows), p=_chances(margins, weight[local], category[local])
            )
    return _everyone_sells(rng, margins, chosen, service, category)


def _chances(margins: Margins, weight: np.ndarray, category: np.ndarray) -> np.ndarray:
    """Probabilities by popularity; the categories of ``margins.pull`` have the share named there."""
    weight = weight.copy()
    for name, share in margins.pull.items():
        of_category = category == name
        if of_category.any() and not of_category.all():
            weight[of_category] *= (
                share / (1 - share) * weight[~of_category].sum() / weight[of_category].sum()
            )
    return np.asarray(weight / weight.sum())


def _everyone_sells(
    rng: np.random.Generator, margins: Margins, chosen: np.ndarray, service: np.ndarray,
    category: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Gives each institution that takes vouchers at least one claim, as "active" means."""
    for kind in np.unique(category):
        lines = [k for k, line in enumerate(margins.lines) if kind in line.categories]
        sold = np.bincount(chosen, minlength=len(category))
        without = np.flatnonzero((category == kind) & (sold == 0))
        # one claim of each busy seller at a time, so that none of them runs dry
        rows = rng.permutation(np.flatnonzero(np.isin(service, lines) & (sold[chosen] > 3)))
        turn = pd.Series(chosen[rows]).groupby(chosen[rows]).cumcount().to_numpy()
        rows = rows[turn < sold[chosen[rows]] - 2][: len(without)]
        chosen[rows] = without[: len(rows)]
    return chosen


def _keep_to_first(
    buyers: np.ndarray, institution: np.ndarray, service: np.ndarray, loyal: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    frame = pd.DataFrame({"b": buyers, "h": institution, "s": service})
    first = frame.groupby("b", sort=False)[["h", "s"]].transform("first")
    return np.where(loyal, first["h"], institution), np.where(loyal, first["s"], service)


def _at_home(
    rng: np.random.Generator, enterprises: pd.DataFrame, institutions: pd.DataFrame, buyers: np.ndarray,
    service: np.ndarray, institution: np.ndarray, margins: Margins,
) -> np.ndarray:  # fmt: skip
    """Tenants mostly buy incubation where they sit: legal, and looked at all the same (T25)."""
    lines = [k for k, line in enumerate(margins.lines) if line.code == "incubation"]
    own = pd.Series(np.arange(len(institutions)), index=institutions["institution_id"].to_numpy())
    host = own.reindex(enterprises["incubator_id"].to_numpy()[buyers]).to_numpy()
    stays = (
        np.isin(service, lines)
        & ~np.isnan(host)
        & (rng.random(len(buyers)) < margins.nuisance.own_incubator_share)
    )
    return np.where(stays, np.nan_to_num(host), institution).astype(np.int64)


def _quantities(rng: np.random.Generator, margins: Margins, service: np.ndarray) -> np.ndarray:
    low = np.array([line.units[0] for line in margins.lines])[service]
    high = np.array([line.units[1] for line in margins.lines])[service]
    return np.floor(low + (high - low + 1) * rng.beta(1.1, 1.8, len(service))).astype(np.int64)


def _vouchers(rng: np.random.Generator, n: int, margins: Margins) -> np.ndarray:
    pays = margins.subsidy
    full = rng.random(n) < pays.at_most
    return np.where(
        full, pays.share_max, np.round(rng.uniform(pays.share_least, pays.share_max, n), 2)
    )


def _days(rng: np.random.Generator, n: int, margins: Margins, rush: np.ndarray) -> np.ndarray:
    """Filing days: a programme that grows, with rushes when a year closes."""
    span = (margins.ends_on - margins.starts_on).days
    usual = np.floor(span * rng.beta(1.6, 1.2, n)).astype(int)
    closes = year_closes(margins)
    weight = np.linspace(1.0, 1.5, len(closes))
    last = rng.choice(closes, n, p=weight / weight.sum()) - rng.integers(0, 12, n)
    return np.datetime64(margins.starts_on) + np.where(rush, last, usual).astype("timedelta64[D]")


def year_closes(margins: Margins) -> np.ndarray:
    """Days from the programme's first to the last of each year and of the programme."""
    years = range(margins.starts_on.year, margins.ends_on.year)
    span = (margins.ends_on - margins.starts_on).days
    return np.array([(date(y, 12, 31) - margins.starts_on).days for y in years] + [span])
