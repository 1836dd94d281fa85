"""What crosses seams: typed table schemas and small frozen values. No logic lives here."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.schema.artefacts import ChunkedTable
    from fraud_pipeline.schema.inputs import INPUT_TABLES
    from fraud_pipeline.schema.outputs import OUTPUT_TABLES
    from fraud_pipeline.schema.ringset import RingSet
    from fraud_pipeline.schema.table_schema import Column, Kind, TableSchema
    from fraud_pipeline.schema.tables import Tables

__all__ = [
    "INPUT_TABLES",
    "OUTPUT_TABLES",
    "ChunkedTable",
    "Column",
    "Kind",
    "RingSet",
    "TableSchema",
    "Tables",
]

export_lazily(
    __name__,
    {
        "INPUT_TABLES": "fraud_pipeline.schema.inputs",
        "OUTPUT_TABLES": "fraud_pipeline.schema.outputs",
        "Column": "fraud_pipeline.schema.table_schema",
        "Kind": "fraud_pipeline.schema.table_schema",
        "ChunkedTable": "fraud_pipeline.schema.artefacts",
        "RingSet": "fraud_pipeline.schema.ringset",
        "TableSchema": "fraud_pipeline.schema.table_schema",
        "Tables": "fraud_pipeline.schema.tables",
    },
)
