"""Where the columns of a table stand in a grid, and the text of each of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from string import Formatter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest import headers
from fraud_pipeline.ingest.coded import Coded
from fraud_pipeline.ingest.grids import Grid
from fraud_pipeline.ingest.mapping import OF_THE_ROW, TableMapping, fields_of
from fraud_pipeline.ingest.mapping_checks import NEGATE
from fraud_pipeline.ingest.notebook import Notebook, Where
from fraud_pipeline.schema import Column, Kind, TableSchema

_SUMMABLE = (Kind.MONEY, Kind.NUMBER, Kind.COUNT, Kind.SHARE)
_LEADING_ZEROS = {"invoice_no": (8, 2), "invoice_code": (12, 1)}  # digits, and how many may be lost
_PARTIES = ("enterprise_id", "institution_id", "payer_id", "payee_id")
_FULL_SHARE = 0.5  # of a column's numbers that must have all their digits


@dataclass(frozen=True)
class Placed:
    """Positions of columns, constants for those that stand nowhere, and the mapping's words."""

    at: dict[str, int]
    constants_by_column: dict[str, str]
    mapping: TableMapping
    composed: dict[str, int]  # headers used by fallbacks
    only: tuple[tuple[str, int, tuple[str, ...]], ...]

    def has(self, column: str) -> bool:
        """Whether the column is read, composed of others or constant."""
        composed = column in self.mapping.compose or column in self.mapping.fallback
        return column in self.at or column in self.constants_by_column or composed

    @property
    def used(self) -> set[int]:
        return {*self.at.values(), *self.composed.values(), *(at for _, at, _ in self.only)}


def place(
    grid: Grid, schema: TableSchema, mapping: TableMapping, constants: dict[str, str]
) -> Placed:
    """A mapping's word goes before a known header.

    Raises InputError when the grid lacks a column that the mapping names.
    """
    mapped_columns = {column: _need(grid, header, f"the mapping wants it for {column}")
             for column, header in mapping.columns.items()}  # fmt: skip
    known = {column: at for column, at in headers.place(grid.header, schema).items()
             if column not in (*mapping.constants, *mapping.compose)}  # fmt: skip
    templates = (*mapping.fallback.items(), *mapping.compose.items())
    composed = {name: _need(grid, name, f"the mapping composes {column} of it")
                for column, template in templates for name in fields_of(template)
                if name not in OF_THE_ROW}  # fmt: skip
    only = tuple((header, _need(grid, header, "the mapping chooses rows by it"), wanted)
                 for header, wanted in mapping.only.items())  # fmt: skip
    constants_by_column = {
        k: v for k, v in {**constants, **mapping.constants}.items() if k in schema.names
    }
    return Placed({**known, **mapped_columns}, constants_by_column, mapping, composed, only)


def _need(grid: Grid, header: str, why: str) -> int:
    for at, text in enumerate(grid.header):
        if text.strip() == header.strip():
            return at
    raise InputError(
        f"there is no such column, and {why}", file=grid.file, sheet=grid.sheet, column=header
    )


def factor_of(grid: Grid, column: Column, placed: Placed) -> Decimal:
    """What a cell is multiplied by: the mapping's factor, else the unit its header names.

    Below zero where the source writes payments as negative amounts.
    """
    signs = placed.mapping.signs
    sign = -1 if signs.get(column.name, signs.get("*")) == NEGATE else 1
    return sign * _unit_of(grid, column, placed)


def _unit_of(grid: Grid, column: Column, placed: Placed) -> Decimal:
    if column.name in placed.mapping.factors:
        return Decimal(placed.mapping.factors[column.name])
    at = placed.at.get(column.name)
    unit = headers.unit_of(grid.header[at]) if at is not None else None
    if column.kind is Kind.MONEY and unit is None and at is not None:
        unit = grid.unit
    if unit is None or column.kind not in (Kind.MONEY, Kind.SHARE):
        return Decimal(1)
    return unit if (unit < 1) == (column.kind is Kind.SHARE) else Decimal(1)


def column_cells(
    grid: Grid, column: Column, placed: Placed, notes: Notebook, where: Where
) -> Coded | None:
    """The column's cells: from the source, completed by merged cells, fallback and
    constant, put through the mapping's words. None when the column is not there."""
    constant = placed.constants_by_column.get(column.name)
    cells = _own_cells(grid, column, placed)
    if cells is None:
        return None
    at = placed.at.get(column.name, -1)
    if column.kind not in _SUMMABLE:  # one amount over three rows is a sum, not three amounts
        cells = _filled_down(grid, at, cells, column, notes, where)
    if column.name in placed.mapping.fill_down:
        cells = _filled_from_above(grid, cells, column, notes, where)
    template = placed.mapping.fallback.get(column.name)
    if template is not None:
        cells = _completed(grid, cells, template, column, placed, notes, where)
    if constant is not None:
        cells = cells.with_words(pc.if_else(cells.is_empty(), constant, cells.words))
    if column.name in _LEADING_ZEROS:
        cells = _with_leading_zeros(grid, cells, column, notes, where)
    if column.name in _PARTIES:
        cells = _with_zeros_of_twins(grid, cells, column, notes, where)
    words = placed.mapping.values.get(column.name)
    return cells if not words else _translated(cells, words)


def _own_cells(grid: Grid, column: Column, placed: Placed) -> Coded | None:
    """The cells as they stand in the source, composed of others, or constant."""
    mapping = placed.mapping
    at = placed.at.get(column.name)
    if at is not None:
        return grid.columns[at]
    if column.name in mapping.compose:
        every = np.arange(len(grid))
        return Coded.of(_from_template(grid, mapping.compose[column.name], placed, every))
    constant = placed.constants_by_column.get(column.name)
    if constant is None and column.name not in mapping.fallback:
        return None
    return Coded.constant(constant or "", len(grid))


def _from_template(grid: Grid, template: str, placed: Placed, rows: np.ndarray) -> pa.Array:
    """The text of each row; empty where one of its parts is empty."""
    values = pa.repeat("", len(rows))
    known = pa.repeat(True, len(rows))
    for literal, name, _, _ in Formatter().parse(template):
        values = pc.binary_join_element_wise(values, literal, "")
        if name:
            parts = _part(grid, name, placed, rows)
            values = pc.binary_join_element_wise(values, parts, "")
            known = pc.and_(known, pc.not_equal(parts, ""))
    return pc.if_else(known, values, "")


def _part(grid: Grid, name: str, placed: Placed, rows: np.ndarray) -> pa.Array:
    if name in placed.composed:
        return pc.utf8_trim_whitespace(grid.columns[placed.composed[name]].text(rows))
    if name == "row":
        return pa.array(grid.rows[rows]).cast(pa.string())
    return pa.repeat((grid.file if name == "file" else grid.sheet) or "", len(rows))


def _filled_down(
    grid: Grid, at: int, cells: Coded, column: Column, notes: Notebook, where: Where
) -> Coded:
    source = np.arange(len(grid))
    for merged in grid.merged:
        if merged.column == at:
            source[merged.first : merged.last + 1] = merged.first
    moved = np.flatnonzero(source != np.arange(len(grid)))
    if not len(moved):
        return cells
    whole = cells.moved(source)
    notes.repaired(where, grid.rows[moved], column.name, "", whole.text(moved), "merged_cell")
    return whole


def _completed(
    grid: Grid,
    cells: Coded,
    template: str,
    column: Column,
    placed: Placed,
    notes: Notebook,
    where: Where,
) -> Coded:
    empty = cells.rows(cells.is_empty())
    rows = np.flatnonzero(empty)
    values = _from_template(grid, template, placed, rows)
    there = pc.not_equal(values, "")
    notes.repaired(where, grid.rows[rows[there.to_numpy(zero_copy_only=False)]], column.name, "",
                   values.filter(there), "composed")  # fmt: skip
    return Coded.of(pc.replace_with_mask(cells.text(), pa.array(empty), values))


def _with_leading_zeros(
    grid: Grid, cells: Coded, column: Column, notes: Notebook, where: Where
) -> Coded:
    """Zeros that a spreadsheet dropped, where most numbers of the column have all digits."""
    digits, lost = _LEADING_ZEROS[column.name]
    numeric = pc.match_substring_regex(cells.words, r"^[0-9]+$")
    lengths = pc.utf8_length(cells.words)
    short = pc.and_(
        numeric, pc.and_(pc.less(lengths, digits), pc.greater_equal(lengths, digits - lost))
    )
    n_short = np.count_nonzero(cells.rows(short))
    full = np.count_nonzero(cells.rows(pc.and_(numeric, pc.equal(lengths, digits))))
    if full <= _FULL_SHARE * (full + n_short):
        return cells
    return _padded(grid, cells, short, digits, column, notes, where)


def _with_zeros_of_twins(
    grid: Grid, cells: Coded, column: Column, notes: Notebook, where: Where
) -> Coded:
    """A party's number without its leading zeros, where the column has the whole number as well."""
    zero_led = pc.match_substring_regex(cells.words, r"^0[0-9]+$")
    lengths = pc.unique(pc.utf8_length(cells.words.filter(zero_led)))
    if len(lengths) != 1:  # none, or numbers of several kinds
        return cells
    digits = lengths[0].as_py()
    numeric = pc.match_substring_regex(cells.words, r"^[1-9][0-9]*$")
    whole = pc.is_in(pc.utf8_lpad(cells.words, digits, "0"), value_set=cells.words.filter(zero_led))
    return _padded(grid, cells, pc.and_(numeric, whole), digits, column, notes, where)


def _padded(
    grid: Grid, cells: Coded, short: pa.Array, digits: int, column: Column, notes: Notebook, where: Where
) -> Coded:  # fmt: skip
    """The cells with zeros before the words for which ``short`` says true, up to ``digits`` digits."""
    rows = np.flatnonzero(cells.rows(short))
    if not len(rows):
        return cells
    repaired = cells.with_words(
        pc.if_else(short, pc.utf8_lpad(cells.words, digits, "0"), cells.words)
    )
    notes.repaired(where, grid.rows[rows], column.name, cells.text(rows), repaired.text(rows),
                   "leading_zeros")  # fmt: skip
    return repaired


def _filled_from_above(
    grid: Grid, cells: Coded, column: Column, notes: Notebook, where: Where
) -> Coded:
    """A label that stands once, in the first row of its group, in every row of it."""
    empty = cells.rows(cells.is_empty())
    source = np.maximum.accumulate(np.where(empty, -1, np.arange(len(cells))))
    rows = np.flatnonzero(empty & (source >= 0))
    moved = cells.moved(np.where(source >= 0, source, np.arange(len(cells))))
    notes.repaired(where, grid.rows[rows], column.name, "", moved.text(rows), "merged_cell")
    return moved


def _translated(cells: Coded, words: dict[str, str]) -> Coded:
    other = words.get("*")
    chosen = [words.get(w.strip(), w if other is None else other) for w in cells.words.to_pylist()]
    return cells.with_words(pa.array(chosen, pa.string()))
