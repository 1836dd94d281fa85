"""Claims that stand: neither sent back, nor refused, nor withdrawn.

What a claim that does not stand asked for was not paid; where it was filed again, the new claim takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping

from fraud_pipeline.vocabulary.verdicts import UNPAID_STATUSES

# SQL over a row of `claims`: whether the claim stands. Needs $unpaid.
STANDS = "NOT list_contains($unpaid, coalesce(lower(trim(status)), ''))"
UNPAID: Mapping[str, list[str]] = {"unpaid": list(UNPAID_STATUSES)}
