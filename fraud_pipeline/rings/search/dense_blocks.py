"""Greedy peeling of a weighted graph: drop the weakest party until nothing is left.

The densest stage seen, by total weight of edges per party, is within a factor of two of
the best (Charikar 2000); with column weights 1 / ln(c + degree) it is FRAUDAR
(Hooi et al. 2016). An indexed binary heap in compiled code; ties go to the smaller node.
"""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True, inline="always")  # type: ignore[untyped-decorator]
def _less(key: np.ndarray, a: int, b: int) -> bool:
    return key[a] < key[b] or (key[a] == key[b] and a < b)


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _sift_down(heap: np.ndarray, place: np.ndarray, key: np.ndarray, i: int, size: int) -> None:
    node = heap[i]
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and _less(key, heap[child + 1], heap[child]):
            child += 1
        if not _less(key, heap[child], node):
            break
        heap[i] = heap[child]
        place[heap[i]] = i
        i = child
    heap[i] = node
    place[node] = i


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _sift_up(heap: np.ndarray, place: np.ndarray, key: np.ndarray, i: int) -> None:
    node = heap[i]
    while i > 0:
        parent = (i - 1) // 2
        if not _less(key, node, heap[parent]):
            break
        heap[i] = heap[parent]
        place[heap[i]] = i
        i = parent
    heap[i] = node
    place[node] = i


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def peel(ptr: np.ndarray, to: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, int, float]:
    """Peeling order of a symmetric CSR graph, where the densest stage begins, its density.

    ``ptr`` int64 (n + 1,), ``to`` int (edges * 2,), ``weight`` float64 (edges * 2,) >= 0, both
    directions present. ``order[begin:]`` is the densest stage; density is weight of edges
    inside divided by nodes inside. Cost O(edges * log nodes).
    """
    n = ptr.size - 1
    key = np.zeros(n)
    for u in range(n):
        for p in range(ptr[u], ptr[u + 1]):
            key[u] += weight[p]
    total = key.sum() / 2.0
    heap = np.arange(n)
    place = np.arange(n)
    for i in range(n // 2 - 1, -1, -1):
        _sift_down(heap, place, key, i, n)
    order = np.empty(n, np.int64)
    best, begin = (total / n, 0) if n else (0.0, 0)
    for step in range(n):
        u = heap[0]
        order[step] = u
        size = n - step - 1
        heap[0] = heap[size]
        place[heap[0]] = 0
        place[u] = -1
        if size > 0:
            _sift_down(heap, place, key, 0, size)
        for p in range(ptr[u], ptr[u + 1]):
            v = to[p]
            if place[v] >= 0:
                key[v] -= weight[p]
                total -= weight[p]
                _sift_up(heap, place, key, place[v])
        if size > 0 and total / size > best + 1e-12:
            best, begin = total / size, step + 1
    return order, begin, best


def dense_blocks(
    n_nodes: int, left: np.ndarray, right: np.ndarray, weight: np.ndarray, n_blocks: int
) -> list[tuple[np.ndarray, float]]:
    """Up to ``n_blocks`` dense blocks of an undirected weighted edge list, densest first.

    After each block its edges are taken away and the rest is peeled again, so blocks may
    share nodes but never an edge. Each is (nodes sorted, density).
    """
    blocks: list[tuple[np.ndarray, float]] = []
    alive = (weight > 0) & (left != right)
    left, right, weight = left[alive], right[alive], weight[alive]
    for _ in range(n_blocks):
        if left.size == 0:
            break
        nodes, density = _densest(n_nodes, left, right, weight)
        member = np.zeros(n_nodes, bool)
        member[nodes] = True
        inside = member[left] & member[right]
        if not inside.any():
            break
        blocks.append((nodes, density))
        left, right, weight = left[~inside], right[~inside], weight[~inside]
    return blocks


def _densest(
    n_nodes: int, left: np.ndarray, right: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, float]:
    """The nodes of the densest stage of peeling, sorted, and its density."""
    left, right, weight = _heavy(n_nodes, left, right, weight)
    there = np.zeros(n_nodes, bool)
    there[left] = there[right] = True
    nodes, place = np.flatnonzero(there), np.cumsum(there) - 1
    order, begin, density = peel(*symmetric(nodes.size, place[left], place[right], weight))
    return nodes[np.sort(order[begin:])], density


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _heavy(
    n: int, left: np.ndarray, right: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The edges among which peeling finds its densest stage.

    While a node weighs less than the density of what is left, peeling takes such a node next,
    and the density rises. So they go all at once, round after round, without a heap.
    """
    while True:
        degree = np.zeros(n)
        for e in range(left.size):
            degree[left[e]] += weight[e]
            degree[right[e]] += weight[e]
        line = degree.sum() / 2.0 / np.count_nonzero(degree) * (1.0 - 1e-9)  # sums are rounded
        stay = np.empty(left.size, np.bool_)
        for e in range(left.size):
            stay[e] = degree[left[e]] >= line and degree[right[e]] >= line
        if stay.all():
            return left, right, weight
        left, right, weight = left[stay], right[stay], weight[stay]


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def symmetric(
    n: int, left: np.ndarray, right: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Offsets, targets and weights of an undirected edge list, each edge in both directions.

    A counting sort; the neighbours of a node stand in the order of the edges.
    """
    ptr = np.zeros(n + 1, np.int64)
    for e in range(left.size):
        ptr[left[e] + 1] += 1
        ptr[right[e] + 1] += 1
    ptr = np.cumsum(ptr)
    place = ptr.copy()
    to = np.empty(2 * left.size, np.int64)
    both = np.empty(2 * left.size)
    for e in range(left.size):
        u, v = left[e], right[e]
        to[place[u]], both[place[u]] = v, weight[e]
        place[u] += 1
        to[place[v]], both[place[v]] = u, weight[e]
        place[v] += 1
    return ptr, to, both
