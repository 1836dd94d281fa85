"""One grid to one clean table of the data contract."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest.convert import Converted, convert
from fraud_pipeline.ingest.grids import Grid
from fraud_pipeline.ingest.mapping import TableMapping
from fraud_pipeline.ingest.notebook import CELL_LOST, ROW_LOST, Notebook
from fraud_pipeline.ingest.words import headers_of, in_ten_thousands, simple
from fraud_pipeline.records import Column, Kind, TableSchema
from fraud_pipeline.settings import IngestSettings

_SUBTOTAL = r"^\s*(小计|合计|总计|本页合计|subtotal|total)\b?"


@dataclass(frozen=True)
class Cleaned:
    """The accepted rows of one grid and how many rows it had."""

    table: pa.Table
    rows_in: int
    unused: tuple[str, ...]


def clean(
    grid: Grid, schema: TableSchema, mapping: TableMapping, constants: dict[str, str],
    known_programmes: frozenset[str] | None, settings: IngestSettings, notes: Notebook,
) -> Cleaned:  # fmt: skip
    """Types every column; sets aside rows that cannot be used, naming cell and reason.

    Raises InputError when a required column is not there at all.
    """
    placed = _place(grid, schema, mapping)
    given = {**constants, **mapping.constants}
    for column in schema.columns:
        if column.required and column.name not in placed and column.name not in given:
            raise InputError(f"the table {schema.name} needs this column ({column.zh})",
                             file=grid.file, sheet=grid.sheet, column=column.name)  # fmt: skip
    keep = np.ones(len(grid), dtype=bool)
    for row, text in grid.broken:
        notes.set_aside(schema.name, grid, row, None, text, "wrong_number_of_cells", ROW_LOST)
    _drop_subtotals(grid, schema, placed, keep, notes)
    columns = {}
    for column in schema.columns:
        if column.name.startswith("source_"):
            continue
        text = _text(grid, column, placed, given, mapping, notes, schema.name)
        if text is None:
            columns[column.name] = pa.nulls(len(grid), column.kind.arrow)
            continue
        factor = Decimal(mapping.factors.get(column.name, "1"))
        at = placed.get(column.name)
        if column.kind is Kind.MONEY and at is not None and in_ten_thousands(grid.header[at]):
            factor *= 10000
        converted = convert(text, column, settings, factor)
        _note(grid, schema, column, text, converted, keep, notes)
        columns[column.name] = converted.values
    _refuse(grid, schema, columns, keep, known_programmes, notes)
    columns["source_file"] = pa.array([grid.file] * len(grid), pa.string())
    columns["source_sheet"] = pa.array([grid.sheet] * len(grid), pa.string())
    columns["source_row"] = pa.array(grid.rows)
    table = schema.conform(pa.table(columns)).filter(pa.array(keep))
    used = {*placed.values(), *(_named(grid, c) for t in mapping.fallback.values() for c in _fields(t))}
    unused = tuple(h for k, h in enumerate(grid.header) if k not in used and h.strip())
    return Cleaned(table, len(grid) + len(grid.broken), unused)


def _place(grid: Grid, schema: TableSchema, mapping: TableMapping) -> dict[str, int]:
    """Column name -> position in the grid; a mapping's word goes before a known header."""
    placed: dict[str, int] = {}
    for column, header in mapping.columns.items():
        at = _named(grid, header)
        if at is None:
            raise InputError(f"the mapping wants this column for {column}", file=grid.file, column=header)
        placed[column] = at
    known = headers_of(schema)
    for at, header in enumerate(grid.header):
        column = known.get(simple(header), "")
        if column and column not in mapping.constants:  # the mapping's word goes first
            placed.setdefault(column, at)
    return placed


def _named(grid: Grid, header: str) -> int | None:
    return next((k for k, h in enumerate(grid.header) if h.strip() == header.strip()), None)


def _fields(template: str) -> list[str]:
    return [part.split("}", 1)[0] for part in template.split("{")[1:]]


def _text(
    grid: Grid, column: Column, placed: dict[str, int], given: dict[str, str], mapping: TableMapping,
    notes: Notebook, table: str,
) -> pa.Array | None:  # fmt: skip
    """The column's cells as text: from the source, completed by fallback, constant, word map."""
    constant = given.get(column.name)
    if column.name not in placed:
        if constant is None:
            return None
        return pa.array([constant] * len(grid), pa.string())
    text = grid.columns[placed[column.name]]
    empty = pc.equal(pc.utf8_trim_whitespace(text), "")
    template = mapping.fallback.get(column.name)
    if template is not None:
        text = _completed(grid, text, empty, template, column.name, notes, table)
    elif constant is not None:
        text = pc.if_else(empty, constant, text)
    words = mapping.values.get(column.name)
    if words:
        coded = text.dictionary_encode()
        other = words.get("*")
        chosen = [words.get(w.strip(), other if other is not None else w) for w in coded.dictionary.to_pylist()]
        text = pa.array(chosen, pa.string()).take(coded.indices)
    return text


def _completed(
    grid: Grid, text: pa.Array, empty: pa.Array, template: str, column: str, notes: Notebook, table: str
) -> pa.Array:
    rows = np.flatnonzero(empty.to_numpy(zero_copy_only=False))
    names = _fields(template)
    parts = {}
    for name in names:
        at = _named(grid, name)
        if at is None:
            raise InputError(f"the mapping's fallback of {column} needs it", file=grid.file, column=name)
        parts[name] = grid.columns[at].take(pa.array(rows)).to_pylist()
    made = [template.format(**{n: parts[n][k] for n in names}) for k in range(len(rows))]
    notes.repaired(table, grid, [(int(grid.rows[r]), "", m, "composed") for r, m in zip(rows, made, strict=True)], column)
    return pc.replace_with_mask(text, empty, pa.array(made, pa.string()))


def _drop_subtotals(
    grid: Grid, schema: TableSchema, placed: dict[str, int], keep: np.ndarray, notes: Notebook
) -> None:
    first = placed.get(schema.columns[0].name)
    if first is None:
        return
    hit = pc.match_substring_regex(grid.columns[first], _SUBTOTAL, ignore_case=True)
    for row in np.flatnonzero(pc.fill_null(hit, False).to_numpy(zero_copy_only=False)):
        keep[row] = False
        text = grid.columns[first][int(row)].as_py()
        notes.set_aside(schema.name, grid, int(grid.rows[row]), None, text, "subtotal_row", ROW_LOST)


def _note(
    grid: Grid, schema: TableSchema, column: Column, text: pa.Array, converted: Converted,
    keep: np.ndarray, notes: Notebook,
) -> None:  # fmt: skip
    live = [r for r in sorted(converted.repaired) if keep[r]]
    after = converted.values.take(pa.array(live, pa.int64())).to_pylist()
    before = text.take(pa.array(live, pa.int64())).to_pylist()
    notes.repaired(
        schema.name, grid,
        [(int(grid.rows[r]), b, str(a), converted.repaired[r]) for r, b, a in zip(live, before, after, strict=True)],
        column.name,
    )  # fmt: skip
    faults = dict(converted.faulty)
    if column.required:
        missing = pc.is_null(converted.values).to_numpy(zero_copy_only=False)
        faults |= {int(r): "missing" for r in np.flatnonzero(missing) if int(r) not in faults}
    for row in sorted(faults):
        if not keep[row] and faults[row] == "missing" and column.required:
            continue  # a subtotal row misses everything; one entry for it is enough
        detail = ROW_LOST if column.required else CELL_LOST
        value = text[row].as_py()
        notes.set_aside(schema.name, grid, int(grid.rows[row]), column.name, value, faults[row], detail)
    if column.required:
        keep[list(faults)] = False


def _refuse(
    grid: Grid, schema: TableSchema, columns: dict[str, pa.Array], keep: np.ndarray,
    known_programmes: frozenset[str] | None, notes: Notebook,
) -> None:  # fmt: skip
    """Values that can be read and still cannot be judged: no such programme, money below zero."""
    refusals = []
    if known_programmes is not None and "programme" in columns:
        known = pc.is_in(columns["programme"], pa.array(sorted(known_programmes), pa.string()))
        refusals.append(("programme", pc.invert(known), "unknown_programme"))
    if schema.name == "claims":
        for name in ("contract_amount", "claimed_amount"):
            below = pc.fill_null(pc.less(columns[name], pa.scalar(Decimal("0.00"), columns[name].type)), False)
            refusals.append((name, below, "negative_amount"))
    for name, refused, reason in refusals:
        for row in np.flatnonzero(refused.to_numpy(zero_copy_only=False) & keep):
            keep[row] = False
            value = columns[name][int(row)].as_py()
            notes.set_aside(schema.name, grid, int(grid.rows[row]), name, str(value), reason, ROW_LOST)
