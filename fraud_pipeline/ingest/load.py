"""All sources to all clean tables, every row accounted for."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.threads import N_THREADS
from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest import delimited, grids, headers, workbooks
from fraud_pipeline.ingest.grids import Grid
from fraud_pipeline.ingest.implausible import implausible, without_impossible_outcomes
from fraud_pipeline.ingest.mapping import SourceMapping, TableMapping
from fraud_pipeline.ingest.notebook import ROW_LOST, Notebook, Where
from fraud_pipeline.ingest.other_files import read_other
from fraud_pipeline.ingest.placing import place
from fraud_pipeline.ingest.repeats import find_repeats
from fraud_pipeline.ingest.tables import Cleaned, Programmes, clean
from fraud_pipeline.ingest.units import unit_slips
from fraud_pipeline.ingest.wording import printable
from fraud_pipeline.ingest.workbooks import is_text
from fraud_pipeline.schema import INPUT_TABLES, Tables, TableSchema
from fraud_pipeline.schema.loaded import Account, InputPart, Loaded, Spot
from fraud_pipeline.schema.own_kinds import NO_OWN_KINDS, OwnKinds
from fraud_pipeline.schema.source import Source
from fraud_pipeline.settings import IngestSettings

Spots = dict[tuple[str, str, str | None], dict[str, Spot]]

# Rows quarantined for these reasons say nothing against the file.
HARMLESS = (
    "duplicate_row",
    "subtotal_row",
    "remark_row",
    "repeated_header",
    "left_out_by_mapping",
    "credit",
)


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
    known_programmes: Programmes | None = None,
    own_kinds: OwnKinds = NO_OWN_KINDS,
) -> Loaded:
    """Clean tables, quarantine, repairs and accounts of ``sources``.

    ``programme`` stands where a source names none; ``known_programmes``: the currency of each
    programme that a row may name, None = any; ``own_kinds``: those of its kinds that are in no
    closed list. Raises InputError for what makes a whole file unusable: no claims, no rows, a required column missing.
    """
    if programme is not None and known_programmes is not None and programme not in known_programmes:
        raise InputError(
            f"there is no programme {programme!r} (known: {', '.join(sorted(known_programmes))})"
        )
    mapping = mapping or SourceMapping()
    constants = {"programme": programme} if programme else {}
    notes = Notebook()
    with ThreadPoolExecutor(N_THREADS) as pool:
        each = pool.map(lambda source: read_grids(source, mapping, settings), sources)
        sheets = [grid for grids_of_one in each for grid in grids_of_one]
    cleaned: dict[str, list[Cleaned]] = {}
    cleaned_grids: list[tuple[Grid, Cleaned]] = []
    spots: Spots = {}
    for name, schema in INPUT_TABLES.items():
        table_mapping = mapping.tables.get(name, TableMapping())
        for grid in of_table(sheets, schema, mapping):
            placed = place(grid, schema, table_mapping, constants)
            part = clean(grid, schema, placed, known_programmes, settings, notes, own_kinds)
            cleaned.setdefault(name, []).append(part)
            cleaned_grids.append((grid, part))
            spots[name, grid.file, grid.sheet] = {
                column: Spot(grid.first_column + at, grid.header[at])
                for column, at in placed.at.items()
            }
    if "claims" not in cleaned:
        raise InputError(
            "there is no table of claims (claims.csv, claims.xlsx, a sheet or table of that name)"
        )
    if sum(part.rows_in for part in cleaned["claims"]) == 0:
        claims = of_table(sheets, INPUT_TABLES["claims"], mapping)[0]
        raise InputError("the table of claims has no rows", file=claims.file, sheet=claims.sheet)
    tables, accounts = {}, {}
    for name, parts in cleaned.items():
        whole = pa.concat_tables([part.table for part in parts])
        tables[name] = _without_repeats(whole, INPUT_TABLES[name], notes, spots)
    outcomes = without_impossible_outcomes(tables, notes)
    if outcomes is not None:
        tables["outcomes"] = outcomes
    for name, parts in cleaned.items():
        accounts[name] = Account(
            sum(p.rows_in for p in parts), tables[name].num_rows, notes.rows_lost(name)
        )
    inputs = tuple(InputPart(printable(s.name), s.sha256) for s in sources)
    repairs = notes.repairs()
    remarks = (
        *_remarks(sheets, cleaned_grids),
        *_months(repairs),
        *unit_slips(tables),
        *implausible(tables),
    )
    return Loaded(Tables(tables), notes.quarantine(), repairs, accounts, inputs, remarks, spots)


def require_usable(loaded: Loaded, settings: IngestSettings) -> None:
    """Raises InputError, naming the first fault, when too many claims could not be used.

    Repeated, subtotal and left-out rows are no faults; but no claim left at all is one.
    """
    account = loaded.accounts["claims"]
    entries = loaded.quarantine
    lost = pc.and_(
        pc.equal(entries["table"], "claims"), pc.starts_with(entries["detail"], ROW_LOST)
    )
    faults = entries.filter(
        pc.and_(lost, pc.invert(pc.is_in(entries["reason_code"], pa.array(HARMLESS))))
    )
    n_unusable = faults.group_by(["file", "sheet", "row"]).aggregate([]).num_rows
    if account.rows_clean and n_unusable <= settings.max_quarantined_share * account.rows_in:
        return
    if not faults.num_rows:
        raise InputError(f"none of the {account.rows_in} rows of claims is a claim")
    first = faults.slice(0, 1).to_pylist()[0]
    raise InputError(
        f"{first['reason_code']} ({first['value']!r:.60}); {n_unusable} of {account.rows_in} claims cannot be used",
        file=first["file"], sheet=first["sheet"], row=first["row"], column=first["column"],
    )  # fmt: skip


def read_grids(
    source: Source, mapping: SourceMapping, settings: IngestSettings,
    sheets_named: frozenset[str] | None = None,
) -> list[Grid]:  # fmt: skip
    """The grids of a source. Raises InputError naming the file for what cannot be read at all.

    ``sheets_named``: names of sheets that mean something; None = those of tables and of ``mapping``.
    """
    foreign = mapping.headers()
    if source.frame is not None:
        return [grids.typed(source.name, source.frame)]
    source = dataclasses.replace(source, name=printable(source.name))
    data = source.data or b""
    if not data[:4096].strip() and not data.strip():
        raise InputError("the file is empty", file=source.name)
    if source.suffix == ".parquet":
        return [grids.parquet(source, settings.max_cells)]
    other = read_other(source, foreign, settings.max_cells)
    if other is not None:
        return other
    if source.suffix == ".xls" and is_text(data):  # many systems call their text exports .xls
        return [delimited.read(source, foreign, delimited.BLOCK_BYTES, settings.max_cells)]
    if source.suffix in workbooks.SUFFIXES:
        names = stems(mapping) if sheets_named is None else sheets_named
        sheets = workbooks.read_with_its_reader(source, names, foreign, settings.max_cells)
        if not sheets:
            raise InputError("the workbook is empty", file=source.name)
        return sheets
    return [delimited.read(source, foreign, delimited.BLOCK_BYTES, settings.max_cells)]


def of_table(sheets: list[Grid], schema: TableSchema, mapping: SourceMapping) -> list[Grid]:
    """The grids of a table: by the sheet's name, by the file's, or by what its header says.

    In a workbook named after a table the sheets count whose headers are that table's. A source
    that is one file of another name is the table that a mapping, or else its header, makes of it.
    """
    names = {mapping.stem(schema.name), schema.zh}
    if schema.name not in mapping.tables:
        names.add(schema.name)
    matching: list[Grid] = []
    for _, group in groupby(sheets, key=lambda grid: grid.file):
        workbook_grids = list(group)
        by_sheet = [g for g in workbook_grids if (g.sheet or "").strip().lower() in names]
        if not by_sheet and workbook_grids[0].file.rsplit(".", 1)[0].lower() in names:
            fitting = [g for g in workbook_grids if _fits(g, schema, mapping)]
            by_sheet = fitting or workbook_grids[:1]
        matching += by_sheet
    if matching or len({grid.file for grid in sheets}) != 1:
        return matching
    if schema.name in mapping.tables:
        return [g for g in sheets if _fits(g, schema, mapping)] or sheets[:1]
    if schema.name == "claims" and not mapping.tables and not _named_otherwise(sheets):
        return [g for g in sheets if _fits(g, schema, mapping)] or sheets[:1]
    return []


def _named_otherwise(sheets: list[Grid]) -> bool:
    """Whether a sheet bears the name of a table, so that nameless claims are not looked for."""
    words = stems(None)
    return any(
        (g.sheet or "").strip().lower() in words or g.file.rsplit(".", 1)[0].lower() in words
        for g in sheets
    )


def _fits(grid: Grid, schema: TableSchema, mapping: SourceMapping) -> bool:
    """Whether the header has what the table needs, but for what may be given another way."""
    table_mapping = mapping.tables.get(schema.name)
    if table_mapping is not None:
        return table_mapping.headers() <= {h.strip() for h in grid.header}
    placed = headers.place(grid.header, schema)
    return all(name in placed for name in schema.required if name != "programme")


def _remarks(sheets: list[Grid], cleaned_grids: list[tuple[Grid, Cleaned]]) -> list[str]:
    """For a person: odd encodings, sheets and columns that were not used."""
    remarks = [f"{grid.place}: {remark}" for grid in sheets for remark in grid.remarks]
    used = {id(grid) for grid, _ in cleaned_grids}
    remarks += [
        f"{grid.place}: not one of the tables, not read" for grid in sheets if id(grid) not in used
    ]
    for grid in (g for g in sheets if id(g) in used):
        unused = [set(part.unused) for other, part in cleaned_grids if other is grid]
        idle = [h for h in grid.header if h in set.intersection(*unused)]
        if idle:
            remarks.append(f"{grid.place}: columns not used: {', '.join(idle)}")
    return remarks


def _months(repairs: pa.Table) -> list[str]:
    """For each column of months: they stand as first days, and rules know it."""
    months = repairs.filter(pc.equal(repairs["kind"], "day_missing"))
    counts = months.group_by(["table", "file", "sheet", "column"]).aggregate([([], "count_all")])
    remarks = []
    for row in counts.sort_by([("file", "ascending"), ("column", "ascending")]).to_pylist():
        place = f"{row['file']}, sheet {row['sheet']}" if row["sheet"] else row["file"]
        remarks.append(
            f"{place}: {row['table']}.{row['column']} names a month and no day in {row['count_all']:,} rows: its first day "
            "stands there, and rules whose answer depends on the day do not judge them"
        )
    return remarks


def _without_repeats(
    table: pa.Table, schema: TableSchema, notes: Notebook, spots: Spots
) -> pa.Table:
    """The rows that no other row stands for. Raises InputError where the key is no key."""
    repeats = find_repeats(table, schema)
    if repeats.no_key:
        raise _no_key(table, schema, repeats.no_key, spots)
    if not len(repeats.positions):
        return table
    rows = table.select(["source_file", "source_sheet", "source_row", schema.columns[0].name])
    rows = rows.take(pa.array(repeats.positions)).combine_chunks()
    place_of = list(
        zip(rows["source_file"].to_pylist(), rows["source_sheet"].to_pylist(), strict=True)
    )
    reasons = pa.array(repeats.reasons)
    details = pa.array([f"{ROW_LOST}; {d}" for d in repeats.details])
    for file, sheet in sorted(set(place_of), key=str):
        at = pa.array(np.flatnonzero([p == (file, sheet) for p in place_of]))
        part = rows.take(at)
        notes.lose_rows(Where(schema.name, file, sheet), part["source_row"].to_numpy(), None,
                        part.column(3).cast(pa.string()).combine_chunks(), reasons.take(at), details.take(at))  # fmt: skip
    keep = np.ones(table.num_rows, dtype=bool)
    keep[repeats.positions] = False
    return table.filter(pa.array(keep))


def _no_key(table: pa.Table, schema: TableSchema, n_repeated: int, spots: Spots) -> InputError:
    """One line that names the column, and two ways to make a key of it."""
    key = schema.key[0]
    file, sheet = table["source_file"][0].as_py(), table["source_sheet"][0].as_py()
    spot = spots.get((schema.name, file, sheet), {}).get(key)
    header = spot.header if spot else key
    return InputError(
        f"{n_repeated} of {table.num_rows} rows bear the {key} of another row with other parties, days or "
        f"amounts: it is no key. Write in the mapping, under [tables.{schema.name}]: compose = "
        f'{{ {key} = "{{{header}}}-{{row}}" }} (or another column for row)',
        file=file, sheet=sheet, column=header,
    )  # fmt: skip
