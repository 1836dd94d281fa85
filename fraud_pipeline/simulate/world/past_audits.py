"""What earlier audits found: few, late, chosen by amount or by chance, and not always right."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.world.nuisance import Nuisance

DELAY_DAYS = (60, 200)


def audit_earlier(drafts: pd.DataFrame, policy: Nuisance, rng: np.random.Generator) -> pd.DataFrame:
    """Outcomes of past audits on some of the earlier claims (contract table ``outcomes``)."""
    pool = drafts.iloc[: int(len(drafts) * policy.audited_until)]
    wanted = round(policy.audited_share * len(drafts))
    n_random = min(len(pool), round(wanted * policy.random_share))
    if n_random == 0:
        return pd.DataFrame()
    sample = rng.choice(len(pool), n_random, replace=False)
    rest = np.setdiff1d(np.arange(len(pool)), sample)
    weight = pool["claimed"].to_numpy()[rest] ** 1.5
    n_by_amount = min(len(rest), wanted - n_random)
    dear = rng.choice(rest, n_by_amount, replace=False, p=weight / weight.sum())
    rows = np.concatenate([sample, dear])
    looked = pool.iloc[rows]
    improper = (looked["fraud"] | looked["irregular"]).to_numpy()
    detected = improper & (rng.random(len(rows)) >= policy.missed)
    verdict = np.where(detected, np.where(looked["fraud"], "fraud", "irregular"), "clean")
    lost = np.where(detected, looked["loss"], 0.0)
    frame = pd.DataFrame(
        {
            "outcome_id": [f"H{k:05d}" for k in range(len(rows))],
            "claim_id": looked["claim_id"].to_numpy(),
            "decided_on": looked["day"].to_numpy()
            + rng.integers(*DELAY_DAYS, len(rows), endpoint=True).astype("timedelta64[D]"),
            "verdict": verdict,
            "typology": np.where(detected, looked["typology"], None),
            "disallowed_amount": lost,
            "recovered_amount": np.round(lost * rng.uniform(0.5, 1.0, len(rows)), 2),
            "selected_by": np.where(np.arange(len(rows)) < n_random, "random", "legacy"),
            "inclusion_prob": np.where(
                np.arange(len(rows)) < n_random, n_random / len(pool), np.nan
            ),
        }
    )
    return frame.sort_values("outcome_id", kind="stable").reset_index(drop=True)
