"""A claim as it is filed: one JSON object, or any source a run reads, read in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from fraud_pipeline import ingest
from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest.json_rows import parse_json, text_row
from fraud_pipeline.ingest.wording import REASONS
from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.schema.own_kinds import NO_OWN_KINDS, OwnKinds
from fraud_pipeline.schema.source import Source
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.vocabulary.messages import one_of


def sources_of(text: str, name: str) -> list[Source]:
    """JSON as sources: ``{"claims": [{...}], "invoices": [...]}``, or the fields of the claim alone.

    Keys are the columns of the input tables, or their Chinese headers. Raises InputError in one
    line for anything else.
    """
    parsed = parse_json(text, name)
    if not isinstance(parsed, dict):
        raise InputError("a claim is a JSON object", file=name)
    tables = parsed if "claims" in parsed else {"claims": [parsed]}
    strange = sorted(set(tables) - set(INPUT_TABLES))
    if strange:
        raise InputError(f"there is no table {strange[0]!r}", file=name)
    return [_source(name, table, rows) for table, rows in tables.items()]


def _source(name: str, table: str, rows: Any) -> Source:
    rows = [rows] if isinstance(rows, dict) else rows
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{table} is a list of objects", file=name)
    texts = [text_row(table, row, name) for row in rows]
    columns = sorted({column for row in texts for column in row})
    values = {c: pa.array([row.get(c) for row in texts], pa.string()) for c in columns}
    return Source(f"{name}: {table}", table, "", "", frame=pa.table(values))


def rows_filed(
    sources: list[Source], settings: IngestSettings, programme: str | None,
    known_programmes: Mapping[str, str], own_kinds: OwnKinds = NO_OWN_KINDS,
) -> Tables:  # fmt: skip
    """The clean rows of one claim; only tables that were filed are supplied.

    Raises InputError naming the fault when a row of the claim cannot be used.
    """
    loaded = ingest.load(sources, settings, programme=programme, known_programmes=known_programmes,
                         own_kinds=own_kinds)  # fmt: skip
    if loaded.quarantine.num_rows:
        raise _refused(loaded.quarantine.to_pylist()[0])
    if loaded.tables["claims"].num_rows != 1:
        raise InputError(f"one claim at a time, not {loaded.tables['claims'].num_rows}")
    return loaded.tables


def _refused(fault: dict[str, Any]) -> InputError:
    """One line: column, value, and the reason in words."""
    where = ", ".join(str(fault[k]) for k in ("table", "column", "value") if fault.get(k))
    zh, en, todo = REASONS.get(fault["reason_code"], (fault["reason_code"],) * 3)
    code = fault["reason_code"]
    reason = one_of(f"{zh}，{todo}（{code}）", f"{en} ({code})")
    return InputError(f"a row cannot be used ({where}): {reason}")
