"""Segments of a market, learned from who deals with whom: sectors, towns, fields of work.

Within a segment everybody buys from the same institutions without any agreement, so what a value's
carriers have in common is compared with their segment and not with the whole programme. Spectral
clustering of the regularised bipartite Laplacian (Rohe, Qin and Yu 2016). The number of segments is
tested by parallel analysis (Horn 1965): singular values count as long as each exceeds that of the same
place in null samples that keep every party's degree, so a market of one piece has one. Small segments (a ring would make one) are none.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds

from fraud_pipeline.rings.graph.bipartite import BipartiteGraph
from fraud_pipeline.rings.null.rewiring import rewired

_MOST = 9  # singular values looked at
_NULL_SAMPLES = 3
_MARGIN = 1.02  # by which a singular value must exceed those of the null samples
_FEWEST = 12  # enterprises of a segment, and ...
_LEAST_SHARE = 0.05  # of all enterprises
_ROUNDS = 25  # of k-means, and ...
_STARTS = 8  # of which the best counts


def learned_segments(graph: BipartiteGraph, seed: int) -> np.ndarray:
    """The segment of each enterprise, int64 (n_enterprises,); 0 is the largest."""
    none = np.zeros(graph.n_enterprises, np.int64)
    rank = min(_MOST, graph.n_enterprises - 1, graph.n_institutions - 1)
    if rank < 2:
        return none
    values, vectors = _spectrum(graph, rank)
    rng = np.random.default_rng(seed)
    null = np.max([_spectrum(rewired(graph, rng), rank)[0] for _ in range(_NULL_SAMPLES)], axis=0)
    above = values[1:] > _MARGIN * null[1:]
    n_segments = 1 + int(np.argmin(np.append(above, False)))
    if n_segments < 2:
        return none
    length = np.linalg.norm(vectors[:, :n_segments], axis=1, keepdims=True)
    points = vectors[:, :n_segments] / np.maximum(length, 1e-12)
    return _large_ones(_k_means(points, n_segments))


def within_segments(graph: BipartiteGraph, seed: int) -> BipartiteGraph:
    """``graph`` with each region cut into the learned segments, so that the null keeps both."""
    segment = learned_segments(graph, seed)
    if not segment.any():
        return graph
    cell = graph.enterprise_region * (segment.max() + 1) + segment
    region = np.unique(cell, return_inverse=True)[1].astype(np.int64)
    enterprise = np.repeat(np.arange(graph.n_enterprises), np.diff(graph.enterprise_ptr))
    total = np.zeros((graph.n_seasons, int(region.max()) + 1), np.int64)
    np.add.at(total, (graph.enterprise_season, region[enterprise]), 1)
    return graph._replace(enterprise_region=region, region_total=total)


def _spectrum(graph: BipartiteGraph, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Largest singular values, falling, and the enterprises' vectors (n_enterprises, rank)."""
    matrix = csr_array(
        (
            np.ones(graph.enterprise_institution.size),
            graph.enterprise_institution,
            graph.enterprise_ptr,
        ),
        shape=(graph.n_enterprises, graph.n_institutions),
    )
    mean = (
        graph.enterprise_institution.size / graph.n_enterprises,
        graph.enterprise_institution.size / graph.n_institutions,
    )
    rows = 1.0 / np.sqrt(matrix.sum(axis=1) + mean[0])
    columns = 1.0 / np.sqrt(matrix.sum(axis=0) + mean[1])
    scaled = matrix.multiply(rows[:, None]).multiply(columns[None, :]).tocsr()
    start = np.ones(min(scaled.shape)) / np.sqrt(min(scaled.shape))
    left, values, _ = svds(scaled, k=rank, v0=start, tol=1e-4)
    order = np.argsort(-values, kind="stable")
    return values[order], left[:, order]


def _k_means(points: np.ndarray, n: int) -> np.ndarray:
    """Labels (points,) of the best of several starts."""
    starts = np.unique(np.linspace(0, len(points) - 1, _STARTS).astype(int))
    tried = [_from_start(points, n, int(start)) for start in starts]
    return min(tried, key=lambda one: one[0])[1]


def _from_start(points: np.ndarray, n: int, first: int) -> tuple[float, np.ndarray]:
    """(sum of squared distances, labels); centres begin as far from one another as points are."""
    centres = [points[first]]
    for _ in range(n - 1):
        apart = np.min([np.sum((points - c) ** 2, axis=1) for c in centres], axis=0)
        centres.append(points[int(np.argmax(apart))])
    centre = np.array(centres)
    for _ in range(_ROUNDS):
        apart = np.array([np.sum((points - c) ** 2, axis=1) for c in centre])
        label = np.argmin(apart, axis=0)
        fresh = np.array(
            [points[label == i].mean(axis=0) if (label == i).any() else centre[i] for i in range(n)]
        )
        if np.allclose(fresh, centre):
            break
        centre = fresh
    return float(np.sum(np.min(apart, axis=0))), label


def _large_ones(label: np.ndarray) -> np.ndarray:
    """Labels from 0, the largest segment; parts too small to be one belong to it.

    So a ring that was told apart is compared with the market and not with itself.
    """
    size = np.bincount(label)
    order = np.argsort(-size, kind="stable")
    large = order[size[order] >= max(_FEWEST, _LEAST_SHARE * label.size)]
    number = np.zeros(size.size, np.int64)
    number[large] = np.arange(large.size)
    return number[label]
