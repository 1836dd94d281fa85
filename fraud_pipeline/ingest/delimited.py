"""Delimited text to a grid: delimiter, titles, ragged rows, stray quotation marks."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest import headers
from fraud_pipeline.ingest.coded import Coded
from fraud_pipeline.ingest.encodings import as_utf8
from fraud_pipeline.ingest.grids import HEADER_SEARCH, Grid, without_blank_rows
from fraud_pipeline.schema.source import Source

_DELIMITERS = (",", "\t", ";", "|")
_CONTROL_SHARE = 0.01  # more characters that no keyboard has: not a text
_COLUMNS = 16_384  # of a spreadsheet
_START = 1 << 18  # bytes in which the header must stand

BLOCK_BYTES = 1 << 24  # of a text file are parsed at a time; no row may be longer


def read(
    source: Source, foreign: frozenset[str], block_bytes: int, max_cells: int = 60_000_000
) -> Grid:
    """The grid of a .csv or .tsv file. Raises InputError when it is no table at all, or too large."""
    data, encoding = as_utf8(source.data or b"", source.name)
    start = data[:_START].decode("utf-8", "ignore")
    if sum(start.count(chr(k)) for k in range(9)) > _CONTROL_SHARE * len(start):
        raise InputError("not a text file", file=source.name)
    delimiter = _delimiter(start, foreign)
    head, ends = _first_records(start, delimiter)
    at, n_rows, header = headers.find(head, foreign)
    if not any(header):
        raise InputError("there is no header", file=source.name)
    n_lines = data.count(b"\n") or data.count(b"\r")
    if len(header) > _COLUMNS or n_lines * len(header) > max_cells:
        raise InputError(
            f"{n_lines:,} lines of {len(header):,} columns are too many; hand the file in in parts",
            file=source.name,
        )
    body = _Body(len(header), delimiter, at + n_rows + 1, source.name, block_bytes)
    columns, rows = body.read(pa.py_buffer(data)[len(start[: ends[at + n_rows - 1]].encode()) :])
    columns_kept, rows = without_blank_rows([Coded.of(c) for c in columns], rows)
    remarks = () if encoding == "utf-8" else (f"read as {encoding}",)
    return Grid(source.name, None, tuple(header), columns_kept, rows, tuple(body.broken),
                padded=tuple(body.padded), remarks=remarks, unit=headers.title_unit(head[:at]))  # fmt: skip


def _first_records(start: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """The first records, and where in ``start`` each of them ends (in characters)."""
    lines = io.StringIO(start, newline="").readlines()
    line_ends = np.cumsum([len(line) for line in lines])
    reader = csv.reader(lines, delimiter=delimiter)
    head, ends = [], []
    try:
        for record in reader:
            head.append(record)
            ends.append(int(line_ends[reader.line_num - 1]))
            if len(head) == HEADER_SEARCH:
                break
    except csv.Error:
        pass  # what came before it is enough, or there is no header
    return head or [[""]], ends or [0]


def _delimiter(start: str, foreign: frozenset[str]) -> str:
    """The mark under which most headers are known; among equals, most cells in a row."""

    def worth(mark: str) -> tuple[int, int]:
        head, _ = _first_records(start, mark)
        _, _, header = headers.find(head, foreign)
        known = sum(headers.is_known(h) or h in foreign for h in header)
        return known, max(len(row) for row in head)

    return max(_DELIMITERS, key=worth)


@dataclass
class _Body:
    """The rows below the header, with a way out for those that are not rows."""

    width: int
    delimiter: str
    first_row: int
    file: str
    block_bytes: int
    broken: list[tuple[int, str]] = field(default_factory=list)
    padded: list[int] = field(default_factory=list)

    def read(self, data: pa.Buffer) -> tuple[list[pa.Array], np.ndarray]:
        names = [str(k) for k in range(self.width)]
        odd: list[tuple[int, str]] = []

        def set_aside(row: pacsv.InvalidRow) -> str:
            odd.append((row.number - 1, row.text))
            return "skip"

        try:
            table = pacsv.read_csv(
                pa.BufferReader(data),
                # one thread, so that an odd row knows its number
                pacsv.ReadOptions(column_names=names, use_threads=False, block_size=self.block_bytes),
                pacsv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True,
                                   invalid_row_handler=set_aside, ignore_empty_lines=False),
                pacsv.ConvertOptions(column_types={n: pa.string() for n in names}, strings_can_be_null=False),
            )  # fmt: skip
        except pa.ArrowInvalid as error:
            if "Empty CSV" not in str(error):
                raise self._refused(error) from error
            table = pa.table({n: pa.array([], pa.string()) for n in names})
        columns = [_whole(c, self.file) for c in table.columns]
        numbers = np.setdiff1d(np.arange(table.num_rows + len(odd)), [n for n, _ in odd])
        swallowed = self._swallowed(columns)
        for at in swallowed:  # an unclosed quotation mark ate the rows after it
            text = self.delimiter.join(c[int(at)].as_py() for c in columns)
            odd.append((int(numbers[at]), text))
        if not odd:
            return columns, numbers + self.first_row
        keep = np.ones(len(numbers), dtype=bool)
        keep[swallowed] = False
        return self._with_odd(
            [c.filter(pa.array(keep)) for c in columns], numbers[keep], sorted(odd)
        )

    def _refused(self, error: Exception) -> InputError:
        reason = str(error).split("\n", 1)[0]
        if "straddl" in reason:
            reason = (
                f"a row is longer than {self.block_bytes >> 20} MB; is a quotation mark not closed?"
            )
        return InputError(f"not a readable table: {reason}", file=self.file)

    def _swallowed(self, columns: list[pa.Array]) -> np.ndarray:
        """Positions of rows with a cell that holds whole rows of its own."""
        other = rf"[^\n{self.delimiter}]*"
        row = rf"\n({other}[{self.delimiter}]){{{self.width - 1}}}{other}\n"
        swallowed_rows: set[int] = set()
        for column in columns:
            lines = np.flatnonzero(pc.match_substring(column, "\n").to_numpy(zero_copy_only=False))
            if len(lines) and self.width > 3:
                cells = column.take(pa.array(lines))
                hit = pc.match_substring_regex(cells, row).to_numpy(zero_copy_only=False)
                swallowed_rows |= set(lines[hit].tolist())
        return np.array(sorted(swallowed_rows), dtype=np.int64)

    def _with_odd(
        self, columns: list[pa.Array], numbers: np.ndarray, odd: list[tuple[int, str]]
    ) -> tuple[list[pa.Array], np.ndarray]:
        """Odd records line by line: certain rows join the others, the rest is broken."""
        shift = np.zeros(int(max(numbers.max(initial=0), odd[-1][0])) + 2, dtype=np.int64)
        repaired_rows: list[list[str]] = []
        at: list[int] = []
        extra = 0
        for number, text in odd:
            lines = text.splitlines() or [""]
            for k, line in enumerate(lines):
                row = number + extra + k + self.first_row
                if not line.strip(f'{self.delimiter} \t"'):
                    continue
                cells = self._cells(line)
                if cells is None:
                    self.broken.append((row, line))
                    continue
                if len(next(csv.reader([line], delimiter=self.delimiter), [])) != self.width:
                    self.padded.append(row)
                repaired_rows.append(cells)
                at.append(row)
            shift[number + 1] += len(lines) - 1
            extra += len(lines) - 1
        rows = numbers + np.cumsum(shift)[numbers] + self.first_row
        if repaired_rows:
            columns = [
                pa.concat_arrays([c, pa.array([m[k] for m in repaired_rows], pa.string())])
                for k, c in enumerate(columns)
            ]
            rows = np.concatenate([rows, at])
        order = np.argsort(rows, kind="stable")
        return [c.take(pa.array(order)) for c in columns], rows[order]

    def _cells(self, line: str) -> list[str] | None:
        """The cells of a line with too many, if those beyond the header are all empty."""
        try:
            cells = next(csv.reader([line], delimiter=self.delimiter, strict=True), [])
        except csv.Error:
            return None
        if len(cells) < self.width or any(c.strip() for c in cells[self.width :]):
            return None
        return cells[: self.width]


def _whole(column: pa.ChunkedArray, file: str) -> pa.Array:
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        raise InputError(
            "a column holds more than 2 GB of text; hand the file in in parts", file=file
        )
    return whole
