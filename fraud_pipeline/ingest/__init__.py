"""Messy sources to clean tables: nothing lost at the door, nothing guessed silently."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.ingest.load import load, require_usable, stems
    from fraud_pipeline.ingest.mapping import SourceMapping, parse_mapping

__all__ = [
    "SourceMapping",
    "load",
    "parse_mapping",
    "require_usable",
    "stems",
]

export_lazily(
    __name__,
    {
        "SourceMapping": "fraud_pipeline.ingest.mapping",
        "load": "fraud_pipeline.ingest.load",
        "parse_mapping": "fraud_pipeline.ingest.mapping",
        "require_usable": "fraud_pipeline.ingest.load",
        "stems": "fraud_pipeline.ingest.load",
    },
)
