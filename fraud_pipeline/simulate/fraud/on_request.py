"""Typologies that are no claimant's fraud, planted only when asked for (``also=("T03", ...)``).

Three of the dossier's typologies describe how vouchers are spent and break no rule: T03
(spent for spending's sake before expiry), T08 (grabbed and left to lapse), T25 (tenants buy
at their own incubator). Their claims are marked in the truth table, neither fraud nor
irregular, no loss. T09 (an authority hands project money out as vouchers) is improper, though
not the claimant's doing: irregular, lost whole. A world without ``also`` is not touched.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.random_streams import stream

KINDS = ("T03", "T08", "T09", "T25")
SHARE = {"T03": 0.03, "T08": 0.02, "T25": 0.005}  # of the claims; assumptions
RECIPIENTS = 2  # T09: enterprises that share a year's repackaged project money
OF_A_YEAR = 0.25  # T09: of all money of that year, to each of them
LAPSES_AFTER_DAYS = 180  # T08: how long the grabbed voucher was good for
LAST_DAYS = 14  # T03: so close to expiry was the rest spent


def checked(also: tuple[str, ...], margins: Margins) -> tuple[str, ...]:
    """``also`` in order, each once. SettingsError for what cannot be planted."""
    if unknown := sorted(set(also) - set(KINDS)):
        raise SettingsError(f"only {', '.join(KINDS)} are planted on request, not {unknown[0]}")
    if "T25" in also and not any("incubator" in line.categories for line in margins.lines):
        raise SettingsError(f"no incubator sells anything in {margins.programme}: T25 cannot be")
    return tuple(kind for kind in KINDS if kind in also)


def plant(
    drafts: pd.DataFrame, enterprises: pd.DataFrame, institutions: pd.DataFrame, margins: Margins,
    also: tuple[str, ...], seed: int,
) -> None:  # fmt: skip
    """Marks settled honest drafts as ``also`` says; in place. T03 and T08 show in the vouchers."""
    for kind in also:
        rng = stream(seed, f"on request {kind}")
        if kind == "T03":
            _mark(drafts, _last_of_purse(drafts, margins), kind, rng)
        elif kind == "T08":
            _mark(drafts, _with_room(drafts, margins), kind, rng)
        elif kind == "T25":
            _own_incubator(drafts, enterprises, institutions, margins, rng)
        else:
            _project_money(drafts, margins, rng)


def _mark(drafts: pd.DataFrame, able: np.ndarray, kind: str, rng: np.random.Generator) -> None:
    rows = np.flatnonzero(able & drafts["typology"].isna().to_numpy())
    wanted = min(len(rows), max(1, round(SHARE[kind] * len(drafts))))
    chosen = rng.choice(rows, wanted, replace=False)
    drafts.loc[drafts.index[chosen], "typology"] = kind


def _purse(drafts: pd.DataFrame, margins: Margins) -> np.ndarray:
    year = drafts["day"].dt.year.to_numpy() if margins.subsidy.cap_by_year else 0
    return np.asarray(drafts["enterprise"].to_numpy() * 10_000 + year)


def _last_of_purse(drafts: pd.DataFrame, margins: Margins) -> np.ndarray:
    """The last use of a voucher nobody else used, where what was used could be its face."""
    purse = _purse(drafts, margins)
    lent = drafts["voucher_of"].to_numpy() >= 0
    spoilt = np.isin(drafts["enterprise"], drafts["voucher_of"].to_numpy()[lent]) | lent
    total = drafts["used"].groupby(purse).transform("sum").to_numpy()
    fixed = margins.face_unit > 1_000.0  # a denomination: only who used whole ones
    whole = (total % margins.face_unit == 0) if fixed else np.ones(len(drafts), dtype=bool)
    last = ~pd.Series(purse).duplicated(keep="last").to_numpy()
    return np.asarray(last & whole & ~spoilt)


def _with_room(drafts: pd.DataFrame, margins: Margins) -> np.ndarray:
    """Claims of enterprises that use less than the cap, early enough for a voucher to lapse."""
    total = drafts["used"].groupby(_purse(drafts, margins)).transform("sum").to_numpy()
    early = drafts["day"] + pd.Timedelta(days=LAPSES_AFTER_DAYS) < drafts["day"].max()
    within_cap = total + margins.face_unit < 0.5 * margins.subsidy.cap_yuan
    return np.asarray(within_cap & early.to_numpy() & ~drafts["free"].to_numpy(dtype=bool))


def _own_incubator(
    drafts: pd.DataFrame, enterprises: pd.DataFrame, institutions: pd.DataFrame, margins: Margins,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """T25: tenants' purchases of what incubators sell go to the incubator they sit in."""
    sold = [k for k, line in enumerate(margins.lines) if "incubator" in line.categories]
    own = pd.Series(np.arange(len(institutions)), index=institutions["institution_id"].to_numpy())
    host = own.reindex(enterprises["incubator_id"].to_numpy()[drafts["enterprise"]]).to_numpy()
    tenant = ~np.isnan(host)
    able = tenant & np.isin(drafts["service"], sold) & drafts["ring"].isna().to_numpy()
    _mark(drafts, able, "T25", rng)
    planted = (drafts["typology"] == "T25").to_numpy()
    drafts.loc[planted, "institution"] = host[planted].astype(np.int64)


def _project_money(drafts: pd.DataFrame, margins: Margins, rng: np.random.Generator) -> None:
    """T09: a few enterprises share half of a year's money, without any service contract."""
    honest = drafts["typology"].isna() & ~drafts["enterprise"].duplicated(keep=False)
    year = drafts["day"].dt.year
    for when in year[honest].value_counts().index:
        rows = np.flatnonzero((honest & (year == when)).to_numpy())
        if len(rows) >= RECIPIENTS:
            break
    else:
        return
    chosen = drafts.index[rng.choice(rows, RECIPIENTS, replace=False)]
    others = drafts.loc[(year == when) & ~drafts.index.isin(chosen), "used"].sum()
    used = np.floor(others * OF_A_YEAR / (1 - RECIPIENTS * OF_A_YEAR) / 1000 + 1) * 1000
    paid = round(used * margins.subsidy.multiplier, 2)
    worth = used / margins.subsidy.share_max
    drafts.loc[chosen, ["used", "claimed", "contract"]] = [used, paid, worth]
    drafts.loc[chosen, ["quantity", "price", "market"]] = [1, worth, worth]
    drafts.loc[chosen, ["typology", "irregular", "no_contract"]] = ["T09", True, True]


def without_contract(papers: dict[str, pd.DataFrame], drafts: pd.DataFrame) -> None:
    """Takes the contracts, invoices and payments of T09 claims out of the papers; in place."""
    claims = papers["claims"]
    bare = (drafts["typology"] == "T09").to_numpy()
    gone = claims.loc[bare, "contract_id"]
    for name in ("contracts", "invoices", "payments"):
        remaining = ~papers[name]["contract_id"].isin(gone)
        papers[name] = papers[name][remaining].reset_index(drop=True)
    claims.loc[bare, "contract_id"] = None


def revouch(vouchers: pd.DataFrame, claims: pd.DataFrame, drafts: pd.DataFrame,
            margins: Margins, seed: int) -> pd.DataFrame:  # fmt: skip
    """The vouchers as T03 and T08 leave them: spent up at expiry; a second one left to lapse."""
    rng = stream(seed, "on request vouchers")
    at = vouchers.set_index("voucher_id").index
    spent = drafts["used"].groupby(claims["voucher_id"].to_numpy()).sum()
    late = (drafts["typology"] == "T03").to_numpy()
    voucher_rows = at.get_indexer(claims.loc[late, "voucher_id"])
    vouchers = vouchers.copy()
    wait = pd.to_timedelta(rng.integers(0, LAST_DAYS + 1, len(voucher_rows)), unit="D")
    ends = pd.DatetimeIndex(drafts.loc[late, "day"]) + wait
    vouchers["expires_on"] = pd.to_datetime(vouchers["expires_on"])
    vouchers.iloc[voucher_rows, vouchers.columns.get_loc("expires_on")] = ends
    vouchers.iloc[voucher_rows, vouchers.columns.get_loc("face_value")] = spent.reindex(
        claims.loc[late, "voucher_id"]
    ).to_numpy()
    large = claims.loc[(drafts["typology"] == "T09").to_numpy(), "voucher_id"].drop_duplicates()
    vouchers.iloc[at.get_indexer(large), vouchers.columns.get_loc("face_value")] = spent.reindex(
        large
    ).to_numpy()
    return pd.concat([vouchers, _grabbed(vouchers, claims, drafts, spent, margins)],
                     ignore_index=True)  # fmt: skip


def _grabbed(
    vouchers: pd.DataFrame, claims: pd.DataFrame, drafts: pd.DataFrame, spent: pd.Series,
    margins: Margins,
) -> pd.DataFrame:  # fmt: skip
    """T08: a second voucher of each marked enterprise, taken with the first and never used.

    The face of the first shrinks to what was used, so that both together keep to the cap.
    """
    idle = claims.loc[(drafts["typology"] == "T08").to_numpy(), "voucher_id"].drop_duplicates()
    voucher_rows = vouchers.set_index("voucher_id").index.get_indexer(idle)
    unit, face = margins.face_unit, vouchers.columns.get_loc("face_value")
    first = np.maximum(unit, np.ceil(spent.reindex(idle).to_numpy() / unit) * unit)
    vouchers.iloc[voucher_rows, face] = first
    second = vouchers.iloc[voucher_rows].copy()
    second["voucher_id"] = second["voucher_id"] + "B"
    second["face_value"] = np.floor((margins.subsidy.cap_yuan - first) / unit) * unit
    second["expires_on"] = pd.to_datetime(second["issued_on"]) + pd.Timedelta(
        days=LAPSES_AFTER_DAYS
    )
    return second
