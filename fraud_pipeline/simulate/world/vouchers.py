"""Voucher accounts: one a holder, or where a cap counts by the year one a holder and year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.world import fixed_value_vouchers
from fraud_pipeline.simulate.world.margins import Margins


def of_claims(drafts: pd.DataFrame, holder: np.ndarray, margins: Margins) -> list[str]:
    """The voucher of each claim: its holder's, or where each pays one purchase one of its own."""
    if margins.tickets:
        return fixed_value_vouchers.ids(len(drafts))
    return ids(holder, drafts["day"].dt.year.to_numpy(), margins)


def ids(owner: np.ndarray, year: np.ndarray, margins: Margins) -> list[str]:
    """The voucher a claim of ``owner`` (row of an enterprise) in ``year`` is drawn on."""
    if not margins.subsidy.cap_by_year:
        return [f"Q{enterprise:06d}" for enterprise in owner]
    return [
        f"Q{enterprise:06d}{when % 100:02d}" for enterprise, when in zip(owner, year, strict=True)
    ]


def lend(drafts: pd.DataFrame, n_enterprises: int, margins: Margins) -> None:
    """Vouchers handed in for others (T05) come from holders who have so much left; in place.

    A voucher cannot pay more than the programme lets anybody hold. Whoever lent one that
    was spent already is replaced by a holder who used least; where nobody has room another
    enterprise's money pays instead.
    """
    pays = margins.subsidy
    lent = drafts["voucher_of"].to_numpy() >= 0
    if margins.tickets:  # every purchase has a voucher of its own; another's money pays instead
        drafts.loc[lent, "payer"] = drafts.loc[lent, "voucher_of"]
        drafts.loc[lent, "voucher_of"] = -1
        return
    year = drafts["day"].dt.year.to_numpy() if pays.cap_by_year else np.zeros(len(drafts), int)
    used, user = drafts["used"].to_numpy(), drafts["enterprise"].to_numpy()
    for attempt in range(2):
        owner = np.where(lent, drafts["voucher_of"].to_numpy(), user)
        total = pd.Series(used).groupby([owner, year]).transform("sum").to_numpy()
        free = np.zeros(n_enterprises, dtype=bool)
        free[user[drafts["free"].to_numpy(dtype=bool)]] = True
        rows = np.flatnonzero(lent & (total > pays.cap_yuan) & ~free[owner])
        if not len(rows):
            return
        if attempt:
            drafts.loc[drafts.index[rows], "payer"] = drafts["voucher_of"].to_numpy()[rows]
            drafts.loc[drafts.index[rows], "voucher_of"] = -1
            return
        spent = np.bincount(owner, used, minlength=n_enterprises)
        least = np.argsort(spent, kind="stable")
        least = least[~np.isin(least, user[rows])]
        if len(least):
            drafts.loc[drafts.index[rows], "voucher_of"] = np.resize(least, len(rows))


def accounts(
    drafts: pd.DataFrame, enterprises: pd.DataFrame, margins: Margins, issued: float | None,
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    """One electronic voucher account a holder; face values fill what was issued (yuan)."""
    if margins.tickets:
        return fixed_value_vouchers.vouchers_of(drafts, enterprises, margins, rng)
    if margins.subsidy.cap_by_year:
        return _by_year(drafts, enterprises, margins, issued, rng)
    n = len(enterprises)
    owner = np.where(drafts["voucher_of"] >= 0, drafts["voucher_of"], drafts["enterprise"])
    used = np.bincount(owner, drafts["used"], minlength=n)
    first = drafts.groupby("enterprise")["day"].min().reindex(range(n))
    lower = pd.Timestamp(margins.starts_on)
    day = first.fillna(lower + (pd.Timestamp(margins.ends_on) - lower) / 3).dt.normalize()
    day = day - pd.to_timedelta(rng.integers(40, 160, n), unit="D")
    free = enterprises["free"].to_numpy(dtype=bool)
    names = margins.voucher_classes
    face = _faces(used, margins, issued, rng)
    if margins.multiple > 1.0:
        face = np.ceil(face / margins.multiple) * margins.multiple
    if issued is not None and margins.issued_yuan and margins.budget_yuan:
        budget = margins.budget_yuan * issued / margins.issued_yuan
        _within_budget(day, face, used == 0, budget, margins, rng)
    return pd.DataFrame(
        {
            "voucher_id": [f"Q{e:06d}" for e in range(n)],
            "enterprise_id": enterprises["enterprise_id"], "programme": margins.pack or margins.programme,
            "voucher_class": np.where(free, names[1], names[0]),
            "face_value": face,
            "issued_on": day.clip(lower=lower - pd.Timedelta(days=42)),
            "expires_on": pd.Timestamp(margins.ends_on.year, 12, 31),
        }
    )  # fmt: skip


def _by_year(
    drafts: pd.DataFrame, enterprises: pd.DataFrame, margins: Margins, issued: float | None,
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    """A voucher for every holder and year with claims; holders without any have one, unused."""
    owner = np.where(drafts["voucher_of"] >= 0, drafts["voucher_of"], drafts["enterprise"])
    year = drafts["day"].dt.year.to_numpy()
    key, which = np.unique(owner * 10_000 + year, return_inverse=True)
    first = pd.Series(drafts["day"].to_numpy()).groupby(which).min().to_numpy()
    idle = np.setdiff1d(np.arange(len(enterprises)), key // 10_000)
    years = np.arange(margins.starts_on.year, margins.ends_on.year + 1)
    unused = idle * 10_000 + rng.choice(years, len(idle))
    enterprise = np.concatenate([key, unused]) // 10_000
    when = np.concatenate([key, unused]) % 10_000
    used = np.bincount(which, drafts["used"], minlength=len(enterprise))
    opens = pd.to_datetime([f"{y}-01-01" for y in when]).to_numpy()
    wish = np.concatenate([first, opens[len(key) :] + np.timedelta64(90, "D")])
    wish = wish - rng.integers(5, 90, len(enterprise)).astype("timedelta64[D]")
    free = enterprises["free"].to_numpy(dtype=bool)[enterprise]
    names = margins.voucher_classes
    face = _faces(used, margins, issued, rng)
    face = np.where(free, np.maximum(face, used), np.minimum(face, margins.subsidy.cap_yuan))
    return pd.DataFrame(
        {
            "voucher_id": ids(enterprise, when, margins),
            "enterprise_id": enterprises["enterprise_id"].to_numpy()[enterprise],
            "programme": margins.pack or margins.programme, "voucher_class": np.where(free, names[1], names[0]),
            "face_value": np.ceil(face / margins.face_unit) * margins.face_unit,
            "issued_on": np.maximum(wish, opens),
            "expires_on": pd.to_datetime([f"{y}-12-31" for y in when]),
        }
    )  # fmt: skip


def _faces(
    used: np.ndarray, margins: Margins, issued: float | None, rng: np.random.Generator
) -> np.ndarray:
    """Face values, so that the published parts of the users used theirs up or half of it."""
    n, cap = len(used), margins.subsidy.cap_yuan
    luck = rng.random(n)
    whole, half = margins.used_up
    left = np.where(luck < whole, 1.0, np.where(luck < half, rng.uniform(0.5, 1.0, n),
                                              rng.uniform(0.12, 0.5, n)))  # fmt: skip
    face = np.where(left == 1.0, np.maximum(used, 1000.0), np.ceil(used / left / 1000) * 1000)
    face = np.maximum(np.minimum(face, np.maximum(used, cap)), np.ceil(used))
    unused = used == 0
    goal = cap * 0.65 if issued is None else (issued - face[~unused].sum()) / max(1, unused.sum())
    goal = float(np.clip(goal, 0.1 * cap, cap))
    spread = min(goal - 0.05 * cap, cap - goal)
    face[unused] = np.round((goal + spread * rng.uniform(-1, 1, unused.sum())) / 1000) * 1000
    return np.asarray(np.clip(face, 1000.0, None))


def _within_budget(
    day: pd.Series, face: np.ndarray, idle: np.ndarray, budget: float, margins: Margins,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Vouchers nobody used are issued in years whose budget (yuan) is not yet spent; in place."""
    years = np.arange(margins.starts_on.year, margins.ends_on.year + 1)
    spent = [face[~idle & (day.dt.year == y).to_numpy()].sum() for y in years]
    remaining_budget = np.maximum(budget - np.array(spent), 0.0)
    if not remaining_budget.sum() or not idle.any():
        return
    rows = rng.permutation(np.flatnonzero(idle))
    part = (np.cumsum(face[rows]) - 0.5 * face[rows]) / face[rows].sum()
    year = np.searchsorted(np.cumsum(remaining_budget) / remaining_budget.sum(), part)
    first = [max(pd.Timestamp(y, 1, 1), pd.Timestamp(margins.starts_on)) for y in years]
    last = [min(pd.Timestamp(y, 12, 31), pd.Timestamp(margins.ends_on)) for y in years]
    span = np.array([(b - a).days for a, b in zip(first, last, strict=True)])[year]
    offset = np.floor(rng.random(len(rows)) * (span + 1)).astype("timedelta64[D]")
    day.iloc[rows] = np.array(first, dtype="datetime64[ns]")[year] + offset
