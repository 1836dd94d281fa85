"""Who else belongs to a group: the odds of each client by the marks that single the group out."""

from __future__ import annotations

import numpy as np

from fraud_pipeline.rings.evidence.scan.edge_marks import EdgeMarks
from fraud_pipeline.rings.evidence.scan.prefixes import exceedance

_ROUNDS = 3  # of weighing all clients by the group so far
_SHARED_VALUE_NATS = 4.0  # nats for carrying a value that two members share
_LEAST_WITHOUT_VALUE = 0.05  # share of members without such a value that is allowed for at least


def members(
    pool: np.ndarray, core: np.ndarray, marks: EdgeMarks, values: list[tuple[float, np.ndarray]]
) -> np.ndarray:
    """The edges of ``pool`` that more probably belong to the group ``core`` than not.

    Odds of belonging: as many belong as now do, but even ones at most, or everybody would belong to a
    group that is most of the clients; each kind that is commoner in the group than usual
    multiplies them by its share in the group over the usual one (naive Bayes). Repeated until
    nothing changes; never fewer than three members.
    """
    for _ in range(_ROUNDS):
        fresh = pool[_log_odds(pool, core, marks, values) > 0.0]
        if fresh.size < 3 or np.array_equal(np.sort(fresh), np.sort(core)):
            break
        core = fresh
    return np.sort(core)


def _log_odds(
    pool: np.ndarray, core: np.ndarray, marks: EdgeMarks, values: list[tuple[float, np.ndarray]]
) -> np.ndarray:
    m, n = core.size, pool.size
    odds = np.full(n, min(0.0, np.log((m + 0.5) / (n - m + 0.5))))
    for first, last in zip(marks.level_ptr[:-1], marks.level_ptr[1:], strict=True):
        if marks.alike[first:last].min() >= 1.0:
            continue  # a fact about the institution is true of all its clients
        usual = marks.usual[first:last, core].mean(axis=1)
        hits = marks.marked[first:last, core].sum(axis=1)
        nats = [exceedance(float(h), float(m), float(s)) for h, s in zip(hits, usual, strict=True)]
        best = int(np.argmax(nats))
        inside = (hits[best] + usual[best]) / (m + 1.0)
        if inside > usual[best]:
            row, share = marks.marked[first + best, pool], usual[best]
            odds += np.where(row, np.log(inside / share), np.log((1 - inside) / (1 - share)))
    in_core = np.zeros(marks.marked.shape[1], bool)
    in_core[core] = True
    shared = [edges for _, edges in values if np.count_nonzero(in_core[edges]) >= 2]
    if shared:
        carries = np.zeros(in_core.size, bool)
        carries[np.concatenate(shared)] = True
        inside = (np.count_nonzero(carries[core]) + 0.5) / (m + 1.0)
        without = np.log(max(1.0 - inside, _LEAST_WITHOUT_VALUE))
        odds += np.where(carries[pool], _SHARED_VALUE_NATS, without)
    return odds
