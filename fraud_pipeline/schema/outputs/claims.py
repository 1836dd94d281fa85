"""What a run says of a claim: its rank, its typologies, the reasons."""

from __future__ import annotations

from fraud_pipeline.schema.table_schema import Column, Kind, TableSchema

C, K = Column, Kind

RANKED_CLAIMS = TableSchema(
    "ranked_claims",
    (
        C("claim_id", K.ID, True),
        C("rank", K.COUNT, True),
        C("risk", K.SHARE, True),
        C("log_odds", K.NUMBER, True),
        C("expected_loss", K.MONEY, True),
        C("rule_score", K.SHARE, True),
        C("price_score", K.SHARE, True),
        C("ring_score", K.SHARE, True),
        C("behaviour_score", K.SHARE, True),
        C("top_reason", K.TEXT),  # in Chinese; runs of earlier versions: "zh / en"
        C("programme", K.CODE, True),
        C("enterprise_id", K.ID, True),
        C("institution_id", K.ID, True),
        C("claimed_amount", K.MONEY, True),
        C("risk_low", K.SHARE),  # ends of the 90 % interval of the risk (`risk.interval`)
        C("risk_high", K.SHARE),
        C("risk_rank", K.COUNT),  # 1 = most likely improper; `rank` is by expected loss
        C("risk_kind", K.CODE, codes=("calibrated", "order")),  # a probability, or only an order
        C("band", K.CODE, codes=("high", "middle", "low")),
        C("top_reason_en", K.TEXT),  # the same in English
    ),
    key=("claim_id",),
)

# One row a claim and kind of irregularity with any evidence (`risk.typology`).
TYPOLOGY_SCORES = TableSchema(
    "typology_scores",
    (
        C("claim_id", K.ID, True),
        C("typology", K.CODE, True),
        C("score", K.SHARE, True),  # noisy-or of the evidence listed
        C("share", K.SHARE, True),  # of the claim's whole weight of evidence
        C("evidence", K.TEXT, True),  # rule codes, 'price', rings, separated by '; '
    ),
    key=("claim_id", "typology"),
)

EXPLANATION_GROUPS = ("rules", "price", "ring", "behaviour", "profile", "neighbourhood", "text")

EXPLANATIONS = TableSchema(
    "explanations",
    (
        C("claim_id", K.ID, True),
        C("position", K.COUNT, True),
        C("feature", K.CODE, True),
        C("value", K.NUMBER),
        C("peer_value", K.NUMBER),
        C("contribution", K.NUMBER, True),
        C("group", K.CODE, False, codes=EXPLANATION_GROUPS),
        C("sentence_zh", K.TEXT, True),
        C("sentence_en", K.TEXT, True),
    ),
    key=("claim_id", "position"),
)
