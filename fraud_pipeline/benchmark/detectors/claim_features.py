"""Competent detectors on the claim's own columns: no graph, no market, no rules."""

from collections.abc import Sequence

import lightgbm
import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest

from fraud_pipeline.benchmark.case import Case
from fraud_pipeline.benchmark.detection import Detection, Detector


def columns(case: Case) -> pd.DataFrame:
    """What a spreadsheet of claims and parties shows about each claim."""
    claims = case.claims
    enterprises = case.tables["enterprises"].to_pandas().drop_duplicates("enterprise_id")
    enterprise = (
        enterprises.set_index("enterprise_id").reindex(claims["enterprise_id"]).reset_index()
    )
    institutions = case.tables["institutions"].to_pandas().drop_duplicates("institution_id")
    institution = (
        institutions.set_index("institution_id").reindex(claims["institution_id"]).reset_index()
    )
    contracts = case.tables["contracts"].to_pandas().drop_duplicates("contract_id")
    signed = claims["contract_id"].map(contracts.set_index("contract_id")["signed_on"])
    day = pd.to_datetime(claims["submitted_on"])
    x = pd.DataFrame({
        "claimed": claims["claimed_amount"].astype(float),
        "contract": claims["contract_amount"].astype(float),
        "quantity": claims["quantity"].astype(float),
        "day": day.dt.dayofyear,
        "service": claims["service_type"].astype("category").cat.codes,
        "employees": pd.to_numeric(enterprise["employees"]).to_numpy(dtype=float),
        "age": (day - pd.to_datetime(enterprise["founded_on"]).to_numpy()).dt.days,
        "category": institution["category"].astype("category").cat.codes,
        "enterprise claims": claims["enterprise_id"].map(claims["enterprise_id"].value_counts()),
        "institution claims": claims["institution_id"].map(claims["institution_id"].value_counts()),
    })  # fmt: skip
    x["share"] = x["claimed"] / x["contract"]
    x["gap"] = (day - pd.to_datetime(signed)).dt.days
    return x.astype(float)


def forest(case: Case, _: object) -> Detection:
    x = columns(case)
    x = x.fillna(x.median()).fillna(0.0)
    model = IsolationForest(n_estimators=200, random_state=7).fit(x)
    return Detection(score=-model.score_samples(x))


def teach(development: Sequence[Case]) -> lightgbm.LGBMClassifier:
    x = pd.concat([columns(case) for case in development])
    y = np.concatenate([case.answer["improper"] for case in development])
    model = lightgbm.LGBMClassifier(
        n_estimators=200, learning_rate=0.05, num_leaves=15, min_child_samples=40,
        subsample=0.8, subsample_freq=1, colsample_bytree=0.8, random_state=7, verbose=-1,
    )  # fmt: skip
    return model.fit(x, y)


def boosted(case: Case, model: lightgbm.LGBMClassifier) -> Detection:
    p: np.ndarray = model.predict_proba(columns(case))[:, 1]
    return Detection(
        score=p * case.claims["claimed_amount"].astype(float).to_numpy(), probability=p
    )


DETECTORS = [
    Detector("isolation forest", forest, words="outliers among the claim's columns"),
    Detector("LightGBM, claim columns", boosted, teach,
             words="taught the truth of development worlds, which no bureau has; times amount"),
]  # fmt: skip
