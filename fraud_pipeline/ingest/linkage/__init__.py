"""Who is who where codes are missing: names and addresses normalised, records linked with evidence."""

from fraud_pipeline.ingest.linkage.link import Linked, link
from fraud_pipeline.ingest.linkage.records import RECORDS, nothing_to_link, records_of

__all__ = ["RECORDS", "Linked", "link", "nothing_to_link", "records_of"]
