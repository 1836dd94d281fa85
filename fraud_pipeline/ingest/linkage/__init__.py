"""Who is who where codes are missing: names and addresses normalised, records linked with evidence."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.ingest.linkage.link import Linked, link
    from fraud_pipeline.ingest.linkage.records import RECORDS, nothing_to_link, records_of

__all__ = [
    "RECORDS",
    "Linked",
    "link",
    "nothing_to_link",
    "records_of",
]

export_lazily(
    __name__,
    {
        "RECORDS": "fraud_pipeline.ingest.linkage.records",
        "Linked": "fraud_pipeline.ingest.linkage.link",
        "link": "fraud_pipeline.ingest.linkage.link",
        "nothing_to_link": "fraud_pipeline.ingest.linkage.records",
        "records_of": "fraud_pipeline.ingest.linkage.records",
    },
)
