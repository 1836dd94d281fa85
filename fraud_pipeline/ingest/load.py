"""All sources to all clean tables, every row accounted for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest import grids
from fraud_pipeline.ingest.mapping import SourceMapping, TableMapping
from fraud_pipeline.ingest.notebook import ROW_LOST, Notebook
from fraud_pipeline.ingest.repeats import find_repeats
from fraud_pipeline.ingest.tables import Cleaned, clean
from fraud_pipeline.ingest.words import headers_of, simple
from fraud_pipeline.records import INPUT_TABLES, Tables, TableSchema
from fraud_pipeline.records.loaded import Account, InputPart, Loaded
from fraud_pipeline.records.source import Source
from fraud_pipeline.settings import IngestSettings

_EVERY_HEADER = frozenset(h for schema in INPUT_TABLES.values() for h in headers_of(schema))


def stems(mapping: SourceMapping | None) -> frozenset[str]:
    """The file, sheet and table names that mean something to the loader."""
    own = {name for schema in INPUT_TABLES.values() for name in (schema.name, schema.zh)}
    foreign = {mapping.stem(table) for table in mapping.tables} if mapping else set()
    return frozenset(own | foreign)


def load(
    sources: Sequence[Source],
    settings: IngestSettings,
    mapping: SourceMapping | None = None,
    programme: str | None = None,
    known_programmes: frozenset[str] | None = None,
) -> Loaded:
    """Clean tables, quarantine, repairs and accounts of ``sources``.

    ``programme`` stands where a source names none. Raises InputError for what
    makes a whole file unusable: no claims, no rows, a required column missing.
    """
    if programme is not None and known_programmes is not None and programme not in known_programmes:
        raise InputError(f"there is no programme {programme!r} (known: {', '.join(sorted(known_programmes))})")
    mapping = mapping or SourceMapping()
    constants = {"programme": programme} if programme else {}
    notes, remarks = Notebook(), []
    sheets = [g for s in sources for g in grids.read(s, lambda c: simple(c) in _EVERY_HEADER, settings.block_bytes)]
    cleaned: dict[str, list[Cleaned]] = {}
    for name, schema in INPUT_TABLES.items():
        for grid in _of_table(sheets, schema, mapping, alone=len(sheets) == 1):
            part = clean(grid, schema, mapping.tables.get(name, TableMapping()), _for(schema, constants),
                         known_programmes, settings, notes)  # fmt: skip
            cleaned.setdefault(name, []).append(part)
            if grid.encoding not in ("utf-8", "utf-8-sig"):
                remarks.append(f"{grid.file}: read as {grid.encoding}")
            if part.unused:
                remarks.append(f"{grid.file}: columns not used: {', '.join(part.unused)}")
    if "claims" not in cleaned:
        raise InputError("there is no table of claims (claims.csv, claims.xlsx, a sheet or table of that name)")
    if sum(part.rows_in for part in cleaned["claims"]) == 0:
        raise InputError("the table of claims has no rows", file=sheets[0].file if len(sheets) == 1 else "claims")
    tables, accounts = {}, {}
    for name, parts in cleaned.items():
        whole = pa.concat_tables([part.table for part in parts])
        tables[name] = _without_repeats(whole, INPUT_TABLES[name], notes)
        rows_in, rows_clean = sum(p.rows_in for p in parts), tables[name].num_rows
        accounts[name] = Account(rows_in, rows_clean, rows_in - rows_clean)
    inputs = tuple(InputPart(s.name, s.sha256) for s in sources)
    return Loaded(Tables(tables), notes.quarantine(), notes.repairs(), accounts, inputs, tuple(remarks))


def require_usable(loaded: Loaded, settings: IngestSettings) -> None:
    """Raises InputError, naming the first fault, when too many claims could not be used."""
    account = loaded.accounts["claims"]
    if account.rows_quarantined <= settings.max_quarantined_share * account.rows_in:
        return
    first = loaded.quarantine.slice(0, 1).to_pylist()[0]
    raise InputError(
        f"{first['reason_code']} ({first['value']!r}); {account.rows_quarantined} of "
        f"{account.rows_in} claims cannot be used",
        file=first["file"], sheet=first["sheet"], row=first["row"], column=first["column"],
    )  # fmt: skip


def _of_table(
    sheets: list[grids.Grid], schema: TableSchema, mapping: SourceMapping, *, alone: bool
) -> list[grids.Grid]:
    """The grids of a table: by file or sheet name; a single nameless grid is the claims."""
    names = {mapping.stem(schema.name), schema.zh}
    if schema.name not in mapping.tables:
        names.add(schema.name)
    elif alone:
        return sheets  # the mapping says which tables one file feeds
    found = []
    for grid in sheets:
        stem = grid.file.rsplit(".", 1)[0].lower()
        if stem in names or (grid.sheet or "").strip().lower() in names:
            found.append(grid)
    if not found and alone and schema.name == "claims" and not mapping.tables:
        return sheets
    return found


def _for(schema: TableSchema, constants: dict[str, str]) -> dict[str, str]:
    return {k: v for k, v in constants.items() if k in schema.names}


def _without_repeats(table: pa.Table, schema: TableSchema, notes: Notebook) -> pa.Table:
    repeats = find_repeats(table, schema)
    if not repeats:
        return table
    keep = np.ones(table.num_rows, dtype=bool)
    for repeat in repeats:
        keep[repeat.position] = False
        row = table.slice(repeat.position, 1).to_pylist()[0]
        grid = grids.Grid(row["source_file"], row["source_sheet"], (), (), np.zeros(0, dtype=np.int64))
        value = str(row[schema.key[0]]) if schema.key else None
        notes.set_aside(schema.name, grid, row["source_row"], None, value, repeat.reason,
                        f"{ROW_LOST}; {repeat.detail}")  # fmt: skip
    return table.filter(pa.array(keep))
