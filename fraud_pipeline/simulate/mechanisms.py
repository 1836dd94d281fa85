"""Single-claim fraud and irregularities: each mechanism marks some honest drafts.

Every function takes the drafts and the rows it may change, changes them in place
and returns nothing; what it sets is what the documents are later written from.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.margins import SERVICES, Margins
from fraud_pipeline.simulate.streams import stream

Rng = np.random.Generator
_CODES = [s.code for s in SERVICES]
_LUMP = np.array([s.spread >= 0.3 for s in SERVICES])


def overprice(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray) -> None:
    """T04: the same service at 1.6 to 3 times its market price."""
    factor = rng.uniform(1.6, 3.0, len(rows))
    drafts.loc[rows, "price"] = np.round(drafts.loc[rows, "market"] * factor, -1)


def duplicate(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray) -> None:
    """T16: the invoice and the report of an earlier claim are handed in again."""
    drafts.loc[rows, "reused"] = True


def related(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray) -> None:
    """T18: the firm and the institution have the same person behind them."""
    drafts.loc[rows, "related"] = True


def implausible(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray) -> None:
    """T19: invoiced before the contract was signed, delivered within a day of signing."""
    drafts.loc[rows, "invoice_lag"] = -rng.integers(3, 25, len(rows))
    drafts.loc[rows, "service_days"] = 1


def hardware(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray) -> None:
    """T07: goods sold as a service: equipment on the invoice, goods' VAT rate."""
    drafts.loc[rows, "title"] = rng.choice(
        ["设备采购及安装", "服务器采购", "实验仪器购置"], len(rows)
    )
    drafts.loc[rows, "tax_rate"] = 0.13


def statutory(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray) -> None:
    """T22: mandatory inspections that a firm must pay for itself."""
    drafts.loc[rows, "title"] = rng.choice(
        ["特种设备年检", "计量器具强制检定", "周期检定服务"], len(rows)
    )


def ineligible(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray) -> None:
    """T24: the firm's true revenue lies above the programme's limit."""
    drafts.loc[rows, "too_large"] = True


def shell(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray) -> None:
    """T15: a firm founded weeks before, without anybody working there."""
    drafts.loc[rows, "shell"] = True


def split(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray) -> None:
    """T17: one job in two contracts just below 50,000 yuan a few days apart."""
    for first, second in zip(rows[0::2], rows[1::2], strict=False):
        same = ["enterprise", "institution", "service", "market"]
        drafts.loc[second, same] = drafts.loc[first, same].to_numpy()
        drafts.loc[[first, second], "quantity"] = 1
        drafts.loc[[first, second], "price"] = [49_800.0, 49_500.0]
        drafts.loc[[first, second], "market"] = [49_800.0, 49_500.0]
        drafts.loc[second, "day"] = drafts.loc[first, "day"] + pd.Timedelta(days=3)


def void_invoice(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray) -> None:
    """T21: the invoice was voided or red-flushed after it had been handed in."""
    drafts.loc[rows, "invoice_status"] = rng.choice(["作废", "红冲"], len(rows))


def rubber_stamp(rng: Rng, drafts: pd.DataFrame, rows: np.ndarray) -> None:
    """T26: the institution confirmed within a minute, before the service had ended."""
    drafts.loc[rows, "confirm_days"] = 0
    drafts.loc[rows, "early_confirm"] = True


# typology -> mechanism, whether it is deliberate, the share of the claimed money that is lost
MECHANISMS: dict[str, tuple[Callable[[Rng, pd.DataFrame, np.ndarray], None], bool, float]] = {
    "T04": (overprice, False, 0.0),  # its loss is the public share of what was too dear
    "T16": (duplicate, True, 1.0),
    "T18": (related, False, 1.0),
    "T19": (implausible, True, 1.0),
    "T07": (hardware, False, 1.0),
    "T22": (statutory, False, 1.0),
    "T24": (ineligible, False, 1.0),
    "T15": (shell, True, 1.0),
    "T17": (split, False, 0.5),
    "T21": (void_invoice, True, 1.0),
    "T26": (rubber_stamp, False, 0.5),
}
_ONLY_FOR = {
    "T22": ("testing",),
    "T07": ("technology_service", "testing", "technology_development"),
}


def plant(drafts: pd.DataFrame, share: dict[str, float], seed: int) -> None:
    """Marks ``share`` of the honest drafts with each typology, never one draft twice."""
    for typology, wanted in sorted(share.items()):
        mechanism, deliberate, _ = MECHANISMS[typology]
        rng = stream(seed, f"mechanism {typology}")
        free = drafts["typology"].isna().to_numpy(copy=True)
        if typology in _ONLY_FOR:
            lines = [_CODES.index(c) for c in _ONLY_FOR[typology]]
            free &= drafts["service"].isin(lines).to_numpy()
        if typology == "T04":  # overpricing is only meant where a unit has a market
            free &= ~_LUMP[drafts["service"].to_numpy()] & ~drafts["niche"].to_numpy()
        count = min(round(wanted * len(drafts)), int(free.sum()))
        if count == 0:
            continue
        rows = rng.choice(np.flatnonzero(free), count, replace=False)
        mechanism(rng, drafts, drafts.index[rows].to_numpy())
        drafts.loc[drafts.index[rows], "typology"] = typology
        drafts.loc[drafts.index[rows], "fraud" if deliberate else "irregular"] = True


def cash_out(firms: np.ndarray, houses: pd.DataFrame, margins: Margins, seed: int) -> pd.DataFrame:
    """T02: one firm files about 40 inventions and 60 trademarks at once and fills its cap.

    As the Wuhan study tells it: 40 × 5,000 + 60 × about 1,600 is a contract of about
    300,000, half of which is the whole voucher of 150,000.
    """
    rng = stream(seed, "cash out")
    agencies = np.flatnonzero(houses["category"].to_numpy() == "ip_agency")
    span = (margins.ends_on - margins.starts_on).days
    drafts = []
    for firm in firms:
        day = np.datetime64(margins.starts_on) + int(rng.integers(90, span - 30))
        counts = (int(rng.integers(34, 41)), int(rng.integers(50, 61)))
        for code, count in zip(("patent_invention", "trademark"), counts, strict=True):
            line = SERVICES[_CODES.index(code)]
            drafts.append(
                {
                    "enterprise": firm, "institution": rng.choice(agencies),
                    "service": _CODES.index(code), "quantity": count, "market": line.price,
                    "price": line.price, "share": margins.share_max, "day": day,
                    "typology": "T02", "fraud": True,
                }
            )  # fmt: skip
    frame = pd.DataFrame(drafts)
    if len(frame):
        frame["institution"] = frame.groupby("enterprise")["institution"].transform("first")
    return frame
