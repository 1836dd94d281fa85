"""Groups of claims that know nothing of each other, worked through on two threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

_WORTH_IT = 20_000  # rows; below that a thread costs more than it saves


def side_by_side(work: Callable[[slice], None], starts: np.ndarray) -> None:
    """``work`` on all groups, in two shares of about equally many rows.

    Group k holds the rows starts[k] to starts[k + 1]; ``work`` gets a slice of group numbers. It
    must release the interpreter and write only to its own groups' rows.
    """
    n_groups = len(starts) - 1
    if n_groups < 2 or starts[-1] < _WORTH_IT:
        return work(slice(0, n_groups))
    middle = int(np.clip(np.searchsorted(starts, starts[-1] // 2), 1, n_groups - 1))
    with ThreadPoolExecutor(1) as aside:
        other = aside.submit(work, slice(middle, n_groups))
        work(slice(0, middle))
        other.result()
