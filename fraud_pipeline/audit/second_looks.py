"""What auditors miss, measured by blind second looks: an interval apart from what was found.

Two auditors who do not know of each other look at the same claims. Of the claims that at least one
of them found improper, both found a share q. If each finds an improper claim with the same
probability s, whatever the other does, q = s / (2 - s), so s = 2 q / (1 + q) (capture and recapture;
if the two differ, s is the harmonic mean). What was found in the population is then a share s of what is
there, and found x (1 / s - 1) is missed. Nobody is taken to find what is not there.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from fraud_pipeline.audit.findings import exact_interval
from fraud_pipeline.audit.interval import Interval

_IMPROPER = ("fraud", "irregular")
_DECIDED = (*_IMPROPER, "clean")


@dataclass(frozen=True)
class SecondLooks:
    """Claims with two decided verdicts: found improper by both auditors, and by one alone."""

    both: int
    one: int

    @staticmethod
    def of(checks: pa.Table) -> SecondLooks:
        """From claim_id, auditor_id, verdict; claims with exactly two decided auditors count."""
        verdicts: dict[str, dict[str, bool]] = {}
        for row in checks.to_pylist():
            if row["verdict"] in _DECIDED:
                by_auditor = verdicts.setdefault(row["claim_id"], {})
                by_auditor[row["auditor_id"]] = row["verdict"] in _IMPROPER
        finds = [sum(by.values()) for by in verdicts.values() if len(by) == 2]
        return SecondLooks(finds.count(2), finds.count(1))

    def sensitivity(self, confidence: float) -> Interval | None:
        """Probability that an auditor finds an improper claim; None where no second look found one."""
        n = self.both + self.one
        if n == 0:
            return None
        low, high = exact_interval(self.both, n, confidence)
        return Interval(*(2.0 * q / (1.0 + q) for q in (self.both / n, low, high)))


def missed(
    looks: SecondLooks, known: Interval, ceiling: float, confidence: float
) -> Interval | None:
    """The total that auditors miss in the population; None without a second look that found any.

    ``known``: the interval of what they find there, at the confidence (1 + ``confidence``) / 2, as the
    other half of the error is spent on the second looks. ``ceiling``: all there is.
    """
    of_auditors = looks.sensitivity((1.0 + confidence) / 2.0)
    if of_auditors is None:
        return None

    def beyond(total: float, sensitivity: float, least: float) -> float:
        rest = max(ceiling - least, 0.0)
        return min(total * (1.0 / sensitivity - 1.0), rest) if sensitivity > 0.0 else rest

    return Interval(
        beyond(known.estimate, of_auditors.estimate, known.estimate),
        beyond(known.low, of_auditors.high, known.low),
        beyond(known.high, of_auditors.low, known.low),
    )


def missed_note(looks: SecondLooks) -> tuple[str, str]:
    """What the figure rests on, in both languages."""
    n = looks.both + looks.one
    if n == 0:
        return (
            "盲审复核中没有发现不合规的申请，漏查多少无法推算。",
            "No blind second look found an improper claim, so nothing can be said about misses.",
        )
    return (
        f"漏查推算，不计入已查明部分：两次独立核查中至少一次认定不合规的 {n} 件里，{looks.both} 件两次都认定。"
        f"假定两次核查互不影响，且不会把合规的认定为不合规。",
        f"Estimated misses, apart from what was found: of {n} claims that at least one of two "
        f"independent looks found improper, {looks.both} were found by both. The looks are taken not to "
        f"influence each other, and not to find what is not there.",
    )
