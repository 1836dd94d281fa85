"""Behind ``check``: the clerk's report, the list to send back, the draft of a mapping."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from fraud_pipeline.ingest import delimited, grids, workbooks
from fraud_pipeline.ingest.grids import Grid
from fraud_pipeline.ingest.report import clerk_report
from fraud_pipeline.ingest.sendback import send_back_workbook
from fraud_pipeline.ingest.suggest import AnyName, as_toml, draft
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema.loaded import Loaded
from fraud_pipeline.schema.source import Source
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.store import files, places
from fraud_pipeline.store.sources import open_sources

# What else falls away, beside the checks that name the table themselves.
_BESIDES = {
    "enterprises": ("共用电话、地址、账号的关联 ties by shared contacts",),
    "institutions": ("机构一侧的关联 ties of institutions",),
    "contracts": ("合同文本雷同 copied contract texts",),
    "deliverables": ("成果编号重复 repeated deliverables",),
    "relations": ("关联方 related parties",),
    "market_prices": ("目录价格对照 catalogue prices",),
    "outcomes": ("以往核查的学习与误付率 learning, improper-payment rate",),
}


def switched_off() -> dict[str, list[str]]:
    """For each table of the contract the checks that cannot be made without it."""
    found: dict[str, list[str]] = defaultdict(list)
    for check in ALL_RULES:
        for table in check.needs:
            found[table].append(f"{check.code} {check.title_zh}")
    for table, words in _BESIDES.items():
        found[table] += words
    return found


def report(loaded: Loaded) -> str:
    """The clerk's report of a load."""
    return clerk_report(loaded, switched_off())


def write_send_back(loaded: Loaded, to: Path) -> None:
    """The list to send back to the applicants, as one XLSX file."""
    files.write_bytes(to, send_back_workbook(loaded))


def write_mapping(data: str, settings: IngestSettings, to: Path) -> int:
    """Drafts a mapping for what stands at ``data``; returns how many tables were recognised."""
    sources = open_sources(places.source_address(data), AnyName())
    drafts = draft([grid for source in sources for grid in _grids(source, settings)])
    files.write_bytes(to, as_toml(drafts).encode())
    return len(drafts)


def _grids(source: Source, settings: IngestSettings) -> list[Grid]:
    nothing: frozenset[str] = frozenset()
    if source.frame is not None:
        return [grids.typed(source.name, source.frame)]
    if source.suffix == ".parquet":
        return [grids.parquet(source, settings.max_cells)]
    if source.suffix in (".xlsx", ".xls"):
        return workbooks.read(source, nothing, nothing, settings.max_cells)
    return [delimited.read(source, nothing, delimited.BLOCK_BYTES)]
