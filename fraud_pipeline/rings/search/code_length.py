"""The score of a set of parties in nats, and the code length of naming it.

The score of enterprises F, institutions K and a run of seasons T is

    sum over T of -ln P(so many edges of F fall on K | margins)  -  code length of F, K, T

The probability is the tail of the hypergeometric law: within a season the edges of all
enterprises are dealt out over the places at all institutions. The cost is the length of a code
in nats: a set named freely costs ln C(N, |F|), a set named as "these of the parties tied to
each other" far less. Because exp(-cost) adds up to at most one over all sets, the score
bounds its own p-value after the search by exp(-score): a union bound, as in Rissanen's
minimum description length. So popularity, degree and loyal repetition earn nothing, and
identity alone earns nothing either: it only makes a set cheap to name.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np


@nb.njit(cache=True, inline="always")  # type: ignore[untyped-decorator]
def log_binomial(lf: np.ndarray, n: int, k: int) -> float:
    """ln of n over k, from ``lf``, the logarithms of the factorials."""
    if k < 0 or k > n:
        return 0.0
    nats: float = lf[n] - lf[k] - lf[n - k]
    return nats


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def tail_nats(lf: np.ndarray, n: int, m: int, k: int, c: int) -> float:
    """-ln of an upper bound of P(X >= c), X hypergeometric: m draws, k marked of n.

    0 where c is not above what is expected. The tail is at most the point probability
    divided by (1 - ratio to the next one), the ratios falling.
    """
    if c <= 0 or c * n <= m * k:
        return 0.0
    rest = n - k - m + c + 1
    ratio = 1.0 if rest <= 0 else (k - c) * (m - c) / ((c + 1.0) * rest)
    if ratio >= 1.0:
        return 0.0
    point = log_binomial(lf, n, m) - log_binomial(lf, k, c) - log_binomial(lf, n - k, m - c)
    nats: float = max(0.0, point + np.log(1.0 - ratio))
    return nats


class SetSize(NamedTuple):
    """The numbers that a set's code length depends on; a lone party is tied to no other member."""

    enterprises: int
    institutions: int
    lone_enterprises: int
    lone_institutions: int
    groups: int  # of tied members, two or more each
    border: int  # parties tied to a member, members included


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def set_code_length(
    log_factorial: np.ndarray, n_enterprises: int, n_institutions: int, size: SetSize
) -> float:
    """Nats to name a set among ``n_enterprises`` and ``n_institutions``.

    Free roots first, then members among the parties tied to them, and the sizes.
    """
    roots = min(size.lone_enterprises + size.groups, n_enterprises)
    lone = size.lone_enterprises + size.lone_institutions
    tied = size.enterprises + size.institutions - lone - size.groups
    near = max(size.border - size.groups, tied)
    cost: float = log_binomial(log_factorial, n_enterprises, roots)
    cost += log_binomial(log_factorial, n_institutions, size.lone_institutions)
    cost += log_binomial(log_factorial, near, tied) + np.log(near + 1.0)
    cost += 2.0 * np.log(size.enterprises + 1.0) + 2.0 * np.log(size.institutions + 1.0)
    return cost
