"""What crosses seams: typed table schemas and small frozen values. No logic lives here."""

from fraud_pipeline.records.inputs import INPUT_TABLES
from fraud_pipeline.records.outputs import OUTPUT_TABLES
from fraud_pipeline.records.ringset import RingSet
from fraud_pipeline.records.schema import Column, Kind, TableSchema
from fraud_pipeline.records.tables import Tables

__all__ = ["INPUT_TABLES", "OUTPUT_TABLES", "Column", "Kind", "RingSet", "TableSchema", "Tables"]
