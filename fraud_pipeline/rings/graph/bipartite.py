"""The graph as arrays: who dealt with whom in which season, and who is tied to whom."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class BipartiteGraph(NamedTuple):
    """Enterprises are nodes 0..n_enterprises-1, institutions n_enterprises..n_enterprises+n_institutions-1.

    An *edge* is a distinct pair of enterprise and institution, dated by its first claim; a loyal
    client with forty claims is one edge. Edges stand twice, grouped by enterprise and by
    institution (``*_ptr`` are offsets). ``tie_ptr[level]`` offsets into ``tie_to``: level 0 has
    no ties, 1 pairs tied in two ways, 2 strong kinds, 3 every kind.
    """

    n_enterprises: int
    n_institutions: int
    n_seasons: int
    enterprise_ptr: np.ndarray  # int64 (n_enterprises + 1,)
    enterprise_institution: np.ndarray  # int64 (edges,)
    enterprise_season: np.ndarray  # int64 (edges,)
    institution_ptr: np.ndarray
    institution_enterprise: np.ndarray
    institution_season: np.ndarray
    institution_count: np.ndarray  # int64 (n_institutions, n_seasons)
    season_total: np.ndarray  # int64 (n_seasons,)
    tie_ptr: np.ndarray  # int64 (levels, nodes + 1)
    tie_to: np.ndarray  # int64
    log_factorial: np.ndarray  # float64
    enterprise_region: np.ndarray  # int64 (n_enterprises,): 0..n_regions-1
    region_total: np.ndarray  # int64 (n_seasons, n_regions): edges


def build_graph(
    n_enterprises: int,
    n_institutions: int,
    enterprise: np.ndarray,
    institution: np.ndarray,
    season: np.ndarray,
    ties: list[np.ndarray],
    region: np.ndarray | None = None,
) -> BipartiteGraph:
    """A graph from edges (three int64 arrays) and one (k, 2) array of node pairs a level.

    ``region`` is the code of each enterprise's region, int64 (n_enterprises,); without it all are of one.
    """
    region = np.zeros(n_enterprises, np.int64) if region is None else region
    n_seasons = int(season.max()) + 1 if season.size else 1
    by_enterprise = np.lexsort((institution, enterprise))
    by_institution = np.lexsort((enterprise, institution))
    counts = np.zeros((n_institutions, n_seasons), np.int64)
    np.add.at(counts, (institution, season), 1)
    regions = np.zeros((n_seasons, int(region.max(initial=0)) + 1), np.int64)
    np.add.at(regions, (season, region[enterprise]), 1)
    tie_ptr, tie_to = _tie_csr(n_enterprises + n_institutions, ties)
    most = max(enterprise.size, n_enterprises + n_institutions) + 2
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])
    return BipartiteGraph(
        n_enterprises,
        n_institutions,
        n_seasons,
        _offsets(enterprise, n_enterprises),
        institution[by_enterprise],
        season[by_enterprise],
        _offsets(institution, n_institutions),
        enterprise[by_institution],
        season[by_institution],
        counts,
        np.bincount(season, minlength=n_seasons).astype(np.int64),
        tie_ptr,
        tie_to,
        logs,
        region,
        regions,
    )


def _offsets(group: np.ndarray, n: int) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(np.bincount(group, minlength=n))]).astype(np.int64)


def _tie_csr(n_nodes: int, levels: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    ptr = np.zeros((len(levels), n_nodes + 1), np.int64)
    parts: list[np.ndarray] = []
    base = 0
    for level, pairs in enumerate(levels):
        both = np.concatenate([pairs, pairs[:, ::-1]]) if pairs.size else pairs.reshape(0, 2)
        keys = np.sort(both[:, 0] * n_nodes + both[:, 1])  # numpy's unique would hash first
        keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])[: keys.size]]
        ptr[level] = base + _offsets(keys // n_nodes, n_nodes)
        parts.append(keys % n_nodes)
        base += keys.size
    return ptr, np.concatenate(parts).astype(np.int64)
