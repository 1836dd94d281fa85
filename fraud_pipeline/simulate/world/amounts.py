"""From drafts to money: contract, voucher used, claim, under the programme's limits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.world.margins import Margins, Subsidy
from fraud_pipeline.simulate.world.random_streams import stream

_PASSES = 8
LEAST_YUAN = 400.0  # nobody files for less


def settle(
    drafts: pd.DataFrame, margins: Margins, target: float, users: np.ndarray, seed: int
) -> pd.DataFrame:
    """Adds ``contract``, ``used`` and ``claimed`` (yuan) so that claims sum to ``target``.

    Honest lump-sum contracts are scaled until the published total is met; an enterprise
    that would break its cap passes the claim to a user with room, as an enterprise
    without voucher left buys nothing.
    """
    rng = stream(seed, "amounts")
    pays = margins.subsidy
    drafts = drafts.sort_values(["day", "enterprise", "service"], kind="stable").reset_index(
        drop=True
    )
    drafts["year"] = drafts["day"].dt.year
    lump = np.array([line.lump for line in margins.lines])[drafts["service"].to_numpy()]
    _fit_planted(drafts, margins, rng)
    movable = (drafts["typology"].isna() & lump).to_numpy()
    if not movable.any():
        movable = drafts["typology"].isna().to_numpy()
    for turn in range(_PASSES):
        used, over = _under_cap(drafts, _wanted(drafts, pays), pays)
        _pass_on(drafts, over, used, users, turn)
        claimed = used * pays.multiplier
        scale = (target - claimed[~movable].sum()) / max(1.0, claimed[movable].sum())
        scale = float(np.clip(scale, 0.5, 2.0))
        drafts.loc[movable, ["price", "market"]] *= scale
    drafts["price"] = _as_written(drafts["price"].to_numpy(), lump, drafts["exact"].to_numpy(), rng)
    drafts["contract"] = np.round(drafts["price"] * drafts["quantity"], 2)
    over = np.zeros(len(drafts), dtype=bool)
    for turn in range(_PASSES, 4 * _PASSES):
        used, over = _under_cap(drafts, _wanted(drafts, pays), pays)
        if not over.any():
            break
        _pass_on(drafts, over, used, users, turn)
    alone = over & (drafts["typology"] == "T17").to_numpy()
    if alone.any():  # a split contract that finds no room is left as an ordinary one
        drafts.loc[alone, ["typology", "irregular"]] = [None, False]
        _pass_on(drafts, over, used, users, 0)
        used, _ = _under_cap(drafts, _wanted(drafts, pays), pays)
    for turn in range(2 * _PASSES):  # what is planted goes before what its enterprise buys for real
        if (used >= LEAST_YUAN).all():
            break
        _make_room(drafts, used, users, pays, turn)
        if turn >= _PASSES:
            _ask_less(drafts, used, pays)
        used, _ = _under_cap(drafts, _wanted(drafts, pays), pays)
    if (lost := (used < LEAST_YUAN)).any():  # whoever spent least takes what is left over
        rows = np.flatnonzero(lost & ~drafts["ring"].notna().to_numpy())
        spent = np.bincount(drafts["enterprise"], used, minlength=users.max() + 1)[users]
        takers = users[np.argsort(spent, kind="stable")]
        drafts.loc[drafts.index[rows], "enterprise"] = np.resize(takers, len(rows))
        used, _ = _under_cap(drafts, _wanted(drafts, pays), pays)
    drafts["used"] = _in_multiples(drafts, np.floor(used), margins)
    drafts["claimed"] = np.round(drafts["used"] * pays.multiplier, 2)
    drafts["bunched"] = drafts["used"] < np.floor(_wanted(drafts, pays)) - 1
    return drafts


def _make_room(
    drafts: pd.DataFrame, used: np.ndarray, users: np.ndarray, pays: Subsidy, turn: int
) -> None:
    """Moves the honest claims out of purses in which a planted one found no room; in place."""
    purse = _purse(drafts, pays)
    full = np.isin(purse, purse[used < LEAST_YUAN])
    _pass_on(drafts, full & drafts["typology"].isna().to_numpy(), used, users, turn)


def _in_multiples(drafts: pd.DataFrame, used: np.ndarray, margins: Margins) -> np.ndarray:
    """Whole vouchers of a fixed face; contracts grow where they are worth less than one. In
    place for ``quantity`` and ``contract``."""
    face = margins.multiple
    if face <= 1.0:
        return used
    whole = np.maximum(face, np.floor(used / face) * face)
    least = whole / margins.subsidy.share_max
    units = np.maximum(drafts["quantity"], np.ceil(least / drafts["price"]))
    drafts["quantity"] = units.astype(np.int64)
    drafts["contract"] = np.round(drafts["price"] * units, 2)
    return np.asarray(whole)


def _ask_less(drafts: pd.DataFrame, used: np.ndarray, pays: Subsidy) -> None:
    """Lets the planted claims of a purse that is too small for all of them shrink; in place."""
    purse = _purse(drafts, pays)
    rows = np.isin(purse, purse[used < LEAST_YUAN]) & drafts["typology"].notna().to_numpy()
    less = np.round(drafts.loc[rows, "price"] * 0.9, -1)
    drafts.loc[rows, "market"] *= less / drafts.loc[rows, "price"]
    drafts.loc[rows, "price"] = less
    drafts.loc[rows, "contract"] = np.round(less * drafts.loc[rows, "quantity"], 2)


def _wanted(drafts: pd.DataFrame, pays: Subsidy) -> np.ndarray:
    """Voucher money (yuan) each contract would bring if there were no cap."""
    contract = np.round(drafts["price"] * drafts["quantity"], 2).to_numpy()
    whole = np.minimum(contract, pays.full_up_to)
    return np.asarray(whole + (contract - whole) * drafts["share"].to_numpy())


def _as_written(
    price: np.ndarray, lump: np.ndarray, exact: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Prices as people write them: lump sums mostly in round thousands or hundreds."""
    luck = rng.random(len(price))
    step = np.where(luck < 0.5, 1000.0, np.where(luck < 0.8, 100.0, 1.0))
    step = np.where(lump & (price > 5000), step, 10.0)
    return np.where(exact.astype(bool), np.round(price), np.round(price / step) * step)


def _fit_planted(drafts: pd.DataFrame, margins: Margins, rng: np.random.Generator) -> None:
    """Whoever cheats knows the cap: planted claims of an enterprise stay together below it."""
    planted = (drafts["ring"].notna() | (drafts["typology"] == "T02")).to_numpy()
    enterprise = drafts["enterprise"].to_numpy()
    total = pd.Series(np.where(planted, _wanted(drafts, margins.subsidy), 0.0)).groupby(enterprise)
    headroom = rng.uniform(0.8, 0.998, enterprise.max() + 1)[enterprise] * margins.subsidy.cap_yuan
    fit = np.minimum(1.0, headroom / np.maximum(total.transform("sum").to_numpy(), 1.0))
    drafts.loc[planted, ["price", "market"]] = drafts.loc[planted, ["price", "market"]].mul(
        fit[planted], axis=0
    )


def _under_cap(
    drafts: pd.DataFrame, wanted: np.ndarray, pays: Subsidy
) -> tuple[np.ndarray, np.ndarray]:
    purse = _purse(drafts, pays)
    before = pd.Series(wanted).groupby(purse).cumsum().to_numpy() - wanted
    left = np.where(drafts["free"].to_numpy(dtype=bool), np.inf, pays.cap_yuan - before)
    used = np.clip(left, 0.0, wanted)
    return used, used < LEAST_YUAN


def _purse(drafts: pd.DataFrame, pays: Subsidy) -> np.ndarray:
    """What a cap counts over: the enterprise, or the enterprise's year."""
    enterprise = drafts["enterprise"].to_numpy().astype(np.int64)
    if not pays.cap_by_year:
        return enterprise
    return np.asarray(enterprise * 10_000 + drafts["year"].to_numpy())


def _pass_on(
    drafts: pd.DataFrame, over: np.ndarray, used: np.ndarray, users: np.ndarray, turn: int
) -> None:
    tied = drafts["ring"].notna() | drafts["typology"].isin(["T02", "T17"])
    rows = np.flatnonzero(over & ~tied.to_numpy())
    if not len(rows):
        return
    if (
        turn >= 2 * _PASSES
        and (free := np.intersect1d(users, drafts.loc[drafts["free"], "enterprise"])).size
    ):
        drafts.loc[drafts.index[rows], "enterprise"] = free[
            (np.arange(len(rows)) * 7 + turn) % len(free)
        ]
        drafts.loc[drafts.index[rows], "free"] = True
        return
    spent = np.bincount(drafts["enterprise"].to_numpy(), used, minlength=users.max() + 1)[users]
    roomy = users[np.argsort(spent, kind="stable")][: max(1, len(users) // 2)]
    takers = roomy[(np.arange(len(rows)) * 7 + turn) % len(roomy)]
    drafts.loc[drafts.index[rows], "enterprise"] = takers
    drafts.loc[drafts.index[rows], "loyal"] = False
