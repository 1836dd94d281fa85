"""What the parties did before the claim, and what its papers say about order and speed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.ensemble import IsolationForest

from fraud_pipeline.behaviour.statements import HISTORY, PAPERS
from fraud_pipeline.core.sql import query
from fraud_pipeline.features.catalogue import BEHAVIOUR_FEATURES
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import BehaviourSettings

_NAMES = tuple(f.name for f in BEHAVIOUR_FEATURES if f.name != "outlyingness")
_TREES = 200  # of the isolation forest; an assumption, twice the usual 100
_SEED = 7


def measure(tables: Tables, settings: BehaviourSettings, crowd: Crowd | None = None) -> pa.Table:
    """claim_id and one float64 column for each of BEHAVIOUR_FEATURES, null = unknown.

    Every window ends on the day before the claim, so a claim filed later changes
    nothing; only ``outlyingness`` compares with a crowd: the whole batch known so far, or
    the one given.
    """
    table = measured(tables, _NAMES)
    rank = own_outlyingness(table, settings) if crowd is None else crowd.outlyingness(table)
    return table.append_column("outlyingness", rank)


def measured(tables: Mapping[str, pa.Table], names: Sequence[str]) -> pa.Table:
    """claim_id and one float64 column for each of ``names``: features of a claim's own history and
    papers, not ``outlyingness``. Tables that the named features do not read may be missing."""
    history = query(HISTORY, tables)
    if not set(names) <= set(history.column_names):
        papers = query(PAPERS, tables)
        for name in papers.column_names[1:]:
            history = history.append_column(name, papers[name])
    columns = {name: history[name].cast(pa.float64()) for name in names}
    return pa.table({"claim_id": history["claim_id"], **columns})


def own_outlyingness(table: pa.Table, settings: BehaviourSettings) -> pa.Array:
    """(n,) each claim's place in (0, 1] among all of ``table``, which is the crowd."""
    crowd, strangeness = _crowd_and_its_own(table, settings)
    return crowd.placed(strangeness)


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
        return _crowd_and_its_own(table, settings)[0]

    def outlyingness(self, table: pa.Table) -> pa.Array:
        """(n,) place in (0, 1] among the crowd; null where there is no crowd."""
        if self.forest is None or table.num_rows == 0:
            return self.placed(np.zeros(table.num_rows))
        return self.placed(_strangeness(self.forest, _ranks(table, self.ordered)))

    def placed(self, strangeness: np.ndarray) -> pa.Array:
        if self.forest is None:
            return pa.nulls(len(strangeness), pa.float64())
        place = np.searchsorted(self.strangeness, strangeness, "left")
        return pa.array(
            (np.minimum(place, len(self.strangeness) - 1) + 1.0) / len(self.strangeness),
            pa.float64(),
        )


def _crowd_and_its_own(table: pa.Table, settings: BehaviourSettings) -> tuple[Crowd, np.ndarray]:
    """The crowd, and the strangeness of its claims in the order of ``table``."""
    ordered = {name: _known(table[name]) for name in _NAMES}
    if table.num_rows < settings.min_claims:
        return Crowd(ordered, None, np.zeros(0)), np.zeros(table.num_rows)
    ranked = _ranks(table, ordered)
    forest = IsolationForest(n_estimators=_TREES, random_state=_SEED, n_jobs=2)
    strangeness = _strangeness(forest.fit(ranked), ranked)
    forest.set_params(n_jobs=1)  # a single claim is not worth threads
    return Crowd(ordered, forest, np.unique(strangeness)), strangeness


def _ranks(table: pa.Table, ordered: dict[str, np.ndarray]) -> np.ndarray:
    """(n, features) middle ranks in the crowd."""
    return np.column_stack([_middle_rank(table[n], ordered[n]) for n in _NAMES])


def _strangeness(forest: IsolationForest, ranked: np.ndarray) -> np.ndarray:
    # threads add the trees up in any order: a few bits are given away so that it cannot show
    strangeness: np.ndarray = np.round(-forest.score_samples(ranked), 10)
    return strangeness


def _known(column: pa.ChunkedArray) -> np.ndarray:
    values: np.ndarray = np.sort(column.drop_null().to_numpy())
    return values[~np.isnan(values)]


def _middle_rank(column: pa.ChunkedArray, ordered: np.ndarray) -> np.ndarray:
    values = pc.fill_null(column, np.nan).to_numpy()
    order = np.argsort(values)  # looking up in order is many times faster than at random
    ascending = values[order]
    low = np.searchsorted(ordered, ascending, "left")
    high = np.searchsorted(ordered, ascending, "right")
    share = (low + high) / (2.0 * max(1, len(ordered)))
    ranked = np.empty(len(values))
    ranked[order] = np.where(np.isnan(ascending), 0.5, share)
    return ranked
