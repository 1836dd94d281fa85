"""Amounts that add up to a published table of money by place and period, to the yuan.

Used where a programme published such a table (Shanxi): each claim is given a cell, its
filing and payment days, and an amount; what is paid whole up to a limit piles up at the
limit, as it legally does.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.world.amounts import LEAST_YUAN
from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.random_streams import stream

_DELAY_DAYS = (60, 200)  # from filing to payment
_ABOVE = 0.06  # of the claims at the limit go beyond it
_BEYOND_YUAN = 25_000.0  # and bring at most so much more
_A_YEAR = 3  # claims of an enterprise in a year: more could break the yearly cap


def settle_cells(
    drafts: pd.DataFrame, enterprises: pd.DataFrame, margins: Margins, scale: float, seed: int
) -> pd.DataFrame:
    """Drafts with ``contract``, ``used``, ``claimed`` (yuan), filing and payment days.

    ``used`` adds up to the published yuan of every cell times ``scale``, rounded to
    the yuan, in every cell that has a claim.
    """
    rng = stream(seed, "cells")
    enterprise_place = enterprises["place"].to_numpy()
    drafts = drafts.sort_values(["day", "enterprise", "service"], kind="stable")
    drafts = drafts.reset_index(drop=True)
    drafts["place"] = enterprise_place[drafts["enterprise"]]
    cell = _cells(drafts, margins)
    _dates(drafts, cell, margins, rng)
    _keep_pairs(drafts, cell)
    _spread_over_enterprises(drafts, enterprise_place, _a_year(cell, margins, scale))
    raw = (drafts["price"] * drafts["quantity"]).to_numpy(dtype=float)
    used = np.zeros(len(drafts))
    for number, (_, _, _, yuan) in enumerate(margins.cells):
        rows = np.flatnonzero(cell == number)
        if len(rows):
            used[rows] = _fill(rng, raw[rows], _fixed(drafts, rows), round(yuan * scale), margins)
    drafts["used"] = used
    drafts["claimed"] = np.round(used * margins.subsidy.multiplier, 2)
    _contracts(drafts, raw, margins, rng)
    order = drafts.sort_values(["day", "enterprise", "service"], kind="stable")
    return order.reset_index(drop=True)


def _cells(drafts: pd.DataFrame, margins: Margins) -> np.ndarray:
    """The cell of each draft: its place, and by its rank in time the period."""
    names = [p.zh for p in margins.places]
    cell = np.zeros(len(drafts), dtype=np.int64)
    place = drafts["place"].to_numpy()
    for number, name in enumerate(names):
        rows = np.flatnonzero(place == number)
        of_place = [k for k, c in enumerate(margins.cells) if c[0] == name]
        yuan = np.array([margins.cells[k][3] for k in of_place])
        count = np.round(np.cumsum(yuan) / yuan.sum() * len(rows)).astype(int)
        edges = np.diff(count, prepend=0)
        while (edges == 0).any() and edges.max() > 1:  # every published sum has a claim
            edges[np.argmin(edges)] += 1
            edges[np.argmax(edges)] -= 1
        cell[rows] = np.repeat(of_place, edges)
    return cell


def _dates(
    drafts: pd.DataFrame, cell: np.ndarray, margins: Margins, rng: np.random.Generator
) -> None:
    """Filing days spread over what leads to a payment in the cell's period; in place."""
    first = np.array([c[1] for c in margins.cells], dtype="datetime64[D]")[cell]
    last = np.array([c[2] for c in margins.cells], dtype="datetime64[D]")[cell]
    rank = pd.Series(cell).groupby(cell).cumcount().to_numpy()
    size = np.bincount(cell, minlength=cell.max() + 1)[cell]
    opens = np.maximum(first - np.timedelta64(150, "D"), np.datetime64(margins.starts_on))
    span = (last - np.timedelta64(_DELAY_DAYS[0], "D") - opens).astype(int)
    part = (rank + rng.random(len(cell))) / size
    day = opens + np.floor(part * span).astype("timedelta64[D]")
    paid = day + rng.integers(*_DELAY_DAYS, len(cell)).astype("timedelta64[D]")
    drafts["day"] = day.astype("datetime64[ns]")
    drafts["paid_day"] = np.clip(paid, first, last).astype("datetime64[ns]")


def _keep_pairs(drafts: pd.DataFrame, cell: np.ndarray) -> None:
    """The two halves of a split contract (T17) stay a few days apart; in place."""
    halves = drafts[drafts["typology"] == "T17"]
    for _, pair in halves.groupby(["enterprise", "institution", "service"], sort=True):
        first, others = pair.index[0], pair.index[1:]
        for later in others:
            if (cell == cell[later]).sum() > 1:
                cell[later] = cell[first]
                gap = pd.Timedelta(days=1 + (later - first) % 6)
                drafts.loc[later, ["day", "paid_day"]] = (
                    drafts.loc[first, ["day", "paid_day"]] + gap
                )
    for number in np.unique(cell[halves.index]):  # nothing is paid outside its cell
        rows = halves.index[cell[halves.index] == number]
        drafts.loc[rows, "paid_day"] = drafts.loc[rows, "paid_day"].clip(
            upper=drafts.loc[cell == number, "paid_day"].drop(rows).max()
        )


def _a_year(cell: np.ndarray, margins: Margins, scale: float) -> np.ndarray:
    """How many claims of its cell's size an enterprise may file in a year under the yearly cap."""
    yuan = np.array([c[3] for c in margins.cells]) * scale
    mean = np.ceil(yuan / np.maximum(1, np.bincount(cell, minlength=len(yuan)))) + 1
    large = mean > margins.subsidy.full_up_to  # few claims for much money, as `_fill` does then
    fewer = np.maximum(1, margins.subsidy.cap_yuan // mean)
    return np.asarray(np.where(large, np.minimum(_A_YEAR, fewer), _A_YEAR)[cell])


def _spread_over_enterprises(
    drafts: pd.DataFrame, enterprise_place: np.ndarray, a_year: np.ndarray
) -> None:
    """Passes an enterprise's claims beyond a few in a year to quieter enterprises of its city; in place."""
    for _ in range(4):
        key = drafts["enterprise"].to_numpy() * 10_000 + drafts["day"].dt.year.to_numpy()
        many = pd.Series(key).groupby(key).cumcount().to_numpy() >= a_year
        many &= (drafts["ring"].isna() & (drafts["typology"] != "T17")).to_numpy()
        count = np.bincount(drafts["enterprise"], minlength=len(enterprise_place))
        for number in np.unique(drafts["place"].to_numpy()[many]):
            rows = np.flatnonzero(many & (drafts["place"].to_numpy() == number))
            buyers = np.flatnonzero((enterprise_place == number) & (count > 0))
            quiet = buyers[np.argsort(count[buyers], kind="stable")]
            drafts.loc[drafts.index[rows], "enterprise"] = np.resize(quiet, len(rows))


def _fixed(drafts: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    return (drafts["typology"].iloc[rows] == "T17").to_numpy() | (
        drafts["exact"].iloc[rows].to_numpy(dtype=bool)
    )


def _fill(
    rng: np.random.Generator, raw: np.ndarray, fixed: np.ndarray, total: int, margins: Margins
) -> np.ndarray:
    """Whole yuan that add up to ``total``: ``raw`` times one factor, cut at each claim's limit."""
    full = margins.subsidy.full_up_to
    most = np.where(
        rng.random(len(raw)) < _ABOVE, full + np.floor(_BEYOND_YUAN * rng.random(len(raw))), full
    )
    if total > most.sum():  # a small world cannot hold it otherwise
        most = np.full(len(raw), np.ceil(total / len(raw)) + 1)
    fixed = fixed & (raw <= most)
    if np.where(fixed, raw, LEAST_YUAN).sum() > total or np.where(fixed, raw, most).sum() < total:
        fixed = np.zeros(len(raw), dtype=bool)
    least = np.minimum(LEAST_YUAN, total / len(raw))
    low, high = 0.0, 1e9
    for _ in range(200):
        factor = np.sqrt(max(low, 1e-9) * high)
        got = np.where(fixed, raw, np.clip(raw * factor, least, most))
        low, high = (low, factor) if got.sum() > total else (factor, high)
    used = np.floor(np.where(fixed, raw, np.clip(raw * low, least, most)))
    slack = np.maximum(np.floor(most) - used, 0.0)
    left = total - used.sum()
    order = np.argsort(-slack, kind="stable")
    cumulative_slack = np.cumsum(slack[order])
    used[order] += np.clip(left - (cumulative_slack - slack[order]), 0.0, slack[order])
    return np.asarray(used)


def _contracts(
    drafts: pd.DataFrame, raw: np.ndarray, margins: Margins, rng: np.random.Generator
) -> None:
    """The contracts that bring what was used; units follow, so that unit prices stay; in place."""
    pays, n = margins.subsidy, len(drafts)
    used = drafts["used"].to_numpy()
    beyond = used > pays.full_up_to
    at_limit = used == pays.full_up_to
    dearer = np.where(rng.random(n) < 0.5, 1.0, np.round(rng.uniform(1.0, 1.5, n), 2))
    contract = np.where(at_limit, np.round(used * dearer), used)
    above = pays.full_up_to + (used - pays.full_up_to) / pays.share_max
    drafts["contract"] = np.where(beyond, np.round(above, 2), contract)
    drafts["bunched"] = at_limit
    lump = np.array([line.lump for line in margins.lines])[drafts["service"].to_numpy()]
    unit = drafts["price"].to_numpy(dtype=float)
    units = np.where(lump, 1, np.maximum(1, np.round(drafts["contract"] / unit)))
    price = drafts["contract"].to_numpy() / units
    one_worth = drafts["market"].to_numpy() / unit
    drafts["market"] = np.where(lump, price * one_worth, drafts["market"])
    drafts["quantity"] = units.astype(np.int64)
    drafts["price"] = price
