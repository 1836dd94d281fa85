"""How many audits a wanted assurance takes: the auditor's tables, computed exactly.

The smallest n for which, if the true error rate were the tolerable one, seeing no more
than the expected errors would have a chance of at most 1 - confidence. Rates are taken
as written, as fractions: 400 x 3.5 % is 14, while in binary arithmetic it is a hair more
and would be rounded up to 15. Conventions of the AICPA audit guide "Audit Sampling":
whole errors, rounded up, for attributes (tables A-1, A-2); expected errors as they are,
through the gamma function, for monetary units (table C-1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from scipy.special import gammaincc
from scipy.stats import binom

from fraud_pipeline.errors import InputError

Rate = Fraction | float | str

_LARGEST = 10_000_000


def poisson_sample_size(confidence: Rate, tolerable: Rate, expected: Rate = 0) -> int:
    """Monetary-unit sample: errors are Poisson. Rates are shares in (0, 1).

    >>> poisson_sample_size("0.95", "0.02"), poisson_sample_size("0.95", "0.02", "0.01")
    (150, 577)
    """
    risk, most, usual = _checked(confidence, tolerable, expected)

    def enough(n: int) -> bool:
        return bool(gammaincc(float(1 + n * usual), float(n * most)) <= risk)

    if not enough(_LARGEST):
        raise InputError(f"more than {_LARGEST} audits would be needed")
    return _bisect(1, _LARGEST, enough)


def binomial_sample_size(confidence: Rate, tolerable: Rate, expected: Rate = 0) -> int:
    """Attribute sample: errors are binomial. Rates are shares in (0, 1).

    For a given number of errors the chance falls with n, so each number is settled
    by bisection among the n that expect it, from few errors to many.

    >>> binomial_sample_size("0.95", "0.05"), binomial_sample_size("0.90", "0.05", "0.035")
    (59, 400)
    """
    risk, most, usual = _checked(confidence, tolerable, expected)
    first, errors = 1, 0 if usual == 0 else 1
    while first <= _LARGEST:
        last = _LARGEST if usual == 0 else math.floor(errors / usual)

        def enough(n: int, k: int = errors) -> bool:
            return bool(binom.cdf(k, n, float(most)) <= risk)

        if last >= first and enough(last):
            return _bisect(first, last, enough)
        first, errors = max(first, last + 1), errors + 1
    raise InputError(f"more than {_LARGEST} audits would be needed")


def _checked(confidence: Rate, tolerable: Rate, expected: Rate) -> tuple[float, Fraction, Fraction]:
    sure, most, usual = (Fraction(str(rate)) for rate in (confidence, tolerable, expected))
    if not 0 < sure < 1 or not 0 < most < 1 or usual < 0:
        raise InputError("confidence and tolerable rate must be between 0 and 1")
    if usual >= most:
        raise InputError(f"the expected rate {expected} must be below the tolerable {tolerable}")
    return float(1 - sure), most, usual


def _bisect(low: int, high: int, enough: Callable[[int], bool]) -> int:
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low
