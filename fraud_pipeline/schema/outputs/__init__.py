"""The tables of a run (data contract, section 2) and those the steps hand to each other."""

from fraud_pipeline.schema.outputs.audit import AUDIT_FRAME, AUDIT_PLAN, ESTIMATES
from fraud_pipeline.schema.outputs.claims import (
    EXPLANATION_GROUPS,
    EXPLANATIONS,
    RANKED_CLAIMS,
    TYPOLOGY_SCORES,
)
from fraud_pipeline.schema.outputs.intake import QUARANTINE, REPAIRS, TRUTH
from fraud_pipeline.schema.outputs.network import (
    RING_CLAIMS,
    RING_EVIDENCE,
    RING_MEMBERS,
    RINGS,
    TIES,
)
from fraud_pipeline.schema.outputs.prices import PRICE_BASES, PRICE_RESULTS
from fraud_pipeline.schema.outputs.rules import HITS, RULE_OUTCOMES, RULE_RESULTS, RULES
from fraud_pipeline.schema.table_schema import TableSchema

__all__ = [
    "AUDIT_FRAME",
    "AUDIT_PLAN",
    "ESTIMATES",
    "EXPLANATIONS",
    "EXPLANATION_GROUPS",
    "HITS",
    "OUTPUT_TABLES",
    "PRICE_BASES",
    "PRICE_RESULTS",
    "QUARANTINE",
    "RANKED_CLAIMS",
    "REPAIRS",
    "RINGS",
    "RING_CLAIMS",
    "RING_EVIDENCE",
    "RING_MEMBERS",
    "RULES",
    "RULE_OUTCOMES",
    "RULE_RESULTS",
    "TIES",
    "TRUTH",
    "TYPOLOGY_SCORES",
]

OUTPUT_TABLES: dict[str, TableSchema] = {
    table.name: table
    for table in (
        RANKED_CLAIMS, RULES, RULE_RESULTS, PRICE_RESULTS, TIES, RINGS, RING_MEMBERS, RING_CLAIMS,
        RING_EVIDENCE, EXPLANATIONS, AUDIT_PLAN, AUDIT_FRAME, ESTIMATES, QUARANTINE, REPAIRS,
    )
}  # fmt: skip
