"""Groups of claims that know nothing of each other, worked through on two threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from fraud_pipeline.core.threads import N_THREADS

_WORTH_IT = 20_000  # rows; below that a thread costs more than it saves
_SHARES = 16  # rows do not tell how long a group takes: whoever is done takes the next share


def side_by_side(work: Callable[[slice], None], starts: np.ndarray) -> None:
    """``work`` on all groups, in shares of about equally many rows, the largest first.

    Group k holds the rows starts[k] to starts[k + 1]; ``work`` gets a slice of group numbers. It
    must release the interpreter and write only to its own groups' rows.
    """
    n_groups = len(starts) - 1
    if n_groups < 2 or starts[-1] < _WORTH_IT:
        return work(slice(0, n_groups))
    even = np.linspace(0, starts[-1], _SHARES + 1)
    cuts = np.unique(np.searchsorted(starts, even))
    shares = sorted(pairwise(cuts.tolist()), key=lambda cut: starts[cut[0]] - starts[cut[1]])
    with ThreadPoolExecutor(N_THREADS) as pool:
        list(pool.map(work, (slice(*cut) for cut in shares)))
