"""Who is who where codes are missing: names and addresses normalised, records linked with evidence."""

from fraud_pipeline.parties.link import Linked, link
from fraud_pipeline.parties.records import RECORDS, nothing_to_link, records_of

__all__ = ["RECORDS", "Linked", "link", "nothing_to_link", "records_of"]
