"""Red flags and what they answered."""

from __future__ import annotations

from fraud_pipeline.schema.table_schema import Column, Kind, TableSchema

C, K = Column, Kind

RULE_OUTCOMES = ("hit", "pass", "not_applicable", "error")

HITS = "rule_hits"  # the rows of rule_results that hit, for the later steps of a run

RULE_RESULTS = TableSchema(
    "rule_results",
    (
        C("claim_id", K.ID, True),
        C("rule_code", K.CODE, True),
        C("outcome", K.CODE, True, codes=RULE_OUTCOMES),
        C("measured", K.NUMBER),
        C("limit", K.NUMBER),
        C("sentence_zh", K.TEXT),
        C("sentence_en", K.TEXT),
        C("clause", K.TEXT),
        C("evidence", K.TEXT),  # for hits: other claims, documents or rows that show it
    ),
    key=("claim_id", "rule_code"),
)

# One row a rule that was evaluated: what it is and how often it fired.
RULES = TableSchema(
    "rules",
    (
        C("rule_code", K.CODE, True),
        C("programme", K.CODE),  # empty = asked of every programme
        C("severity", K.CODE, True, codes=("hard", "strong", "weak", "info")),
        C("typology", K.CODE),
        C("title_zh", K.TEXT, True),
        C("title_en", K.TEXT, True),
        C("n_hit", K.COUNT, True),
        C("n_pass", K.COUNT, True),
        C("n_not_applicable", K.COUNT, True),
        C("n_error", K.COUNT, True),
        C("fire_share", K.SHARE),  # hits among hits and passes
        C("fires_often", K.FLAG, True),  # on more than 5 % of the claims it could judge
        C(
            "n_unread", K.COUNT
        ),  # of n_not_applicable: a word of the register the pack does not know
    ),
    key=("rule_code",),
)
