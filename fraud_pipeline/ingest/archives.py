"""Workbooks measured before they are opened: what they really unpack to, and how far they reach.

.xlsx and .xlsm are measured here, the parts of .xlsb and .ods in modules of their own.

The sizes that an archive states are the sender's word. Everything is inflated once in small
pieces and counted, so that a bomb costs a second, not the machine; nothing is written anywhere,
whatever the names in the archive say, and links to other files are noted, never followed.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from fraud_pipeline.core.torn_archives import TORN
from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest.binarybooks import SharedTexts, measure_binary_sheet
from fraud_pipeline.ingest.opendocument import measure_ods

_BYTES_A_CELL = 40  # of XML, on the way from an archive to a table
_TEXT_BYTES = 2 << 30  # that all cells of a workbook may hold together
_PIECE = 1 << 20
_ENTRIES = 10_000
# A row and a cell name their own place; repetitions are bounded, so no text makes them slow.
_ROW = re.compile(rb"<(?:\w{1,9}:)?row\b[^>]{0,300}?\br=[\"'](\d{1,9})[\"']")
_CELL = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,9})[\"']")
_SHARED = re.compile(rb"\bt=[\"']s[\"'][^>]{0,300}>\s{0,9}<(?:\w{1,9}:)?v>\s{0,9}(\d{1,9})")
_XML_BOOK, _BINARY_BOOK, _OPEN_DOCUMENT = "xl/workbook.xml", "xl/workbook.bin", "content.xml"
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"  # .xls, and every workbook with a password


def measure(data: bytes, name: str, max_cells: int) -> tuple[str, ...]:
    """Remarks about an .xlsx, .xlsm, .xlsb or .ods that may be opened.

    Raises InputError for what is none, or unpacks to more than a spreadsheet can sensibly be.
    """
    if data.startswith(_COMPOUND_FILE):
        raise InputError(
            "the workbook has a password or is an old .xls under another name", file=name
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
        return _measured(data, entries, name, max_cells)
    except TORN as error:
        raise InputError("not a readable workbook", file=name) from error


def _measured(
    data: bytes, entries: list[zipfile.ZipInfo], name: str, max_cells: int
) -> tuple[str, ...]:
    names = {e.filename.lower() for e in entries}
    if len(entries) > _ENTRIES or sum(e.file_size for e in entries) > _BYTES_A_CELL * max_cells:
        raise InputError("the workbook unpacks to more than can be read", file=name)
    kinds = names & {_XML_BOOK, _BINARY_BOOK, _OPEN_DOCUMENT}
    if len(kinds) != 1:
        raise InputError("not a workbook (.xlsx, .xlsm, .xlsb or .ods); save it as one", file=name)
    if _XML_BOOK not in kinds:
        _unpacked_size(data, entries, name, max_cells)
        measure_other = _measure_binary if _BINARY_BOOK in kinds else _measure_open_document
        measure_other(data, entries, name, max_cells)
        return _remarks(names)
    left = _BYTES_A_CELL * max_cells
    longest, n_shared = 0, 0
    for entry in entries:
        parts = _Parts(strings=entry.filename.lower().endswith("sharedstrings.xml"))
        for piece in inflated(data, entry):
            left -= len(piece)
            if left < 0:
                raise InputError("the workbook unpacks to more than can be read", file=name)
            parts.take(piece)
        if parts.rows * parts.columns > max_cells:
            reach = f"a sheet reaches to row {parts.rows}, column {parts.columns}: too many cells"
            raise InputError(reach, file=name)
        longest, n_shared = max(longest, parts.longest), n_shared + parts.n_shared
    if longest * n_shared > _TEXT_BYTES and _shared_text(data, entries) > _TEXT_BYTES:
        raise InputError("the cells hold more text than can be read", file=name)
    return _remarks(names)


def _remarks(names: set[str]) -> tuple[str, ...]:
    remarks = []
    if any(n.startswith("xl/externallinks/") for n in names):
        remarks.append("cells link to other files; the values last seen were read")
    if any(n.endswith("vbaproject.bin") or n.startswith("basic/") for n in names):
        remarks.append("the workbook has macros; none was run")
    return tuple(remarks)


def _unpacked_size(data: bytes, entries: list[zipfile.ZipInfo], name: str, max_cells: int) -> None:
    left = _BYTES_A_CELL * max_cells
    for entry in entries:
        for piece in inflated(data, entry):
            left -= len(piece)
            if left < 0:
                raise InputError("the workbook unpacks to more than can be read", file=name)


def _measure_open_document(
    data: bytes, entries: list[zipfile.ZipInfo], name: str, max_cells: int
) -> None:
    content = next(e for e in entries if e.filename.lower() == _OPEN_DOCUMENT)
    measure_ods(inflated(data, content), name, max_cells, _TEXT_BYTES)


def _measure_binary(data: bytes, entries: list[zipfile.ZipInfo], name: str, max_cells: int) -> None:
    parts = {e.filename.lower(): e for e in entries if e.filename.lower().endswith(".bin")}
    shared = parts.get("xl/sharedstrings.bin")
    texts = SharedTexts(b"".join(inflated(data, shared)) if shared else b"")
    for part, entry in parts.items():
        if part.startswith("xl/worksheets/"):
            sheet = b"".join(inflated(data, entry))
            measure_binary_sheet(sheet, name, max_cells, texts)
    if texts.total > _TEXT_BYTES:
        raise InputError("the cells hold more text than can be read", file=name)


def inflated(data: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The real content of an entry in pieces, whatever size its header states."""
    at = entry.header_offset
    name_length, extra_length = struct.unpack_from("<HH", data, at + 26)
    start = at + 30 + name_length + extra_length
    packed = memoryview(data)[start : start + entry.compress_size]
    if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile("packed in a way that workbooks are not")
    if entry.compress_type == zipfile.ZIP_STORED:
        for k in range(0, len(packed), _PIECE):
            yield bytes(packed[k : k + _PIECE])
        return
    unpack = zlib.decompressobj(-15)
    for k in range(0, len(packed), _PIECE):
        waiting = bytes(packed[k : k + _PIECE])
        while waiting:
            yield unpack.decompress(waiting, _PIECE)
            waiting = unpack.unconsumed_tail
    yield unpack.flush(_PIECE)


class _Parts:
    """What one part of a workbook holds, seen piece by piece."""

    def __init__(self, strings: bool):
        self.strings = strings
        self.rows, self.columns, self.longest, self.n_shared = 1, 26, 0, 0
        self._tail = b""
        self._open = 0  # bytes of the string that is not closed yet

    def take(self, piece: bytes) -> None:
        if self.strings:
            *closed, rest = piece.split(b"</si>")
            for text in closed:
                self.longest, self._open = max(self.longest, self._open + len(text)), 0
            self._open += len(rest)
            self.longest = max(self.longest, self._open)
            return
        text = self._tail + piece
        self.rows = max([self.rows, *map(int, _ROW.findall(text))])
        cells = _CELL.findall(text)
        self.rows = max([self.rows, *(int(row) for _, row in cells)])
        self.columns = max([self.columns, *map(column_number, {column for column, _ in cells})])
        self.n_shared += piece.count(b't="s"') + piece.count(b"t='s'")
        self._tail = text[-400:]


def _shared_text(data: bytes, entries: list[zipfile.ZipInfo]) -> int:
    """How many bytes of shared strings all cells hold together, counted one by one."""
    lengths: list[int] = []
    for entry in entries:
        if entry.filename.lower().endswith("sharedstrings.xml"):
            lengths = [len(t) for t in b"".join(inflated(data, entry)).split(b"</si>")]
    total = 0
    for entry in entries:
        tail = b""
        for piece in inflated(data, entry):
            text = tail + piece
            last = 0
            for match in _SHARED.finditer(text):
                at, last = int(match[1]), match.end()
                total += lengths[at] if at < len(lengths) else 0
            if total > _TEXT_BYTES:
                return total
            tail = text[max(last, len(text) - 100) :]
    return total


def column_number(letters: bytes) -> int:
    """A -> 1, AA -> 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
