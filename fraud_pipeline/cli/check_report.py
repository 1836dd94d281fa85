"""Behind ``check``: the clerk's report, the list to send back, the draft of a mapping."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pyarrow.compute as pc

from fraud_pipeline import programmes
from fraud_pipeline.core.report import Report
from fraud_pipeline.ingest.load import read_grids
from fraud_pipeline.ingest.mapping import SourceMapping
from fraud_pipeline.ingest.report import clerk_report, facts
from fraud_pipeline.ingest.sendback import send_back_workbook
from fraud_pipeline.ingest.suggest import AnyName, draft
from fraud_pipeline.ingest.suggest_toml import as_toml
from fraud_pipeline.programmes import Pack
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema.loaded import Loaded
from fraud_pipeline.settings import IngestSettings, Settings
from fraud_pipeline.store import files, places
from fraud_pipeline.store.sources import open_sources
from fraud_pipeline.vocabulary.messages import one_of, t

# What else falls away, besides the rules that name the table themselves: keys of messages.
_EXTRA_CAPABILITIES = {
    "enterprises": "check.ties_enterprises",
    "institutions": "check.ties_institutions",
    "contracts": "check.copied_texts",
    "deliverables": "check.repeated_deliverables",
    "relations": "check.related_parties",
    "market_prices": "check.catalogue",
    "outcomes": "check.learning",
}


def switched_off() -> dict[str, list[str]]:
    """For each table of the contract the checks that cannot be made without it."""
    columns_by_rule: dict[str, list[str]] = defaultdict(list)
    for check in ALL_RULES:
        for table in check.needs:
            columns_by_rule[table].append(f"{check.code} {one_of(check.title_zh, check.title_en)}")
    for table, key in _EXTRA_CAPABILITIES.items():
        columns_by_rule[table].append(t(key))
    return columns_by_rule


def report(loaded: Loaded) -> Report:
    """The clerk's report of a load."""
    off = switched_off()
    missing = {name: codes for name, codes in off.items() if not loaded.tables.supplied(name)}
    return Report(clerk_report(loaded, off), {**facts(loaded), "switched_off": missing})


def misread(loaded: Loaded, packs: Mapping[str, Pack], settings: Settings) -> list[str]:
    """A line for each grave rule that hits or cannot read most claims; the slow text rules aside."""
    claims = loaded.tables["claims"]
    latest = pc.max(claims["submitted_on"]).as_py()
    if latest is None:
        return []
    grave = [rule for rule in ALL_RULES if rule.severity in ("hard", "strong") and not rule.long]
    _, rules = programmes.evaluate(loaded.tables, packs, latest, settings.programmes, grave)
    misread = programmes.misread(rules, settings.report.misread_share)
    return [one_of(zh, en) for zh, en in misread]


def write_send_back(loaded: Loaded, to: Path) -> None:
    """The list to send back to the applicants, as one XLSX file."""
    files.write_bytes(to, send_back_workbook(loaded))


def write_mapping(data: str, settings: IngestSettings, to: Path) -> int:
    """Drafts a mapping for what stands at ``data``; returns how many tables were recognised."""
    sources = open_sources(places.source_address(data), AnyName())
    drafts = draft(
        [
            grid
            for source in sources
            for grid in read_grids(source, SourceMapping(), settings, sheets_named=frozenset())
        ]
    )
    files.write_bytes(to, as_toml(drafts).encode())
    return len(drafts)
