"""What is true of every claim, and which honest look-alikes are among them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from fraud_pipeline.core.money import from_fen
from fraud_pipeline.simulate.fraud.mechanisms import MECHANISMS

_SHAM = dict.fromkeys(("T01", "T02", "T12", "T13", "T14", "T20"), 1.0)


def loss_of(drafts: pd.DataFrame) -> pd.Series:
    """Public money (yuan) that should not have been claimed.

    A sham claim is lost whole; of an overpriced one, the public share of what
    lies above the market; of the others the share their mechanism states.
    """
    part = drafts["typology"].map({**{t: m[2] for t, m in MECHANISMS.items()}, **_SHAM}).fillna(0.0)
    too_dear = 1.0 - np.minimum(1.0, drafts["market"] / drafts["price"])
    part = part.where(drafts["typology"] != "T09", 1.0)  # project money is no voucher
    part = part.where(drafts["typology"] != "T04", too_dear)
    part = part.where(drafts["typology"] != "T11", 1.0 - 1.0 / drafts["inflated"].clip(lower=1.0))
    return (drafts["claimed"] * part.astype(float)).round(2)


def truth_of(drafts: pd.DataFrame) -> pa.Table:
    return pa.table(
        {
            "claim_id": drafts["claim_id"].tolist(),
            "is_fraud": drafts["fraud"].astype(bool).tolist(),
            "is_irregular": drafts["irregular"].astype(bool).tolist(),
            "typology": pa.array(drafts["typology"].tolist(), pa.string(), from_pandas=True),
            "ring_id": pa.array(drafts["ring"].tolist(), pa.string(), from_pandas=True),
            "true_market_price": _yuan(drafts["market"]),
            "true_loss": _yuan(drafts["loss"]),
        }
    )


def groups_of(drafts: pd.DataFrame, enterprises: pd.DataFrame) -> pa.Table:
    """claim_id and group, one row for each honest look-alike group a claim is in."""
    enterprise = enterprises.iloc[drafts["enterprise"].to_numpy()].reset_index(drop=True)
    honest = ~(drafts["fraud"].astype(bool) | drafts["irregular"].astype(bool)).to_numpy()
    busiest = drafts["institution"].map(drafts["institution"].value_counts())
    member = {
        "incubator_tenant": enterprise["tenant"],
        "bookkeeper_phone": enterprise["kept"],
        "busy_institution": busiest >= max(10, 0.03 * len(drafts)),
        "loyal_client": drafts["loyal"].astype(bool),
        "fixed_price_list": drafts["listed"].astype(bool),
        "deadline_rush": drafts["rush"].astype(bool),
        "cap_bunching": drafts["bunched"].astype(bool),
        "niche_service": drafts["niche"].astype(bool),
        "new_micro_firm": enterprise["micro"],
        "own_incubator": (enterprise["incubator_id"] == drafts["seller_id"]).to_numpy(),
        "innocent_error": drafts["mistyped"].astype(bool),
        "namesake": enterprises["legal_representative"]
        .duplicated(keep=False)
        .to_numpy()[drafts["enterprise"]],
    }
    parts = [
        pa.table({"claim_id": ids, "group": pa.array([name] * len(ids), pa.string())})
        for name, mask in member.items()
        if len(ids := drafts["claim_id"].to_numpy()[np.asarray(mask, dtype=bool) & honest].tolist())
    ]
    empty = pa.table({"claim_id": pa.array([], pa.string()), "group": pa.array([], pa.string())})
    return pa.concat_tables([empty, *parts])


def _yuan(amounts: pd.Series) -> pa.Array:
    return from_fen(np.round(amounts.to_numpy() * 100).astype(np.int64))
