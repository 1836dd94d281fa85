"""One claim scored on its own, before payment, as the night would score it."""

from fraud_pipeline.one_claim.desk import FROM_LAST_NIGHT, OF_THE_PROGRAMME, Answer, Desk
from fraud_pipeline.one_claim.filed import rows_filed, sources_of
from fraud_pipeline.one_claim.rows import with_rows
from fraud_pipeline.one_claim.told import as_dict, as_json, as_text
from fraud_pipeline.records.source import Source

__all__ = [
    "FROM_LAST_NIGHT", "OF_THE_PROGRAMME", "Answer", "Desk", "Source", "as_dict", "as_json",
    "as_text", "rows_filed", "sources_of", "with_rows",
]  # fmt: skip
