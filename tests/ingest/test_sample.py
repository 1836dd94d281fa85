"""The shipped dirty sample and what the documents show of it."""

from fraud_pipeline.cli import check_report
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.vocabulary import messages
from tests.ingest.helpers import accounts_hold, load

DIRTY = data_samples() / "dirty"
PAGE = data_samples().parent / "docs" / "ingest.md"


def test_the_report_in_the_documents_is_the_report_of_the_sample():
    loaded = load(DIRTY)
    accounts_hold(loaded)
    messages.use_language("en")
    report = check_report.report(loaded).text
    start = report.splitlines()[0]
    shown = PAGE.read_text("utf-8").split(f"```\n{start}", 1)[1].split("\n```", 1)[0]
    checks = "tables not supplied"  # the titles of checks are other people's words
    assert start + shown.split(checks)[0] == report.split(checks)[0]


def test_the_sample_is_small():
    assert sum(p.stat().st_size for p in DIRTY.iterdir()) < 300_000
