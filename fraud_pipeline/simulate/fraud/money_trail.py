"""Money seen moving for a contract: the payment, what comes back, small honest refunds."""

from __future__ import annotations

import numpy as np
import pandas as pd

_OF_ITS_CLAIMS = 0.6  # as many purchases as an institution has claims, times this


def days(base: pd.Series, lag: np.ndarray) -> pd.Series:
    return base + pd.to_timedelta(lag, unit="D")


def payments(
    d: pd.DataFrame,
    enterprises: pd.DataFrame,
    institutions: pd.DataFrame,
    refund_share: float,
    rng: np.random.Generator,
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
    refund = _refunds(forth, refund_share, rng)
    goods = _goods_bought(forth, institutions["buys_goods"].to_numpy()[d["institution"]], rng)
    both = pd.concat([forth, back, refund, goods], ignore_index=True)
    both.insert(0, "payment_id", [f"P{k:07d}" for k in rng.permutation(len(both))])
    return both.sort_values("payment_id", ignore_index=True)


def _goods_bought(forth: pd.DataFrame, buys: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Honest money the other way: an institution buys a client's products, without a contract
    that the bureau would know."""
    if not buys.any():
        return forth.iloc[:0]
    some = forth[buys & (rng.random(len(forth)) < _OF_ITS_CLAIMS)].copy()
    some[["payer_id", "payee_id"]] = some[["payee_id", "payer_id"]].to_numpy()
    some[["payer_account", "payee_account"]] = some[["payee_account", "payer_account"]].to_numpy()
    some["amount"] = np.round(rng.lognormal(9.5, 1.0, len(some)), 2)
    some["paid_on"] = days(some["paid_on"], rng.integers(-200, 200, len(some)))
    some["purpose"] = rng.choice(["货款", "材料采购款", "设备款"], len(some))
    some["contract_id"] = None
    return some


def _refunds(forth: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Honest money back: small sums paid too much, refunded within days."""
    some = forth[rng.random(len(forth)) < share].copy()
    some[["payer_id", "payee_id"]] = some[["payee_id", "payer_id"]].to_numpy()
    some[["payer_account", "payee_account"]] = some[["payee_account", "payer_account"]].to_numpy()
    some["amount"] = np.round(some["amount"] * rng.uniform(0.005, 0.08, len(some)), 2)
    some["paid_on"] = days(some["paid_on"], rng.integers(2, 30, len(some)))
    some["purpose"] = "退款"
    return some
