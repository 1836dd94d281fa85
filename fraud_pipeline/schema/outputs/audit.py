"""The audit plan, the frame it is drawn from, and what was estimated."""

from __future__ import annotations

from fraud_pipeline.schema.table_schema import Column, Kind, TableSchema

C, K = Column, Kind

AUDIT_PLAN = TableSchema(
    "audit_plan",
    (
        C("claim_id", K.ID, True),
        C("enterprise_id", K.ID, True),
        C("stratum", K.CODE, True, codes=("certainty", "risk", "huzhou", "random")),
        C("inclusion_prob", K.SHARE, True),
        C("draw", K.COUNT, True),
        C("reason_zh", K.TEXT, True),
        C("reason_en", K.TEXT, True),
    ),
    key=("claim_id",),
)

# The probability of every claim of the population, drawn or not: without it a later
# estimate has no denominator.
AUDIT_FRAME = TableSchema(
    "audit_frame",
    (
        C("claim_id", K.ID, True),
        C("enterprise_id", K.ID, True),
        C("inclusion_prob", K.SHARE, True),
        C("expected_loss", K.MONEY, True),
        C("claimed_amount", K.MONEY, True),
        C("drawn", K.FLAG, True),
        # only where a plan keeps limits: what is drawn together, where, at what cost
        C("part", K.TEXT),
        C("place", K.TEXT),
        C("cost_days", K.NUMBER),
    ),
    key=("claim_id",),
)

ESTIMATES = TableSchema(
    "estimates",
    (
        C("programme", K.CODE, True),
        C("quantity", K.CODE, True, codes=("improper_share", "improper_amount", "claim_share")),
        C("estimate", K.NUMBER),
        C("low", K.NUMBER),
        C("high", K.NUMBER),
        C("confidence", K.SHARE),
        C("n_sampled", K.COUNT, True),
        C("n_population", K.COUNT, True),
        C("method", K.TEXT, True),
        C("note_zh", K.TEXT),
        C("note_en", K.TEXT),
    ),
)
