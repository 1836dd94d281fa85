"""What lists and reasons say of evidence that is no rule's: one wording for both."""

from __future__ import annotations

from fraud_pipeline.vocabulary.term import Term

PRICE_TIMES = Term(
    "单价为同类中位价的{times}倍", "the unit price is {times} times the median of its kind"
)
IN_A_RING = Term("与其他申请同属一个疑似团伙", "one of the claims of a suspected ring")
UNUSUAL = Term("整体上与多数申请差别较大", "as a whole unlike most other claims")
