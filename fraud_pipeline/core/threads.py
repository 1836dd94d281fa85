"""How many threads a step keeps busy itself, besides those of DuckDB and LightGBM."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

_P = ParamSpec("_P")
_R = TypeVar("_R")

# Files read, columns converted, tables written or checked, checks asked, shares of a market: all are
# done two at a time. A machine of the size this is made for has two processors, and more at a
# time would hold more half-made tables in memory.
N_THREADS = 2


def one_blas_thread(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """``function`` with one thread for the sums of linear algebra.

    On tall, narrow matrices several threads took four times the CPU of one (docs/scaling.md). They
    may also add in another order, and what is fitted must not depend on the number of processors.
    """
    limited: Callable[_P, _R] = threadpool_limits.wrap(limits=1, user_api="blas")(function)
    return limited
