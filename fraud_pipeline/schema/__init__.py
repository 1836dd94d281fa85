"""What crosses seams: typed table schemas and small frozen values. No logic lives here."""

from fraud_pipeline.schema.inputs import INPUT_TABLES
from fraud_pipeline.schema.outputs import OUTPUT_TABLES
from fraud_pipeline.schema.ringset import RingSet
from fraud_pipeline.schema.table_schema import Column, Kind, TableSchema
from fraud_pipeline.schema.tables import Tables

__all__ = ["INPUT_TABLES", "OUTPUT_TABLES", "Column", "Kind", "RingSet", "TableSchema", "Tables"]
