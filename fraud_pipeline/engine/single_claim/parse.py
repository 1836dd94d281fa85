"""A claim as it is filed: one JSON object, or any source a run reads, read in the same way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from fraud_pipeline import ingest
from fraud_pipeline.errors import InputError
from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.schema.source import Source
from fraud_pipeline.settings import IngestSettings


def sources_of(text: str, name: str) -> list[Source]:
    """JSON as sources: ``{"claims": [{...}], "invoices": [...]}``, or the fields of the claim alone.

    Keys are the columns of the input tables. Raises InputError in one line for anything else.
    """
    try:
        parsed = json.loads(text, parse_float=str, parse_int=str)  # money stays exact
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg}, line {error.lineno}", file=name) from error
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
    columns = sorted({str(key) for row in rows for key in row})
    known = [*INPUT_TABLES[table].names]
    if strange := [c for c in columns if c not in known]:
        raise InputError(f"{table} has no column {strange[0]!r}", file=name)
    values = {c: pa.array([_text(row.get(c)) for row in rows], pa.string()) for c in columns}
    return Source(f"{name}: {table}", table, "", "", frame=pa.table(values))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def rows_filed(
    sources: list[Source], settings: IngestSettings, programme: str | None,
    known_programmes: Mapping[str, str],
) -> Tables:  # fmt: skip
    """The clean rows of one claim; only tables that were filed are supplied.

    Raises InputError naming the fault when a row of the claim cannot be used.
    """
    loaded = ingest.load(sources, settings, programme=programme, known_programmes=known_programmes)
    if loaded.quarantine.num_rows:
        fault = loaded.quarantine.to_pylist()[0]
        where = ", ".join(str(fault[k]) for k in ("table", "column", "value") if fault.get(k))
        raise InputError(
            f"a row cannot be used ({where}): {fault.get('reason_en') or fault.get('reason')}"
        )
    if loaded.tables["claims"].num_rows != 1:
        raise InputError(f"one claim at a time, not {loaded.tables['claims'].num_rows}")
    return loaded.tables
