"""One claim scored on its own, before payment, as the night would score it."""

from fraud_pipeline.engine.single_claim.format import as_dict, as_json, as_text
from fraud_pipeline.engine.single_claim.parse import rows_filed, sources_of
from fraud_pipeline.engine.single_claim.rows import with_rows
from fraud_pipeline.engine.single_claim.scorer import (
    FROM_LAST_NIGHT,
    OF_THE_PROGRAMME,
    Answer,
    Desk,
)
from fraud_pipeline.schema.source import Source

__all__ = [
    "FROM_LAST_NIGHT", "OF_THE_PROGRAMME", "Answer", "Desk", "Source", "as_dict", "as_json",
    "as_text", "rows_filed", "sources_of", "with_rows",
]  # fmt: skip
