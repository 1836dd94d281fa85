"""Binary workbooks (.xlsb, [MS-XLSB]) looked through before they are opened.

A row names its own number and a cell its own column, so that one record can stand in the last
corner of a sheet. The records are walked here first, in bounds.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from fraud_pipeline.errors import InputError

_ROW_HEADER, _SHARED_CELL, _SHARED_ITEM = 0, 7, 19
_CELLS = range(1, 12)  # BrtCellBlank to BrtFmlaError
_ROWS, _COLUMNS = 1 << 20, 1 << 14  # of a sheet of that format


class SharedTexts:
    """The lengths of the shared strings, and what all cells that name one hold together."""

    def __init__(self, part: bytes):
        self._lengths = [len(body) for kind, body in records(part) if kind == _SHARED_ITEM]
        self.total = 0

    def count_cell(self, number: int) -> None:
        if number < len(self._lengths):
            self.total += self._lengths[number]


def measure_binary_sheet(part: bytes, name: str, max_cells: int, texts: SharedTexts) -> None:
    """Raises InputError for a sheet that is torn or reaches further than can be read."""
    last_row, last_column, row = 0, 0, 0
    try:
        for kind, body in records(part):
            if kind == _ROW_HEADER:
                row = struct.unpack_from("<I", body)[0]
            elif kind in _CELLS:
                last_row = max(last_row, row + 1)
                last_column = max(last_column, struct.unpack_from("<I", body)[0] + 1)
                if kind == _SHARED_CELL:
                    texts.count_cell(struct.unpack_from("<I", body, 8)[0])
    except (struct.error, ValueError) as error:
        raise InputError("not a readable workbook", file=name) from error
    if last_row > _ROWS or last_column > _COLUMNS:
        raise InputError("a cell stands beyond the last row or column of its format", file=name)
    if last_row * last_column > max_cells:
        reach = f"a sheet reaches to row {last_row}, column {last_column}: too many cells"
        raise InputError(reach, file=name)


def records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and body of each record. ValueError for a record longer than its part."""
    at = 0
    while at < len(part):
        kind, at = _number(part, at, 2)
        length, at = _number(part, at, 4)
        if at + length > len(part):
            raise ValueError("a record longer than its part")
        yield kind, part[at : at + length]
        at += length


def _number(part: bytes, at: int, most: int) -> tuple[int, int]:
    """A number in bytes of seven bits each, and where it ends; kinds keep their high bits."""
    value = 0
    for k in range(most):
        if at >= len(part):
            raise ValueError("a record that is cut off")
        byte = part[at]
        at += 1
        value |= (byte & 0x7F) << (7 * k)
        if not byte & 0x80:
            break
    return value, at
