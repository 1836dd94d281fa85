"""How far honest prices stray, learned from how well earlier ones were foretold.

Each claim's market is a forecast made without it. The squares of the forecast errors of a
service's earlier claims, of other sides, are the fairest measure of the spread to expect
(prequential, Dawid 1984): nothing is assumed of quartiles, and what the market's middle
itself gets wrong is in them. Errors are cut off, above sooner than below, because among
the earlier claims are overpriced ones. Those also lift every median a little; the mean of the
errors that are not large tells by how much.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.stats import norm

from fraud_pipeline.core.threads import N_THREADS
from fraud_pipeline.pricing.cell_codes import combined
from fraud_pipeline.pricing.peers import Side

CUT_ABOVE, CUT_BELOW = 0.8, 2.0  # in spreads
ORDINARY = 2.0  # spreads: errors beyond, either way, say nothing of the middle
ONE = 1 << 32  # sums are over whole numbers: exact, whatever else is in the table


def _variance_below(cut: float) -> float:
    """Mean of min(z, cut)² over the positive half of a standard normal z."""
    inside = norm.cdf(cut) - 0.5 - cut * norm.pdf(cut)
    return float(inside + cut**2 * norm.sf(cut))


VARIANCE_LEFT = _variance_below(CUT_ABOVE) + _variance_below(
    CUT_BELOW
)  # of the variance, when the cuts are at true spreads


class Earlier:
    """The earlier claims of each claim's service, asked for what their errors come to.

    Peers as for the market: known on the day, still speaking, of another institution and
    another enterprise. ``trust`` in [0, 1] weighs each claim's error: one of a forecast
    from few prices says little of the spread.
    """

    def __init__(self, service: np.ndarray, side: Side, trust: np.ndarray | float = 1.0):
        institution, enterprise = side.institution, side.enterprise
        turn = _turn(service, side)
        self._weight = trust / np.sqrt(turn)
        keys = (
            (service,),
            (service, institution),
            (service, enterprise),
            (service, institution, enterprise),
        )
        with ThreadPoolExecutor(N_THREADS) as pool:
            alive = pool.map(lambda key: _Alive(combined(*key), side), keys)
            self._groups = tuple(zip((1, -1, -1, 1), alive, strict=True))
        first = (turn == 1).astype(float)
        # the third: institutions behind the errors
        total, of_weights, self.n_institutions = self._sums(self._weight, self._weight**2, first)
        self._total = np.maximum(total, 1e-9)
        self.number = np.where(of_weights > 1e-9, total**2 / np.maximum(of_weights, 1e-9), 0.0)

    def mean_square(self, error: np.ndarray, spread: np.ndarray) -> np.ndarray:
        """Mean square of the peers' errors in log price, cut at the ``spread`` foretold."""
        cut = np.clip(error / spread, -CUT_BELOW, CUT_ABOVE) * spread
        (squares,) = self._sums(self._weight * cut**2 / VARIANCE_LEFT)
        return np.where(self.number > 0, squares / self._total, 0.0)

    def lean(self, error: np.ndarray, spread: np.ndarray, n0: float) -> np.ndarray:
        """Mean of the peers' ordinary errors, shrunk to 0 as if ``n0`` more claims had none.

        Cut at the same distance on both sides, so that it is 0 where prices are honest.
        """
        ordinary = np.abs(error) < ORDINARY * spread
        lent = np.where(ordinary, self._weight, 0.0)
        weight, total = self._sums(lent, lent * error)
        weight = np.maximum(weight, 0.0)
        number = self.number * weight / self._total
        return np.asarray(total / np.maximum(weight, 1e-9) * number / (number + n0))

    def _sums(self, *fractions: np.ndarray) -> np.ndarray:
        """Sums over the peers of each of ``fractions`` (n,), all in one pass: (how many, n)."""
        amounts = np.rint(np.stack(fractions, axis=1) * ONE).astype(np.int64)
        with ThreadPoolExecutor(N_THREADS) as pool:
            parts = pool.map(lambda signed: signed[0] * signed[1].sums(amounts), self._groups)
            return np.asarray(sum(parts)).T / ONE


def _turn(service: np.ndarray, side: Side) -> np.ndarray:
    """1 for an institution's first claim of a service, 2 for the next in time, and so on."""
    code = combined(service, side.institution)
    order = np.lexsort((np.arange(len(code)), side.day, code))
    starts = np.flatnonzero(np.diff(code[order], prepend=-1))
    turn = np.empty(len(code), dtype=np.int64)
    turn[order] = np.arange(len(code)) - np.repeat(starts, np.diff(np.append(starts, len(code))))
    return turn + 1


class _Alive:
    """Sums over the claims of the same code that are alive on each claim's day."""

    def __init__(self, code: np.ndarray, side: Side):
        least, last = int(side.day.min(initial=0)), int(side.day.max(initial=0)) + 1
        base = code * (last - least + 1)
        come = base + side.day - least
        gone = base + np.minimum(side.leaves, last) - least
        self._steps: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]] = []
        for sign, times in ((1, come), (-1, gone)):
            rows = np.flatnonzero(side.leaves > side.day)
            rows = rows[np.argsort(times[rows], kind="stable")]
            inside = np.searchsorted(times[rows], come, side="right")
            before = np.searchsorted(times[rows], base, side="left")
            small = [places.astype(np.int32) for places in (rows, inside, before)]
            self._steps.append((sign, small[0], small[1], small[2]))

    def sums(self, amounts: np.ndarray) -> np.ndarray:
        """Sums of whole ``amounts`` (n, k), by column."""
        totals = np.zeros(amounts.shape, dtype=np.int64)
        running = np.zeros((len(amounts) + 1, amounts.shape[1]), dtype=np.int64)
        for sign, rows, inside, before in self._steps:
            np.cumsum(amounts[rows], axis=0, out=running[1 : len(rows) + 1])
            totals += sign * (running[inside] - running[before])
        return totals
