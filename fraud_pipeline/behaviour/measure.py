"""What the parties did before the claim, and what its papers say about order and speed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.ensemble import IsolationForest

from fraud_pipeline.behaviour.statements import HISTORY, PAPERS
from fraud_pipeline.records import Tables
from fraud_pipeline.records.features import BEHAVIOUR_FEATURES
from fraud_pipeline.settings import BehaviourSettings
from fraud_pipeline.sql import query

_NAMES = tuple(f.name for f in BEHAVIOUR_FEATURES if f.name != "outlyingness")


def measure(tables: Tables, settings: BehaviourSettings) -> pa.Table:
    """claim_id and one float64 column for each of BEHAVIOUR_FEATURES, null = unknown.

    Every window ends on the day before the claim, so a claim filed later changes
    nothing; only ``outlyingness`` compares with the whole batch known so far.
    """
    history = query(HISTORY, {"claims": tables["claims"]})
    needed = (
        "claims",
        "contracts",
        "invoices",
        "payments",
        "deliverables",
        "enterprises",
        "vouchers",
    )
    papers = query(PAPERS, {name: tables[name] for name in needed})
    columns = {"claim_id": history["claim_id"]}
    for name in _NAMES:
        source = history if name in history.column_names else papers
        columns[name] = source[name].cast(pa.float64())
    columns["outlyingness"] = _outlyingness(columns, settings)
    return pa.table(columns)


def _outlyingness(columns: dict[str, pa.ChunkedArray], settings: BehaviourSettings) -> pa.Array:
    """How easily a claim is separated from the others (Liu et al. 2008), as a rank in (0, 1].

    Each feature enters by rank, so that no unit dominates and row order cannot
    matter; an unknown value stands in the middle.
    """
    n = len(columns["claim_id"])
    if n < settings.least_for_outlyingness:
        return pa.nulls(n, pa.float64())
    ranked = np.column_stack([_middle_rank(columns[name]) for name in _NAMES])
    forest = IsolationForest(n_estimators=settings.trees, random_state=settings.seed, n_jobs=1)
    strangeness = -forest.fit(ranked).score_samples(ranked)
    # a few bits are given away so that sums in another order cannot swap two ranks
    order = np.unique(np.round(strangeness, 10), return_inverse=True)[1]
    return pa.array((order + 1.0) / (order.max() + 1.0))


def _middle_rank(column: pa.ChunkedArray) -> np.ndarray:
    values = pc.fill_null(column, np.nan).to_numpy()
    known = values[~np.isnan(values)]
    ordered = np.sort(known)
    low = np.searchsorted(ordered, values, "left")
    high = np.searchsorted(ordered, values, "right")
    share = (low + high) / (2.0 * max(1, len(ordered)))
    ranked: np.ndarray = np.where(np.isnan(values), 0.5, share)
    return ranked
