"""Candidates from several detectors: local search, parties paid back, stars of clients."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from fraud_pipeline.rings.graph.parties import Parties
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.executor import Executor
from fraud_pipeline.rings.search.pruning import prune
from fraud_pipeline.rings.search.seeds import concatenate_levels
from fraud_pipeline.rings.search.splitting import split_set
from fraud_pipeline.rings.search.tasks import Candidate, find_seeds, local_search

_LARGEST_MARKET_SEEN_WHOLE = 30  # enterprises; a file of so few may be one ring's


def find_candidates(
    parties: Parties, money_back: np.ndarray, star_sets: list[list[int]], settings: RingParameters,
    executor: Executor,
) -> list[Candidate]:  # fmt: skip
    """What the search proposes, who was paid back, and stars of clients with exclusive values."""
    graph = parties.graph
    candidates = local_search(
        graph, find_seeds(graph, settings, executor), settings, executor=executor
    )
    candidates += _money_back_stars(parties, money_back, settings)
    new = {tuple(sorted(s)) for s in star_sets} - {c.nodes for c in candidates}
    candidates += score_unchanged(parties, [list(nodes) for nodes in sorted(new)], settings)
    candidates = _prune_all(parties, _split_all(parties, candidates, settings), settings)
    return [
        c for c in candidates
        if settings.min_enterprises <= count_active_enterprises(parties, c.nodes) and not _is_whole_market(parties, c)
    ]  # fmt: skip


def _is_whole_market(parties: Parties, candidate: Candidate) -> bool:
    """Whether a set is the market itself, or what is left of it beside a dense part.

    Half of all enterprises are no ring, however little they trade with the other half.
    """
    n = sum(node < parties.graph.n_enterprises for node in candidate.nodes)
    return n > _LARGEST_MARKET_SEEN_WHOLE and 2 * n >= parties.graph.n_enterprises


def _money_back_stars(
    parties: Parties, money_back: np.ndarray, settings: RingParameters
) -> list[Candidate]:
    """For each institution that paid two enterprises or more back, those enterprises and it, as they are."""
    groups: dict[int, list[int]] = {}
    for enterprise, institution in money_back.tolist():
        groups.setdefault(institution, []).append(enterprise)
    sets = [
        [*sorted(enterprises), institution]
        for institution, enterprises in sorted(groups.items())
        if len(enterprises) >= 2
    ]
    return score_unchanged(parties, [s for s in sets if len(s) <= settings.largest_seed], settings)


def _split_all(
    parties: Parties, candidates: list[Candidate], settings: RingParameters
) -> list[Candidate]:
    """Candidates that are two rings or more replaced by these, each weighed for itself."""
    whole, parts = [], set()
    for candidate in candidates:
        several = [
            tuple(part)
            for part in split_set(parties.graph, candidate.nodes, settings.least_tied)
            if sum(n < parties.graph.n_enterprises for n in part) >= settings.min_enterprises
        ]
        if len(several) < 2:
            whole.append(candidate)
        else:
            parts.update(several)
    return whole + score_unchanged(parties, [list(p) for p in sorted(parts)], settings)


def _prune_all(
    parties: Parties, candidates: list[Candidate], settings: RingParameters
) -> list[Candidate]:
    """Candidates with institutions that are only cover replaced by what is left without them."""
    inner = [prune(parties.graph, c.nodes) for c in candidates]
    same = [c for c, nodes in zip(candidates, inner, strict=True) if nodes == c.nodes]
    less = {nodes for c, nodes in zip(candidates, inner, strict=True) if nodes != c.nodes}
    return same + score_unchanged(parties, [list(nodes) for nodes in sorted(less)], settings)


def score_unchanged(
    parties: Parties, sets: list[list[int]], settings: RingParameters
) -> list[Candidate]:
    """The score of given sets at every level of ties."""
    ptr = np.concatenate([[0], np.cumsum([len(s) for s in sets])]).astype(np.int64)
    nodes = np.array([n for s in sets for n in s], np.int64)
    levels = range(len(parties.graph.tie_ptr))
    return local_search(
        parties.graph,
        concatenate_levels([(ptr, nodes, level) for level in levels]),
        settings,
        unchanged=True,
    )


def count_active_enterprises(parties: Parties, nodes: tuple[int, ...]) -> int:
    """Enterprises of a set that deal with its institutions; the others are in it for their ties."""
    graph, members = parties.graph, set(nodes)
    return sum(
        any(
            int(k) + graph.n_enterprises in members
            for k in graph.enterprise_institution[
                graph.enterprise_ptr[n] : graph.enterprise_ptr[n + 1]
            ]
        )
        for n in nodes
        if n < graph.n_enterprises
    )


def money_back_pairs(parties: Parties, ties: pa.Table | None) -> np.ndarray:
    """The money-back ties as pairs of nodes, int64 (k, 2); parties without claims left out."""
    if ties is None:
        return np.zeros((0, 2), np.int64)
    kinds = np.asarray(ties["kind"].to_pylist(), dtype=object)
    rows = ties.filter(pa.array(kinds == "money_back", pa.bool_()))
    enterprise = {party: n for n, party in enumerate(parties.ids[: parties.graph.n_enterprises])}
    institution = {
        party: n + parties.graph.n_enterprises
        for n, party in enumerate(parties.ids[parties.graph.n_enterprises :])
    }
    pairs = [
        (enterprise[left], institution[right])
        for left, right in zip(
            rows["left_id"].to_pylist(), rows["right_id"].to_pylist(), strict=True
        )
        if left in enterprise and right in institution
    ]
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)
