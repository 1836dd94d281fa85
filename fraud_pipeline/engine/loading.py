"""What is asked of a run, and the sources that the request names: read, typed, accounted for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from fraud_pipeline import ingest
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.schema.loaded import Loaded
from fraud_pipeline.schema.own_kinds import NO_OWN_KINDS, OwnKinds
from fraud_pipeline.settings import Settings, parse_settings
from fraud_pipeline.store import files, integrity, places
from fraud_pipeline.store.sources import open_sources


@dataclass(frozen=True)
class Request:
    """What a person or the scheduler asks for; plain values only."""

    data: str  # folder, workbook, file, database address, or env:NAME of a variable with one
    workspace: Path
    programme: str | None = None
    mapping: Path | None = None
    as_of: date | None = None  # None = the latest submission or decision
    outcomes_until: date | None = None  # verdicts decided later do not count as known
    settings: Path | None = None
    packs: Path | None = None  # an agency's own packs and overrides
    budget: int | None = None  # claims to audit; None = the share in the settings
    seed: int = 1  # of the audit draw
    cover_enterprises: float | None = None  # share of the enterprises to visit, 0 to 1
    rank_by: Literal["expected_loss", "risk"] | None = None  # None = as the settings say


def read_settings(path: Path | None) -> Settings:
    """The settings in a TOML file; the defaults without one.

    Raises InputError for a file that cannot be read, SettingsError naming a bad key.
    """
    if path is None:
        return Settings()
    return parse_settings(files.read_text(path, "the settings file"), str(path))


def settings_for(request: Request) -> Settings:
    """The settings of a request's file with what the request itself decides."""
    settings = read_settings(request.settings)
    if request.rank_by is None:
        return settings
    chosen = settings.risk.model_copy(update={"rank_by": request.rank_by})
    return settings.model_copy(update={"risk": chosen})


def load(
    request: Request, settings: Settings, programmes: Mapping[str, str],
    own_kinds: OwnKinds = NO_OWN_KINDS,
) -> Loaded:  # fmt: skip
    """The tables of the request's sources, with every row accounted for; nothing is written.

    ``programmes`` are the ids of the packs that claims may name, ``own_kinds`` their
    kinds of service and institution besides the closed lists. Raises InputError naming the
    file, row or column that is wrong, SourceAwayError for a source that may come back.
    """
    mapping = None
    if request.mapping is not None:
        text = files.read_text(request.mapping, "the mapping file")
        mapping = ingest.parse_mapping(text, str(request.mapping))
    sources = open_sources(places.source_address(request.data), ingest.stems(mapping))
    decisions = request.workspace / "decisions"  # exported by the workbench: verdicts are labels
    if decisions.is_dir():
        sources += open_sources(str(decisions), ingest.stems(None))
    loaded = ingest.load(
        sources,
        settings.ingest,
        mapping=mapping,
        programme=request.programme,
        known_programmes=programmes,
        own_kinds=own_kinds,
    )
    integrity.check_accounts(loaded.accounts)
    return loaded


def supplied_tables(loaded: Loaded) -> list[str]:
    """Names of the input tables that the sources contained, in alphabetical order."""
    return sorted(name for name in INPUT_TABLES if loaded.tables.supplied(name))


def account_rows(loaded: Loaded) -> dict[str, dict[str, int]]:
    """Rows read, accepted and quarantined, by table."""
    return {name: dataclasses.asdict(account) for name, account in loaded.accounts.items()}


def ingest_outputs(loaded: Loaded) -> dict[str, Any]:
    """The artefacts of the step ``ingest``, by name."""
    return {
        **{f"clean/{name}": loaded.tables[name] for name in INPUT_TABLES},
        "quarantine": loaded.quarantine,
        "repairs": loaded.repairs,
        "accounts": account_rows(loaded),
        "supplied": {"tables": supplied_tables(loaded)},
    }
