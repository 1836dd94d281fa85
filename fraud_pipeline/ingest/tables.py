"""One grid to one clean table of the data contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.threads import N_THREADS
from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest.cell_form import UnclearColumnError, ask, form_of
from fraud_pipeline.ingest.cleaning import Cleaning
from fraud_pipeline.ingest.coded import Coded
from fraud_pipeline.ingest.convert import Converted, convert, words_of
from fraud_pipeline.ingest.grids import Grid
from fraud_pipeline.ingest.mapping_checks import CREDITS
from fraud_pipeline.ingest.notebook import Notebook
from fraud_pipeline.ingest.own_kinds import OPEN_COLUMNS, opened
from fraud_pipeline.ingest.placing import Placed, column_cells, factor_of
from fraud_pipeline.ingest.rows_left_out import (
    drop_headers,
    drop_remarks,
    drop_shifted,
    drop_subtotals,
    drop_unwanted,
)
from fraud_pipeline.ingest.wording import printable
from fraud_pipeline.ingest.words import code_words
from fraud_pipeline.schema import Column, Kind, TableSchema
from fraud_pipeline.schema.own_kinds import NO_OWN_KINDS, OwnKinds
from fraud_pipeline.settings import IngestSettings

_SHOWN_HEADERS, _SHOWN_HEADER = 15, 40  # headers, and characters of each, in one line
_NOT_NEGATIVE = {"claims": ("contract_amount", "claimed_amount"), "vouchers": ("face_value",),
                 "contracts": ("amount",), "market_prices": ("reference",)}  # fmt: skip

Programmes = Mapping[str, str]  # programme id -> the currency it counts in


@dataclass(frozen=True)
class Cleaned:
    """The accepted rows of one grid, how many rows it had, and the headers not used."""

    table: pa.Table
    rows_in: int
    unused: tuple[str, ...]


def clean(
    grid: Grid, schema: TableSchema, placed: Placed, programmes: Programmes | None,
    settings: IngestSettings, notes: Notebook, own_kinds: OwnKinds = NO_OWN_KINDS,
) -> Cleaned:  # fmt: skip
    """Types every column; sets aside rows that cannot be used, naming cell and reason.

    ``programmes``: the currency of each programme that a row may name; None = any programme.
    ``own_kinds``: kinds besides the closed lists; such a row bears the parent's code, and the own
    kind in ``source_kind``. Raises InputError when required columns are not there at all, naming all of them.
    """
    missing = [c for c in schema.columns if c.required and not placed.has(c.name)]
    if missing:
        raise _needs(grid, schema, missing)
    work = Cleaning(grid, schema, notes)
    _write_down_broken(work)
    drop_subtotals(work, placed)
    drop_remarks(work)
    drop_headers(work)
    drop_unwanted(work, placed)
    work.counted_rows = work.keep.copy()
    _convert_columns(work, placed, settings, _currencies(work, placed, programmes), own_kinds)
    drop_shifted(work)
    _refuse(work, programmes, placed)
    columns = {
        **work.columns,
        "source_file": pa.repeat(pa.scalar(grid.file, pa.string()), len(grid)),
        "source_sheet": pa.repeat(pa.scalar(grid.sheet, pa.string()), len(grid)),
        "source_row": pa.array(grid.rows, pa.int64()),
        "source_months": _months(work),
    }
    table = schema.conform(pa.table(columns)).filter(pa.array(work.keep))
    unused = tuple(h for k, h in enumerate(grid.header) if k not in placed.used and h.strip())
    return Cleaned(table, len(grid) + len(grid.broken), unused)


def _needs(grid: Grid, schema: TableSchema, missing: Sequence[Column]) -> InputError:
    """One line that names every missing column, what to write, and the columns that are there."""
    every = ", ".join(f"{c.name} ({c.zh})" for c in missing)
    there = [printable(header)[:_SHOWN_HEADER] for header in grid.header if header.strip()]
    more = f" and {len(there) - _SHOWN_HEADERS} more" if len(there) > _SHOWN_HEADERS else ""
    write = ", ".join(f'{c.name} = "…"' for c in missing)
    return InputError(
        f"the table {schema.name} needs {every}; a mapping can say where they stand (check --suggest-mapping): "
        f"under [tables.{schema.name}.columns] {write}, each with one of {', '.join(there[:_SHOWN_HEADERS])}{more}",
        file=grid.file, sheet=grid.sheet, column=missing[0].name,
    )  # fmt: skip


def _write_down_broken(work: Cleaning) -> None:
    grid = work.grid
    if grid.broken:
        rows = np.array([row for row, _ in grid.broken], dtype=np.int64)
        texts = pa.array([text for _, text in grid.broken], pa.string())
        work.notes.lose_rows(work.where, rows, None, texts, "wrong_number_of_cells")
    if grid.padded:
        rows = np.array(grid.padded, dtype=np.int64)
        work.notes.repaired(work.where, rows, None, None, None, "empty_cells_beyond_header")


def _convert_columns(
    work: Cleaning, placed: Placed, settings: IngestSettings, currencies: frozenset[str],
    own_kinds: OwnKinds,
) -> None:  # fmt: skip
    """Columns are converted two at a time; what happened to them is noted in their order.

    Raises InputError, naming every such column, where dates or amounts have two readings.
    """

    def read(cells: Coded, column: Column) -> Converted:
        factor = factor_of(work.grid, column, placed)
        form = form_of(words_of(cells), column, placed.mapping, factor, currencies)
        return convert(cells, column, settings, form)

    requested, jobs = [], []
    unclear: dict[str, UnclearColumnError] = {}
    with ThreadPoolExecutor(N_THREADS) as pool:
        for column in work.schema.columns:
            if column.name.startswith("source_"):
                continue
            cells = column_cells(work.grid, column, placed, work.notes, work.where)
            if cells is None:
                work.columns[column.name] = pa.nulls(len(work.grid), column.kind.arrow)
                continue
            if column.name in OPEN_COLUMNS:
                cells = _with_open_kinds(work, column, cells, own_kinds)
            requested.append((column, cells))
            jobs.append(pool.submit(read, cells, column))
        for (column, cells), job in zip(requested, jobs, strict=True):
            try:
                converted = job.result()
            except UnclearColumnError as error:
                unclear[_header(work.grid, column, placed)] = error
                continue
            _write_down(work, column, cells, converted)
            work.columns[column.name] = converted.values
    if unclear:
        raise ask(unclear, work.schema.name, work.grid.file, work.grid.sheet)


def _with_open_kinds(work: Cleaning, column: Column, cells: Coded, own_kinds: OwnKinds) -> Coded:
    """The cells with codes of the closed list; other kinds stand in ``source_kind``."""
    read = opened(
        cells, code_words(column.name, column.codes), own_kinds.columns.get(column.name, {})
    )
    work.columns["source_kind"] = read.kinds
    rows = np.flatnonzero(read.unlisted & work.counted_rows)
    if len(rows):
        kinds = read.kinds.take(pa.array(rows))
        work.notes.repaired(work.where, work.grid.rows[rows], column.name, cells.text(rows), kinds,
                            "kind_not_listed")  # fmt: skip
    return read.cells


def _header(grid: Grid, column: Column, placed: Placed) -> str:
    at = placed.at.get(column.name)
    return column.name if at is None else grid.header[at]


def _currencies(work: Cleaning, placed: Placed, programmes: Programmes | None) -> frozenset[str]:
    """What the programmes of the table count in; empty where no programme says it."""
    column = next((c for c in work.schema.columns if c.name == "programme"), None)
    if programmes is None or column is None:
        return frozenset()
    cells = column_cells(work.grid, column, placed, Notebook(), work.where)
    if cells is None:
        return frozenset()
    canonical = code_words("programme", ())
    words = {w.strip().lower() for w in cells.words.to_pylist()}
    ids = {canonical.get(word, word) for word in words}
    return frozenset(programmes[name] for name in ids if name in programmes)


def _months(work: Cleaning) -> pa.Array:
    """The date columns of each row that name a month and no day, separated by ";"; null for none."""
    bits = np.zeros(len(work.grid), dtype=np.int64)
    for k, (_, rows) in enumerate(work.months):
        bits[rows] |= 1 << k
    kinds, at = np.unique(bits, return_inverse=True)
    names = [name for name, _ in work.months]
    words = [";".join(n for k, n in enumerate(names) if kind >> k & 1) for kind in kinds.tolist()]
    return pa.array([word or None for word in words], pa.string()).take(pa.array(at))


def _write_down(work: Cleaning, column: Column, cells: Coded, converted: Converted) -> None:
    if column.kind in (Kind.DATE, Kind.INSTANT):
        no_day = pc.equal(converted.repaired.words, "day_missing")
        if pc.any(no_day).as_py():
            work.months.append(
                (column.name, converted.repaired.rows[no_day.to_numpy(zero_copy_only=False)])
            )
    live = work.counted_rows[converted.repaired.rows]
    if live.any():
        rows = converted.repaired.rows[live]
        after = converted.values.take(pa.array(rows))
        # an instant's text would be in UTC; local time is what people compare
        after = pc.local_timestamp(after) if column.kind is Kind.INSTANT else after
        kinds = converted.repaired.words.filter(pa.array(live))
        work.notes.repaired(work.where, work.grid.rows[rows], column.name, cells.text(rows),
                            after.cast(pa.string()), kinds)  # fmt: skip
    if column.kind not in (Kind.TEXT, Kind.ID):
        work.n_typed += pc.is_valid(converted.values).to_numpy(zero_copy_only=False)
        work.n_typed[converted.faulty.rows] += 1
        work.n_faulty[converted.faulty.rows] += 1
    live = work.counted_rows[converted.faulty.rows]
    faulty, reasons = converted.faulty.rows[live], converted.faulty.words.filter(pa.array(live))
    values = cells.text(faulty)
    if not column.required:
        if len(faulty):
            work.notes.lose_cells(work.where, work.grid.rows[faulty], column.name, values, reasons)
        return
    missing = pc.is_null(converted.values).to_numpy(zero_copy_only=False) & work.counted_rows
    missing[faulty] = False
    work.lose(faulty, column.name, values, reasons)
    empty = np.flatnonzero(missing)
    work.lose(empty, column.name, cells.text(empty), "missing")


def _refuse(work: Cleaning, programmes: Programmes | None, placed: Placed) -> None:
    """Values that can be read and still cannot be judged: no such programme, money below zero."""
    refusals = []
    if programmes is not None and "programme" in work.columns:
        known = pc.is_in(work.columns["programme"], pa.array(sorted(programmes), pa.string()))
        refusals.append(("programme", pc.invert(known), "unknown_programme"))
    signs = placed.mapping.signs
    for name in _NOT_NEGATIVE.get(work.schema.name, ()):
        zero = pa.scalar(Decimal("0.00"), work.columns[name].type)
        below = pc.fill_null(pc.less(work.columns[name], zero), False)
        credit = signs.get(name, signs.get("*")) == CREDITS
        refusals.append((name, below, "credit" if credit else "negative_amount"))
    for name, refused, reason in refusals:
        rows = np.flatnonzero(refused.to_numpy(zero_copy_only=False) & work.keep)
        work.lose(rows, name, work.columns[name].take(pa.array(rows)).cast(pa.string()), reason)
