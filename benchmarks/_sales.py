"""Real prices with and without labels: the second half of benchmarks/pricing.py."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import GroupKFold

from benchmarks._rivals import box_plot
from fraud_pipeline.pricing import market_outliers


def report_sales(path: Path) -> None:
    """AP and AUC on inspected rows, recall of known frauds when a share of all rows is inspected."""
    if not path.exists():
        print(f"\n{path} is not there: sales not measured")
        return
    sales = pd.read_parquet(path)
    sales["unit_price"] = sales["amount"] / sales["quantity"]
    sales = sales.reset_index(drop=True)
    found = market_outliers(
        sales["service_type"], sales["unit_price"], seller=sales["institution"],
        quantity=sales["quantity"], amount=sales["amount"],
    ).to_pandas()  # fmt: skip
    sales = sales.join(found)
    fold = sales["institution"].map(lambda s: hashlib.sha256(f"f{s}".encode()).digest()[0] % 2)
    labels, unpriced = sales["label"], ~(sales["unit_price"] > 0)
    print(f"\nsales: {len(sales)} rows, {int(labels.notna().sum())} inspected, "
          f"{int((labels == 1).sum())} frauds, of them {int(((labels == 1) & unpriced).sum())} "
          "without a unit price; fold: all inspected rows of the reporting half of the sellers")  # fmt: skip
    print(f"{'':34}{'AP':>7}{'AUC':>7}{'AP fold':>9}{'AUC fold':>9}{'1 %':>7}{'5 %':>7}{'10 %':>7}")
    for name, score in _rankers(sales).items():
        _line(name, sales, np.asarray(score, dtype=float), fold.to_numpy() == 1)
    _supervised(sales)


def _rankers(sales: pd.DataFrame) -> dict[str, pd.Series | np.ndarray]:
    log_price = np.log(sales["unit_price"].where(sales["unit_price"] > 0))
    item = sales.groupby("service_type")["service_type"].ngroup()
    grouped = log_price.groupby(item)
    apart = (log_price - grouped.transform("median")).abs()
    known = log_price.notna().to_numpy()
    normal = np.full(len(sales), np.nan)
    one_sided = box_plot(log_price[known].to_numpy(), item[known].to_numpy())
    normal[known] = -np.log10(np.maximum(2 * np.minimum(one_sided, 1 - one_sided), 1e-300))
    x = pd.DataFrame({"p": log_price - grouped.transform("median"), "q": np.log(sales["quantity"])})
    forest = IsolationForest(n_estimators=100, random_state=7).fit(x[known])
    outlying = np.full(len(sales), np.nan)
    outlying[known] = -forest.score_samples(x[known])
    return {
        "fraud-pipeline rarity": sales["rarity"],
        "fraud-pipeline two-sided p": -np.log10(sales["p_two_sided"].clip(lower=1e-300)),
        "|log price - item median|": apart,
        "the same / IQR (box plot)": normal,
        "isolation forest": outlying,
    }


def _line(name: str, sales: pd.DataFrame, score: np.ndarray, report: np.ndarray) -> None:
    label = sales["label"].to_numpy(dtype=float, na_value=np.nan)
    score = np.where(np.isinf(score), np.nan, score)
    priced = (sales["unit_price"] > 0).to_numpy() & np.isfinite(sales["unit_price"].to_numpy())
    unknown = np.where(priced, np.nanmedian(score[priced]), np.nanmin(score[priced]) - 1.0)
    score = np.where(np.isnan(score), unknown, score)
    figures = []
    for rows in (priced & ~np.isnan(label), report & ~np.isnan(label)):
        figures += [average_precision_score(label[rows] == 1, score[rows]),
                    roc_auc_score(label[rows] == 1, score[rows])]  # fmt: skip
    place = np.argsort(np.argsort(-score, kind="stable"), kind="stable")
    fraud = label == 1
    for share in (0.01, 0.05, 0.10):
        inspected = fraud & (place < len(score) * share)
        figures.append(inspected.sum() / fraud.sum())
    print(
        f"{name:34}"
        + "".join(f"{v:{w}.3f}" for v, w in zip(figures, (7, 7, 9, 9, 7, 7, 7), strict=True))
    )


def _supervised(sales: pd.DataFrame) -> None:
    """With labels: the same numbers into gradient boosting, folds grouped by seller."""
    log = pd.DataFrame(
        {c: np.log(sales[c].where(sales[c] > 0)) for c in ("unit_price", "quantity", "amount")}
    )
    item = log.groupby(sales["service_type"])
    x = pd.concat([log, (log - item.transform("median")).add_suffix("_apart")], axis=1)
    x["n"] = item["unit_price"].transform("count")
    x["spread"] = item["unit_price"].transform("std")
    x = x.join(sales[["rarity", "deviation", "seller_level", "p_high"]])
    x["no_quantity"], x["no_amount"] = sales["quantity"].isna(), sales["amount"].isna()
    rows = sales["label"].notna().to_numpy()
    y, seller = (sales.loc[rows, "label"] == 1).to_numpy(bool), sales.loc[rows, "institution"]
    guess = np.zeros(len(y))
    for train, test in GroupKFold(5).split(x[rows], y, seller):
        model = LGBMClassifier(n_estimators=300, learning_rate=0.03, num_leaves=15, verbose=-1,
                               min_child_samples=20, reg_lambda=5.0, colsample_bytree=0.6,
                               n_jobs=2, random_state=7)  # fmt: skip
        guess[test] = model.fit(x[rows].iloc[train], y[train]).predict_proba(x[rows].iloc[test])[
            :, 1
        ]
    print(f"{'with labels, folds by seller':34}{average_precision_score(y, guess):7.3f}"
          f"{roc_auc_score(y, guess):7.3f}   (all inspected rows, unpriced among them)")  # fmt: skip


def report_invoices(path: Path) -> None:
    """Ordinary Chinese business: how much of it the market test would list."""
    if not path.exists():
        print(f"\n{path} is not there: invoices not measured")
        return
    invoices = pd.read_parquet(path).reset_index(drop=True)
    pair = invoices["institution"] + invoices["enterprise"]
    asked = {
        "all 6 % services as one market": (invoices["service_type"], invoices["institution"]),
        "the seller's other customers": (invoices["institution"], None),
        "the pair's own history": (pair, None),
    }
    print(
        f"\nChinese invoices, {len(invoices)} rows: judged, share of rows too dear, odd either way"
    )
    for name, (item, seller) in asked.items():
        buyer = None if item is pair else invoices["enterprise"]
        found = market_outliers(
            item, invoices["amount"], date=invoices["date"], seller=seller, buyer=buyer
        ).to_pandas()
        print(f"{name:34}{int(found['p_high'].notna().sum()):7}{(found['q_high'] <= 0.1).mean():9.3%}"
              f"{(found['q_value'] <= 0.1).mean():9.3%}")  # fmt: skip


def list_first(data: Path, n: int) -> None:
    """What would be looked at first: invoices dear to the seller's other customers, rarest sums."""
    invoices = pd.read_parquet(data / "service_invoices_cn.parquet").reset_index(drop=True)
    found = market_outliers(
        invoices["institution"], invoices["amount"], date=invoices["date"],
        buyer=invoices["enterprise"],
    ).to_pandas()  # fmt: skip
    pair = invoices.groupby(["enterprise", "institution"])["amount"]
    both = invoices.join(found).assign(of_pair=pair.transform("size"))
    first = both[both["q_high"] <= 0.1].sort_values(["p_high", "amount"], ascending=[True, False])
    shown = ["enterprise", "institution", "amount", "date", "status", "market_mid", "of_pair"]
    print(first.head(n)[shown].to_string(index=False))
    spent = pd.read_parquet(data / "reimbursements_br.parquet").reset_index(drop=True)
    found = market_outliers(
        spent["service_type"], spent["amount"], date=spent["date"], seller=spent["institution"],
        buyer=spent["enterprise"],
    ).to_pandas()  # fmt: skip
    print(
        f"\nreimbursements: {len(spent)} rows, {int((found['q_value'] <= 0.1).sum())} at q <= 0.1"
    )
    rarest = spent.join(found).sort_values("rarity", ascending=False)
    print(
        rarest.head(12)[["service_type", "amount", "market_mid", "rarity"]].to_string(index=False)
    )
