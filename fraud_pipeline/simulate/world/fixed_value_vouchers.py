"""Programmes whose vouchers have a fixed face and pay one purchase each, so many an enterprise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.simulate.fraud.mix import FraudMix
from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.random_streams import stream

_PASSES = 30
_DAYS_BEFORE = (10, 120)  # a voucher is issued so long before its claim


def only_possible(mix: FraudMix, margins: Margins) -> FraudMix:
    """Without contracts in two halves (T17) where no amount of 50,000 is a limit, or no enterprise
    may buy twice."""
    if not margins.tickets and not margins.new_supplier:
        return mix
    return replace(mix, share={k: v for k, v in mix.share.items() if k != "T17"})


def settle_tickets(
    drafts: pd.DataFrame, enterprises: pd.DataFrame, margins: Margins, seed: int
) -> pd.DataFrame:
    """Adds ``contract``, ``used``, ``claimed`` and which ``ticket`` pays (row of the tickets).

    An enterprise's claims take its tickets in turn; whoever has none left leaves the purchase to a
    enterprise that has. SettingsError where the enterprises have too few for so many claims.
    """
    order = ["day", "enterprise", "service"]
    drafts = drafts.sort_values(order, kind="stable").reset_index(drop=True)
    _within_number(drafts, len(enterprises), margins, stream(seed, "tickets"))
    turn = drafts.groupby("enterprise").cumcount().to_numpy()
    drafts["ticket"] = turn
    most, share = (
        np.array([getattr(t, name) for t in margins.tickets])[turn]
        for name in ("pays_most", "share_max")
    )
    drafts["price"] = np.round(drafts["price"], 0)
    drafts["contract"] = np.round(drafts["price"] * drafts["quantity"], 2)
    wanted = np.floor(drafts["contract"] * share)
    drafts["used"] = np.minimum(most, wanted)
    drafts["claimed"] = np.round(drafts["used"] * margins.subsidy.multiplier, 2)
    drafts["bunched"] = wanted > most
    return drafts


def _within_number(
    drafts: pd.DataFrame, n_enterprises: int, margins: Margins, rng: np.random.Generator
) -> None:
    most = len(margins.tickets)
    if len(drafts) > most * n_enterprises:
        raise SettingsError(
            f"{n_enterprises} enterprises have no vouchers for {len(drafts)} claims"
        )
    tied = drafts["ring"].notna().to_numpy()
    for _ in range(_PASSES):
        enterprise = drafts["enterprise"].to_numpy()
        # a ring's claims come first: what its enterprises buy for real gives way
        first = np.argsort(~tied, kind="stable")
        nth = pd.Series(enterprise[first]).groupby(enterprise[first]).cumcount()
        over = np.zeros(len(drafts), dtype=bool)
        over[first] = (nth >= most).to_numpy()
        rows = np.flatnonzero(over & ~tied)
        if not len(rows):
            return
        with_room_left = np.flatnonzero(np.bincount(enterprise, minlength=n_enterprises) < most)
        takers = np.resize(rng.permutation(with_room_left), len(rows))
        drafts.loc[drafts.index[rows], "enterprise"] = takers
        drafts.loc[drafts.index[rows], "loyal"] = False


def ids(n: int) -> list[str]:
    """One voucher a claim, numbered as the claims are."""
    return [f"Q{k:07d}" for k in range(1, n + 1)]


def vouchers_of(
    drafts: pd.DataFrame, enterprises: pd.DataFrame, margins: Margins, rng: np.random.Generator
) -> pd.DataFrame:
    """The voucher of every claim; enterprises without a claim hold one of the first class, unused."""
    n = len(drafts)
    idle = np.setdiff1d(np.arange(len(enterprises)), drafts["enterprise"])
    span = (margins.ends_on - margins.starts_on).days
    owner = np.concatenate([drafts["enterprise"], idle])
    which = np.concatenate([drafts["ticket"], np.zeros(len(idle), dtype=np.int64)])
    start = np.datetime64(margins.starts_on)
    lapse = start + rng.integers(0, span, len(idle)).astype("timedelta64[D]")
    day = np.concatenate([drafts["day"].to_numpy().astype("datetime64[D]"), lapse])
    day = day - rng.integers(*_DAYS_BEFORE, n + len(idle)).astype("timedelta64[D]")
    issued = pd.to_datetime(np.maximum(day, start))
    return pd.DataFrame(
        {
            "voucher_id": [*ids(n), *(f"QX{k:06d}" for k in idle)],
            "enterprise_id": enterprises["enterprise_id"].to_numpy()[owner],
            "programme": margins.pack or margins.programme,
            "voucher_class": np.array([t.zh for t in margins.tickets])[which],
            "face_value": np.array([t.face for t in margins.tickets])[which],
            "issued_on": issued, "expires_on": issued + pd.Timedelta(days=364),
        }
    )  # fmt: skip


def part_pairs(
    drafts: pd.DataFrame, institutions: pd.DataFrame, margins: Margins, seed: int
) -> None:
    """Sends honest buyers to another institution that sells the same where the rules forbid
    the one they had: they bought there before, or are related to it. In place; rings and
    related pairs that are planted stay."""
    rng = stream(seed, "parted pairs")
    category, service = institutions["category"].to_numpy(), drafts["service"].to_numpy()
    active = np.unique(drafts.loc[drafts["ring"].isna(), "institution"])
    able = {
        k: active[np.isin(category[active], line.categories)]
        for k, line in enumerate(margins.lines)
    }
    tied = drafts["ring"].notna().to_numpy()
    if margins.related_excluded:
        tied = tied | drafts["related"].to_numpy(dtype=bool)
    for _ in range(_PASSES):
        again = _forbidden(drafts, margins, tied)
        if not again.any():
            return
        for k in np.unique(service[again]):
            rows = np.flatnonzero(again & (service == k))
            drafts.loc[drafts.index[rows], "institution"] = rng.choice(able[k], len(rows))


def _forbidden(drafts: pd.DataFrame, margins: Margins, tied: np.ndarray) -> np.ndarray:
    enterprise, institution = (
        drafts[c].to_numpy().astype(np.int64) for c in ("enterprise", "institution")
    )
    pair = enterprise * (institution.max() + 1) + institution
    again = np.zeros(len(drafts), dtype=bool)
    if margins.new_supplier:
        first = np.argsort(~tied, kind="stable")  # whoever is tied to the pair comes first
        again[first] = pd.Series(pair[first]).duplicated().to_numpy()
    if margins.related_excluded:
        again |= np.isin(pair, pair[drafts["related"].to_numpy(dtype=bool)])
    return np.asarray(again & ~tied)
