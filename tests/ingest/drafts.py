"""A file read through the mapping that is drafted for it."""

from fraud_pipeline import ingest
from fraud_pipeline.cli import check_report
from fraud_pipeline.programmes.currency import currencies_of
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.store.sources import open_sources


def loaded_by_draft(path):
    """What the draft of a mapping for the file reads, as the command line would."""
    mapping = path.with_name("mapping.toml")
    check_report.write_mapping(str(path), IngestSettings(), mapping)
    draft = ingest.parse_mapping(mapping.read_text("utf-8"), "mapping")
    read = ingest.load(open_sources(str(path), ingest.stems(draft)), IngestSettings(), draft,
                       known_programmes=currencies_of(load_packs()))  # fmt: skip
    ingest.require_usable(read, IngestSettings())
    return read
