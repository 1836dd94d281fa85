"""Messy sources to clean tables: nothing lost at the door, nothing guessed silently."""

from fraud_pipeline.ingest.load import load, require_usable, stems
from fraud_pipeline.ingest.mapping import SourceMapping, parse_mapping

__all__ = ["SourceMapping", "load", "parse_mapping", "require_usable", "stems"]
