"""Innocent errors in honest papers: what hurried people mistype, and what looks like fraud.

The shares are nuisance parameters. No kind is planted on improper claims on purpose, and none
is kept away from them: an error says nothing about intent.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.world.nuisance import Nuisance


def mistype(drafts: pd.DataFrame, shares: Nuisance, rng: np.random.Generator) -> None:
    """Marks some drafts with an innocent error each; in place."""
    luck = rng.random((6, len(drafts)))
    open_ = drafts["invoice_lag"].isna().to_numpy() & drafts["service_days"].isna().to_numpy()
    late = (luck[0] < shares.late_signing) & open_
    drafts.loc[late, "invoice_lag"] = -rng.integers(1, 12, late.sum())
    early = luck[1] < shares.early_confirmation
    drafts.loc[early, "early_confirm"] = True
    drafts.loc[luck[2] < shares.without_tax, "invoice_share"] = 1 / 1.06
    drafts.loc[luck[4] < shares.short_report, "bare"] = True
    slipped = (luck[5] < shares.slipped_digit) & (drafts["inflated"] == 1.0).to_numpy()
    amount = drafts["contract"].to_numpy()[slipped]
    drafts.loc[slipped, "inflated"] = amount / np.maximum(_swapped(amount), 1.0)
    shared = _second_of_pair(drafts) & (luck[3] < shares.shared_invoice)
    drafts.loc[shared, "reused"] = True
    drafts["mistyped"] = (
        late | early | (luck[2] < shares.without_tax) | (luck[4] < shares.short_report)
    )
    drafts["mistyped"] |= slipped | shared


def _swapped(amount: np.ndarray) -> np.ndarray:
    """The amounts with their first two digits exchanged (52,000 becomes 25,000)."""
    power = 10.0 ** np.floor(np.log10(np.maximum(amount, 10.0)))
    first = np.floor(amount / power)
    second = np.floor((amount - first * power) / (power / 10))
    return np.asarray(amount + (second - first) * power + (first - second) * power / 10)


def _second_of_pair(drafts: pd.DataFrame) -> np.ndarray:
    """Rows just after a row of the same seller for the same enterprise."""
    before = drafts.groupby("institution", sort=False)["enterprise"].shift(1)
    return (before == drafts["enterprise"]).to_numpy()
