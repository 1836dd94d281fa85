"""Planted rings: sham contracts, packaging agents, money that goes round.

A ring takes firms that hold vouchers but did not use them, and institutions from
the quiet end of the list. Camouflage 0 is plain; at 1 members also buy for real
at popular institutions, stagger their dates and share fewer identifiers; at 2
more so, and what they charge is only 1.3-1.8 times the market.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fraud_pipeline.simulate import identities as ids
from fraud_pipeline.simulate.fraud import RingPlan
from fraud_pipeline.simulate.margins import SERVICES, Margins
from fraud_pipeline.simulate.streams import stream

_SPAN_DAYS = (35, 120, 240)  # within which a ring files, by camouflage
_SHARED = (0.85, 0.5, 0.3)  # share of members that use a common identifier
_LINES = {"T01": "technology_development", "T14": "technology_service", "T13": "software_copyright"}
_CODES = [s.code for s in SERVICES]


def plant(
    plans: tuple[RingPlan, ...],
    firms: pd.DataFrame,
    houses: pd.DataFrame,
    idle: np.ndarray,
    quiet: np.ndarray,
    margins: Margins,
    camouflage: int,
    seed: int,
) -> pd.DataFrame:
    """Draft claims of all rings; changes the shared identifiers in ``firms`` in place.

    ``idle`` are row numbers of firms free to take, ``quiet`` of institutions.
    """  # fmt: skip
    rng = stream(seed, "rings")
    drafts = []
    for number, plan in enumerate(plans):
        members, idle = idle[: plan.firms], idle[plan.firms :]
        complicit, quiet = quiet[: plan.institutions], quiet[plan.institutions :]
        if len(members) < plan.firms or len(complicit) < plan.institutions:
            break  # a world too small for more rings has fewer
        ring_id = f"R{number + 1:03d}"
        _share_identity(rng, firms, houses, members, complicit, plan, camouflage)
        drafts.append(_claims(rng, plan, ring_id, members, complicit, margins, camouflage))
    return pd.concat(drafts, ignore_index=True) if drafts else pd.DataFrame()


def _claims(
    rng: np.random.Generator, plan: RingPlan, ring_id: str, members: np.ndarray,
    complicit: np.ndarray, margins: Margins, camouflage: int,
) -> pd.DataFrame:  # fmt: skip
    extra = rng.poisson(plan.claims_a_firm - 1, len(members))
    firm = np.repeat(members, 1 + extra)
    n = len(firm)
    line = SERVICES[_CODES.index(_LINES[plan.typology])]
    total = (margins.ends_on - margins.starts_on).days
    start = int(rng.integers(60, total - _SPAN_DAYS[camouflage] - 20))
    day = start + rng.integers(0, _SPAN_DAYS[camouflage], n)
    quantity = rng.integers(8, 24, n) if line.units[1] > 1 else np.ones(n, dtype=np.int64)
    market = line.price * (
        np.exp(rng.normal(0, 0.35, n)) * 0.6 if line.units[1] == 1 else np.ones(n)
    )
    dearer = rng.uniform(1.3, 1.8, n) if plan.typology == "T13" else np.ones(n)
    return pd.DataFrame(
        {
            "enterprise": firm,
            "institution": rng.choice(complicit, n),
            "service": _CODES.index(line.code),
            "quantity": quantity,
            "market": market,
            "price": np.round(market * dearer, -1),
            "share": np.where(rng.random(n) < 0.85, margins.share_max, 0.45),
            "day": np.datetime64(margins.starts_on) + day.astype("timedelta64[D]"),
            "typology": plan.typology,
            "ring": ring_id,
            "fraud": True,
            "template": np.where(rng.random(n) < _SHARED[camouflage], 1 + _number(ring_id), 0),
            "device": np.where(rng.random(n) < _SHARED[camouflage], f"DV-{ring_id}", None),
            "agent": f"AG-{900 + _number(ring_id)}" if plan.typology == "T13" else None,
            "money_back": plan.typology == "T14",
        }
    )


def _share_identity(
    rng: np.random.Generator, firms: pd.DataFrame, houses: pd.DataFrame, members: np.ndarray,
    complicit: np.ndarray, plan: RingPlan, camouflage: int,
) -> None:  # fmt: skip
    """Gives members a common phone, representative or account, each only in part."""
    for column, make in (("phone", ids.phones), ("legal_representative", ids.person_names),
                         ("bank_account", ids.accounts)):  # fmt: skip
        taking = {"phone": 1.0, "legal_representative": 0.4, "bank_account": 0.35}[column]
        chosen = members[rng.random(len(members)) < _SHARED[camouflage] * taking]
        firms.loc[chosen, column] = make(rng, 1)[0]
    if plan.typology == "T01":
        insider = members[: 1 + len(members) // 4]
        firms.loc[insider, "legal_representative"] = houses.loc[
            complicit[0], "legal_representative"
        ]


def _number(ring_id: str) -> int:
    return int(ring_id[1:])
