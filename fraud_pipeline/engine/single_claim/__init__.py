"""One claim scored on its own, before payment, as a run would score it."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.engine.scope import FROM_LAST_RUN, RUN_ONLY
    from fraud_pipeline.engine.single_claim.format import as_dict, as_json, as_text
    from fraud_pipeline.engine.single_claim.parse import rows_filed, sources_of
    from fraud_pipeline.engine.single_claim.rows import with_rows
    from fraud_pipeline.engine.single_claim.scorer import (
        Answer,
        ClaimScorer,
    )
    from fraud_pipeline.schema.source import Source

__all__ = [
    "FROM_LAST_RUN",
    "RUN_ONLY",
    "Answer",
    "ClaimScorer",
    "Source",
    "as_dict",
    "as_json",
    "as_text",
    "rows_filed",
    "sources_of",
    "with_rows",
]

export_lazily(
    __name__,
    {
        "FROM_LAST_RUN": "fraud_pipeline.engine.scope",
        "RUN_ONLY": "fraud_pipeline.engine.scope",
        "Answer": "fraud_pipeline.engine.single_claim.scorer",
        "ClaimScorer": "fraud_pipeline.engine.single_claim.scorer",
        "Source": "fraud_pipeline.schema.source",
        "as_dict": "fraud_pipeline.engine.single_claim.format",
        "as_json": "fraud_pipeline.engine.single_claim.format",
        "as_text": "fraud_pipeline.engine.single_claim.format",
        "rows_filed": "fraud_pipeline.engine.single_claim.parse",
        "sources_of": "fraud_pipeline.engine.single_claim.parse",
        "with_rows": "fraud_pipeline.engine.single_claim.rows",
    },
)
