"""Money seen moving for a contract: the payment, what comes back, small honest refunds."""

from __future__ import annotations

import numpy as np
import pandas as pd


def days(base: pd.Series, lag: np.ndarray) -> pd.Series:
    return base + pd.to_timedelta(lag, unit="D")


def payments(
    d: pd.DataFrame, enterprises: pd.DataFrame, institutions: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    payer = np.where(d["payer"] >= 0, d["payer"], d["enterprise"])
    forth = pd.DataFrame(
        {
            "contract_id": d["contract_id"],
            "payer_id": enterprises["enterprise_id"].to_numpy()[payer], "payee_id": d["inst"],
            "payer_account": enterprises["bank_account"].to_numpy()[payer],
            "payee_account": institutions["bank_account"].to_numpy()[d["institution"]],
            "amount": np.round(d["contract"] - d["prepaid"] * d["used"], 2),
            "paid_on": days(d["invoiced"], rng.integers(0, 12, len(d))), "purpose": "合同款",
        }
    )  # fmt: skip
    back = forth[d["money_back"].to_numpy(dtype=bool)].copy()
    back[["payer_id", "payee_id"]] = back[["payee_id", "payer_id"]].to_numpy()
    back[["payer_account", "payee_account"]] = back[["payee_account", "payer_account"]].to_numpy()
    back["amount"] = np.round(back["amount"] * rng.uniform(0.85, 0.98, len(back)), 2)
    back["paid_on"] = days(back["paid_on"], rng.integers(4, 20, len(back)))
    back["purpose"] = "往来款"
    refund = _refunds(forth, rng)
    both = pd.concat([forth, back, refund], ignore_index=True)
    both.insert(0, "payment_id", [f"P{k:07d}" for k in rng.permutation(len(both))])
    return both.sort_values("payment_id", ignore_index=True)


def _refunds(forth: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Honest money back: small sums paid too much, refunded within days."""
    some = forth[rng.random(len(forth)) < 0.02].copy()
    some[["payer_id", "payee_id"]] = some[["payee_id", "payer_id"]].to_numpy()
    some[["payer_account", "payee_account"]] = some[["payee_account", "payer_account"]].to_numpy()
    some["amount"] = np.round(some["amount"] * rng.uniform(0.005, 0.08, len(some)), 2)
    some["paid_on"] = days(some["paid_on"], rng.integers(2, 30, len(some)))
    some["purpose"] = "退款"
    return some
