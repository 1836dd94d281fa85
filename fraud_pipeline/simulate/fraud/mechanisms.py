"""Single-claim fraud and irregularities: each mechanism marks some honest drafts.

Every function takes the drafts and the rows it may change, changes them in place
and returns nothing; what it sets is what the documents are later written from.
``hide`` is the camouflage of the world, 0 to 2: the traces get fainter with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.random_streams import stream

Rng = np.random.Generator
_DEARER = ((1.6, 3.0), (1.45, 2.4), (1.3, 1.8))  # times the market, by camouflage


def overprice(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T04: the same service at 1.6 to 3 times its market price."""
    factor = rng.uniform(*_DEARER[hide], len(rows))
    drafts.loc[rows, "price"] = np.round(drafts.loc[rows, "market"] * factor, -1)


def transfer(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T05: another enterprise's money pays, or another enterprise's voucher is handed in."""
    other = rng.permutation(drafts["enterprise"].to_numpy())[: len(rows)]
    paid = rng.random(len(rows)) < (0.5, 0.7, 0.9)[hide]
    drafts.loc[rows, "payer"] = np.where(paid, other, -1)
    drafts.loc[rows, "voucher_of"] = np.where(paid, -1, other)


def no_capacity(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T06: development ordered by an enterprise without anybody who could use it."""
    drafts.loc[rows, "no_rd"] = True


def hardware(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T07: goods sold as a service: equipment on the invoice, goods' VAT rate."""
    drafts.loc[rows, "title"] = rng.choice(
        ["设备采购及安装", "服务器采购", "实验仪器购置"], len(rows)
    )
    drafts.loc[rows, "goods"] = True


def boilerplate(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T10: a report nobody can review: a sentence, no figure."""
    drafts.loc[rows, "bare"] = True


def inflate(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T11: the claim states more than the contract was made for; its papers disagree."""
    factor = rng.uniform(1.05, 1.5, len(rows)) if hide else rng.uniform(1.15, 1.8, len(rows))
    drafts.loc[rows, "inflated"] = factor


def duplicate(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T16: the invoice and the report of an earlier claim are handed in again."""
    drafts.loc[rows, "reused"] = True


def related(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T18: the enterprise and the institution have the same person behind them."""
    drafts.loc[rows, "related"] = True


def implausible(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T19: invoiced before the contract was signed, delivered within a day of signing."""
    drafts.loc[rows, "invoice_lag"] = -rng.integers(3, (25, 12, 7)[hide], len(rows))
    drafts.loc[rows, "service_days"] = np.where(rng.random(len(rows)) < 0.4 * hide, np.nan, 1)


def statutory(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T22: mandatory inspections that an enterprise must pay for itself."""
    drafts.loc[rows, "title"] = rng.choice(
        ["特种设备年检", "计量器具强制检定", "周期检定服务"], len(rows)
    )


def hijack(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T23: filed in the names of enterprises that know nothing of it; one account stands behind them."""
    drafts.loc[rows, "hijack"] = 1 + np.arange(len(rows)) // (2 + hide)


def ineligible(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T24: the enterprise's true revenue lies above the programme's limit."""
    drafts.loc[rows, "too_large"] = True


def shell(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T15: an enterprise founded weeks before, without anybody working there."""
    drafts.loc[rows, "shell"] = True


def split(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T17: one job in two contracts just below 50,000 yuan a few days apart."""
    first, second = rows[0 : len(rows) // 2 * 2 : 2], rows[1::2]
    for column in ("enterprise", "institution", "service", "market", "title", "place"):
        if column in drafts:
            drafts.loc[second, column] = drafts.loc[first, column].to_numpy()
    both = np.concatenate([first, second])
    drafts.loc[both, "quantity"] = 1
    amounts = np.round(rng.uniform(46_500, 49_950, len(both)), -1)
    drafts.loc[both, "price"] = amounts
    drafts.loc[both, "market"] = amounts
    drafts.loc[both, "exact"] = True
    gap = rng.integers(1, 6 + 8 * hide, len(second))
    drafts.loc[second, "day"] = drafts.loc[first, "day"].to_numpy() + gap.astype("timedelta64[D]")


def void_invoice(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T21: the invoice was voided or red-flushed after it had been handed in."""
    drafts.loc[rows, "invoice_status"] = rng.choice(["作废", "红冲"], len(rows))


def rubber_stamp(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray, hide: int) -> None:
    """T26: the institution confirmed within a minute, before the service had ended."""
    drafts.loc[rows, "confirm_days"] = 0
    drafts.loc[rows, "early_confirm"] = True


Mechanism = Callable[[Rng, pd.DataFrame, np.ndarray, int], None]
# typology -> mechanism, whether it is deliberate, the share of the claimed money that is lost
MECHANISMS: dict[str, tuple[Mechanism, bool, float]] = {
    "T04": (overprice, False, 0.0),  # its loss is the public share of what was too dear
    "T05": (transfer, True, 1.0),
    "T06": (no_capacity, False, 0.5),
    "T07": (hardware, False, 1.0),
    "T10": (boilerplate, False, 0.3),
    "T11": (inflate, True, 0.0),  # its loss is the part the contract does not bear out
    "T15": (shell, True, 1.0),
    "T16": (duplicate, True, 1.0),
    "T17": (split, False, 0.5),
    "T18": (related, False, 1.0),
    "T19": (implausible, True, 1.0),
    "T21": (void_invoice, True, 1.0),
    "T22": (statutory, False, 1.0),
    "T23": (hijack, True, 1.0),
    "T24": (ineligible, False, 1.0),
    "T26": (rubber_stamp, False, 0.5),
}
_OF_PARTIES = ("T06", "T15", "T18", "T23", "T24")  # what is wrong is wrong with the enterprise
MOST_OF_ELIGIBLE = 0.08  # of the claims a mechanism could be planted on
_OFTEN = 6  # claims an enterprise from which on it matters
_ONLY_FOR = {
    "T22": ("testing",),
    "T07": ("technology_service", "testing", "technology_development"),
    "T06": ("technology_development", "technology_transfer"),
}


def plant(
    drafts: pd.DataFrame, share: dict[str, float], margins: Margins, hide: int, seed: int,
    avoid: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """Marks ``share`` of the honest drafts with each typology, never one draft twice."""
    lump = np.array([line.lump for line in margins.lines])
    for typology, wanted in sorted(share.items()):
        mechanism, deliberate, _ = MECHANISMS[typology]
        rng = stream(seed, f"mechanism {typology}")
        free = drafts["typology"].isna().to_numpy(copy=True)
        if avoid:
            spared = [k for k, c in enumerate(margins.codes) if c in avoid]
            free &= ~np.isin(drafts["service"].to_numpy(), spared)
        if typology in _ONLY_FOR:
            lines = [k for k, c in enumerate(margins.codes) if c in _ONLY_FOR[typology]]
            free &= np.isin(drafts["service"].to_numpy(), lines)
        if typology == "T04":  # overpricing is only meant where a unit has a market
            free &= ~lump[drafts["service"].to_numpy()] & ~drafts["niche"].to_numpy(dtype=bool)
        if typology in _OF_PARTIES:
            free = _of_small_buyers(drafts, free, round(wanted * len(drafts)))
        # a service rarely sold would otherwise be mostly irregular
        count = min(round(wanted * len(drafts)), math.ceil(MOST_OF_ELIGIBLE * free.sum()))
        if typology == "T17":
            count = (count + 1) // 2 * 2  # it takes two to split
        if count == 0 or count > free.sum():
            continue
        rows = rng.choice(np.flatnonzero(free), count, replace=False)
        mechanism(rng, drafts, drafts.index[rows].to_numpy(), hide)
        drafts.loc[drafts.index[rows], "typology"] = typology
        drafts.loc[drafts.index[rows], "fraud" if deliberate else "irregular"] = True


def _of_small_buyers(drafts: pd.DataFrame, free: np.ndarray, wanted: int) -> np.ndarray:
    """Rows of enterprises with few claims, where enterprises file so often that all of one's claims
    would be tainted by what is true of the enterprise."""
    enterprise = drafts["enterprise"].to_numpy()
    count = np.bincount(enterprise)[enterprise]
    if len(drafts) < _OFTEN * len(np.unique(enterprise)):
        return free
    few = np.sort(count[free])[: max(1, 2 * wanted)]
    return np.asarray(free & (count <= few[-1])) if len(few) else free


def cash_out(
    enterprises: np.ndarray, institutions: pd.DataFrame, margins: Margins, seed: int
) -> pd.DataFrame:
    """T02: one enterprise files about 40 inventions and 60 trademarks at once and fills its cap.

    As the Wuhan study tells it: 40 × 5,000 + 60 × about 1,600 is a contract of about
    300,000, half of which is the whole voucher of 150,000. Where a programme knows no
    such services there is no such cash-out.
    """
    codes = [c for c in ("patent_invention", "trademark") if c in margins.codes]
    if not codes or not len(enterprises):
        return pd.DataFrame()
    rng = stream(seed, "cash out")
    n, span = len(enterprises), (margins.ends_on - margins.starts_on).days
    sellers = margins.lines[margins.codes.index(codes[0])].categories
    agencies = np.flatnonzero(np.isin(institutions["category"].to_numpy(), sellers))
    after = 60 + np.floor((span - 90) * rng.beta(1.6, 1.2, n)).astype("timedelta64[D]")
    day = np.datetime64(margins.starts_on) + after
    institution = rng.choice(agencies, n)
    parts = []
    for code, (least, most) in zip(codes, ((34, 41), (50, 61)), strict=False):
        line = margins.codes.index(code)
        parts.append(
            pd.DataFrame(
                {
                    "enterprise": enterprises,
                    "institution": institution,
                    "service": line,
                    "quantity": rng.integers(least, most, n),
                    "market": margins.lines[line].price,
                    "price": np.round(margins.lines[line].price * rng.uniform(0.9, 1.08, n), -1),
                    "share": margins.subsidy.share_max,
                    "day": day,
                    "typology": "T02",
                    "fraud": True,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
