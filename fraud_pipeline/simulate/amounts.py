"""From drafts to money: contract, voucher used, claim, under the programme's limits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.margins import SERVICES, Margins

_LUMP = np.array([s.spread >= 0.3 for s in SERVICES])
_PASSES = 8
LEAST_YUAN = 400.0  # nobody files for less


def settle(
    drafts: pd.DataFrame, margins: Margins, target: float, users: np.ndarray
) -> pd.DataFrame:
    """Adds ``contract``, ``used`` and ``claimed`` (yuan) so that claims sum to ``target``.

    Honest lump-sum contracts are scaled until the published total is met; a firm
    that would break its cap passes the claim to a user with room, as a firm
    without voucher left buys nothing.
    """
    drafts = drafts.sort_values(["day", "enterprise", "service"], kind="stable").reset_index(
        drop=True
    )
    _fit_planted(drafts, margins)
    movable = (drafts["typology"].isna() & _LUMP[drafts["service"].to_numpy()]).to_numpy()
    for turn in range(_PASSES):
        contract = np.round(drafts["price"] * drafts["quantity"], 2).to_numpy()
        used, over = _under_cap(
            drafts["enterprise"].to_numpy(), contract * drafts["share"].to_numpy(), margins
        )
        _pass_on(drafts, over, used, users, turn)
        claimed = used * margins.multiplier
        scale = (target - claimed[~movable].sum()) / max(1.0, claimed[movable].sum())
        scale = float(np.clip(scale, 0.5, 2.0))
        drafts.loc[movable, ["price", "market"]] *= scale
    drafts["price"] = np.round(drafts["price"], 0)
    drafts["contract"] = np.round(drafts["price"] * drafts["quantity"], 2)
    for turn in range(_PASSES, 4 * _PASSES):
        wanted = (drafts["contract"] * drafts["share"]).to_numpy()
        used, over = _under_cap(drafts["enterprise"].to_numpy(), wanted, margins)
        if not over.any():
            break
        _pass_on(drafts, over, used, users, turn)
    drafts["used"] = np.floor(used)
    drafts["claimed"] = np.round(drafts["used"] * margins.multiplier, 2)
    drafts["bunched"] = drafts["used"] < np.floor(drafts["contract"] * drafts["share"]) - 1
    return drafts


def _fit_planted(drafts: pd.DataFrame, margins: Margins) -> None:
    """Whoever cheats knows the cap: planted claims of a firm stay together just below it."""
    planted = (drafts["ring"].notna() | (drafts["typology"] == "T02")).to_numpy()
    wanted = (drafts["price"] * drafts["quantity"] * drafts["share"]).where(planted, 0.0)
    total = wanted.groupby(drafts["enterprise"]).transform("sum")
    fit = np.minimum(1.0, 0.99 * margins.cap_yuan / np.maximum(total, 1.0))
    drafts.loc[planted, ["price", "market"]] = drafts.loc[planted, ["price", "market"]].mul(
        fit[planted], axis=0
    )


def _under_cap(
    firm: np.ndarray, wanted: np.ndarray, margins: Margins
) -> tuple[np.ndarray, np.ndarray]:
    before = pd.Series(wanted).groupby(firm).cumsum().to_numpy() - wanted
    used = np.clip(margins.cap_yuan - before, 0.0, wanted)
    return used, used < LEAST_YUAN


def _pass_on(
    drafts: pd.DataFrame, over: np.ndarray, used: np.ndarray, users: np.ndarray, turn: int
) -> None:
    rows = np.flatnonzero(over & drafts["typology"].isna().to_numpy())
    if not len(rows):
        return
    spent = (
        pd.Series(used)
        .groupby(drafts["enterprise"].to_numpy())
        .sum()
        .reindex(users, fill_value=0.0)
    )
    roomy = spent.sort_values(kind="stable").index.to_numpy()[: max(1, len(users) // 2)]
    takers = roomy[(np.arange(len(rows)) * 7 + turn) % len(roomy)]
    drafts.loc[drafts.index[rows], "enterprise"] = takers
    drafts.loc[drafts.index[rows], "loyal"] = False
