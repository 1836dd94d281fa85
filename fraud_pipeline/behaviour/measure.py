"""What the parties did before the claim, and what its papers say about order and speed."""

from __future__ import annotations

from dataclasses import dataclass

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


def measure(tables: Tables, settings: BehaviourSettings, crowd: Crowd | None = None) -> pa.Table:
    """claim_id and one float64 column for each of BEHAVIOUR_FEATURES, null = unknown.

    Every window ends on the day before the claim, so a claim filed later changes
    nothing; only ``outlyingness`` compares with a crowd: the whole batch known so far, or
    the one given.
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
    table = pa.table(columns)
    against = Crowd.of(table, settings) if crowd is None else crowd
    return table.append_column("outlyingness", against.outlyingness(table))


@dataclass(frozen=True)
class Crowd:
    """The claims that others are compared with: how easily one is separated from them.

    Isolation forest (Liu et al. 2008). Each feature enters by its rank in the crowd, so that
    no unit dominates and row order cannot matter; an unknown value stands in the middle.
    ``strangeness``: of the crowd's own claims, ascending, each value once.
    """

    ordered: dict[str, np.ndarray]
    forest: IsolationForest | None
    strangeness: np.ndarray

    @classmethod
    def of(cls, table: pa.Table, settings: BehaviourSettings) -> Crowd:
        """The crowd of a table with the behaviour features; without a forest where too few."""
        ordered = {name: _known(table[name]) for name in _NAMES}
        if table.num_rows < settings.least_for_outlyingness:
            return cls(ordered, None, np.zeros(0))
        forest = IsolationForest(n_estimators=settings.trees, random_state=settings.seed, n_jobs=1)
        ranked = np.column_stack([_middle_rank(table[n], ordered[n]) for n in _NAMES])
        forest.fit(ranked)
        return cls(ordered, forest, np.unique(_strangeness(forest, ranked)))

    def outlyingness(self, table: pa.Table) -> pa.Array:
        """(n,) place in (0, 1] among the crowd; null where there is no crowd."""
        if self.forest is None:
            return pa.nulls(table.num_rows, pa.float64())
        if table.num_rows == 0:
            return pa.array([], pa.float64())
        ranked = np.column_stack([_middle_rank(table[n], self.ordered[n]) for n in _NAMES])
        place = np.searchsorted(self.strangeness, _strangeness(self.forest, ranked), "left")
        return pa.array(
            (np.minimum(place, len(self.strangeness) - 1) + 1.0) / len(self.strangeness)
        )


def _strangeness(forest: IsolationForest, ranked: np.ndarray) -> np.ndarray:
    # a few bits are given away so that sums in another order cannot swap two ranks
    strangeness: np.ndarray = np.round(-forest.score_samples(ranked), 10)
    return strangeness


def _known(column: pa.ChunkedArray) -> np.ndarray:
    values: np.ndarray = np.sort(column.drop_null().to_numpy())
    return values[~np.isnan(values)]


def _middle_rank(column: pa.ChunkedArray, ordered: np.ndarray) -> np.ndarray:
    values = pc.fill_null(column, np.nan).to_numpy()
    low = np.searchsorted(ordered, values, "left")
    high = np.searchsorted(ordered, values, "right")
    share = (low + high) / (2.0 * max(1, len(ordered)))
    ranked: np.ndarray = np.where(np.isnan(values), 0.5, share)
    return ranked
