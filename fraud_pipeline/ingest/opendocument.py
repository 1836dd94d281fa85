"""OpenDocument spreadsheets (.ods) looked through before they are opened.

A cell and a row state how often they repeat, so that one line of XML can stand for a thousand
million cells. Their real reach is counted here first; what only pads a sheet at its end is not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.parsers import expat

from fraud_pipeline.errors import InputError

_ROW, _CELLS = "table:table-row", ("table:table-cell", "table:covered-table-cell")
_FILLED = ("office:value-type", "office:value", "table:formula", "calcext:value-type")
_REPEATED_ROWS, _REPEATED_COLUMNS = "table:number-rows-repeated", "table:number-columns-repeated"
_MOST = 1 << 31  # of one repetition


class UnsafeError(ValueError):
    """The document states more than a spreadsheet can sensibly hold; the text says what."""


class _Sheet:
    """The reach of one sheet: rows down to the last filled one, columns to the last filled cell."""

    def __init__(self) -> None:
        self.rows = 0
        self.columns = 0
        self.text = 0  # bytes of all cells, repetitions counted
        self._waiting = 0  # empty rows that count once a filled one follows

    def add(self, repeated: int, columns: int, text: int) -> None:
        if not columns:
            self._waiting += repeated
            return
        self.rows += self._waiting + repeated
        self._waiting = 0
        self.columns = max(self.columns, columns)
        self.text += text * repeated


class _Reader:
    """Handlers of the XML parser; names are compared as they are written, as the opener does."""

    def __init__(self, max_cells: int, max_text: int):
        self._max_cells, self._max_text = max_cells, max_text
        self._sheet = _Sheet()
        self._cells, self._text = 0, 0  # of the sheets that are done
        self._rows_repeated, self._width, self._filled_width, self._row_text = 1, 0, 0, 0
        self._columns_repeated, self._filled, self._cell_text = 1, False, 0
        self._in_cell = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "table:table" and not self._in_cell:
            self._close_sheet()
        elif name == _ROW:
            self._rows_repeated = _times(attributes.get(_REPEATED_ROWS))
            self._width, self._filled_width, self._row_text = 0, 0, 0
        elif name in _CELLS:
            self._in_cell += 1
            self._columns_repeated = _times(attributes.get(_REPEATED_COLUMNS))
            self._filled = any(a in attributes for a in _FILLED)
            self._cell_text = sum(len(v) for v in attributes.values()) if self._filled else 0

    def text(self, data: str) -> None:
        if self._in_cell and data.strip():
            self._filled = True
            self._cell_text += len(data.encode("utf-8", "replace"))

    def end(self, name: str) -> None:
        if name in _CELLS:
            self._in_cell -= 1
            self._width += self._columns_repeated
            if self._filled:
                self._filled_width = self._width
                self._row_text += self._cell_text * self._columns_repeated
        elif name == _ROW:
            self._sheet.add(self._rows_repeated, self._filled_width, self._row_text)
            self._check()
        elif name == "office:body":
            self._close_sheet()

    def _close_sheet(self) -> None:
        self._cells += self._sheet.rows * self._sheet.columns
        self._text += self._sheet.text
        self._sheet = _Sheet()

    def _check(self) -> None:
        sheet = self._sheet
        if self._cells + sheet.rows * sheet.columns > self._max_cells:
            reach = f"a sheet reaches to row {sheet.rows}, column {sheet.columns}: too many cells"
            raise UnsafeError(reach)
        if self._text + sheet.text > self._max_text:
            raise UnsafeError("the cells hold more text than can be read")


def _times(stated: str | None) -> int:
    times = int(stated) if stated else 1
    if not 0 <= times < _MOST:
        raise UnsafeError("a cell states more repetitions than its format can hold")
    return times


def _no_document_type(*_: object) -> None:
    raise UnsafeError("the document declares entities of its own")


def measure_ods(pieces: Iterable[bytes], name: str, max_cells: int, max_text: int) -> None:
    """Reads ``content.xml`` in ``pieces``. Raises InputError for what must not be opened."""
    reader = _Reader(max_cells, max_text)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _no_document_type
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except UnsafeError as error:
        raise InputError(str(error), file=name) from None
    except (expat.ExpatError, ValueError) as error:
        raise InputError(
            "not a readable workbook (one with a password cannot be read)", file=name
        ) from error
