"""What a risk may be called: a calibrated probability, or only a band of an order."""

from __future__ import annotations

from fraud_pipeline.vocabulary.term import Term

RISK_KINDS: dict[str, Term] = {
    "calibrated": Term("概率", "calibrated", "按随机抽查的结论校准的概率。",
                       "A probability, calibrated on verdicts chosen by chance."),
    "order": Term("先后", "order", "随机抽查的结论不足，只表示先后与档次。",
                  "Too few verdicts chosen by chance: an order and a band, no probability."),
}  # fmt: skip
BANDS: dict[str, Term] = {
    "high": Term("高", "high", "在册申请中最前的十分之一。", "The first tenth of the open claims."),
    "middle": Term("中", "middle", "其后的五分之一。", "The fifth after it."),
    "low": Term("低", "low", "其余。", "The rest."),
}
