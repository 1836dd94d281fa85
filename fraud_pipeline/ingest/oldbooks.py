"""Old .xls workbooks looked through before they are opened.

The reader is compiled and reserves what a file says it needs; a file that says it has four
thousand million rows would end the whole program, not one call. So the compound file
([MS-CFB]) and the records in it ([MS-XLS]) are walked here first, in bounds.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from fraud_pipeline.errors import InputError

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_SECTOR = 0xFFFFFFFA  # numbers from here on are marks, not sectors
_ROWS, _COLUMNS = 65_536, 256  # of a sheet of that time
_DIMENSIONS, _SHARED_STRINGS = 0x0200, 0x00FC
_SEVERAL = frozenset({0x00BD, 0x00BE})  # MulRk, MulBlank
# Formula, MulRk, MulBlank, RString, LabelSst, Blank, Number, Label, BoolErr, RK
_CELLS = _SEVERAL | {0x0006, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E}
Sectors = npt.NDArray[np.uint32]


def measure_old(data: bytes, name: str) -> None:
    """Raises InputError for an .xls that is torn, or states more than its format can hold."""
    try:
        for kind, body in _records(_stream(data)):
            if kind == _DIMENSIONS and not _dimensions_fit(body):
                raise InputError("a sheet states more rows than its format can hold", file=name)
            if kind in _CELLS and _last_column(kind, body) >= _COLUMNS:
                raise InputError("a cell stands beyond the last column of its format", file=name)
            if kind == _SHARED_STRINGS and struct.unpack_from("<I", body, 4)[0] > len(data):
                raise InputError("not a readable workbook", file=name)
    except (struct.error, ValueError, IndexError, OverflowError) as error:
        raise InputError("not a readable workbook", file=name) from error


def _last_column(kind: int, body: bytes) -> int:
    """The column of a cell's record, or the last one of a record of several cells."""
    first = int(struct.unpack_from("<H", body, 2)[0])
    return (
        max(first, int(struct.unpack_from("<H", body, len(body) - 2)[0]))
        if kind in _SEVERAL
        else first
    )


def _dimensions_fit(body: bytes) -> bool:
    form = "<IIHH" if len(body) >= 14 else "<HHHH"
    first_row, last_row, first_column, last_column = struct.unpack_from(form, body)
    rows_fit = last_row == 0 or first_row <= last_row <= _ROWS
    return bool(rows_fit and (last_column == 0 or first_column <= last_column <= _COLUMNS))


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _stream(data: bytes) -> bytes:
    """The workbook's stream. ValueError for a compound file that contradicts itself."""
    if not data.startswith(_MAGIC) or len(data) < 512:
        raise ValueError("no compound file")
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    n_fat, folder, _, _, mini_fat, n_mini, more, n_more = struct.unpack_from("<8I", data, 44)
    size = 1 << shift
    max_sectors = len(data) // 512 + 1
    if shift not in (9, 12) or mini_shift != 6 or max(n_fat, n_mini, n_more) > max_sectors:
        raise ValueError("sizes out of bounds")
    fat = _table(data, size, _fat_sectors(data, size, n_fat, more, max_sectors))
    entries = _entries(_chain(data, size, fat, folder))
    root = entries["Root Entry"]
    streams = [entries[n] for n in ("Workbook", "WORKBOOK", "Book", "BOOK") if n in entries]
    if not streams:
        raise ValueError("no workbook in it")
    start, length = streams[0]
    if length > len(data) or root[1] > len(data):
        raise ValueError("a stream larger than its file")
    if length >= 4096:
        return _chain(data, size, fat, start)[:length]
    minis = np.frombuffer(_chain(data, size, fat, mini_fat), dtype="<u4")
    inside = _chain(data, size, fat, root[0])
    return b"".join(inside[64 * k : 64 * k + 64] for k in _follow(minis, start))[:length]


def _fat_sectors(data: bytes, size: int, n_fat: int, more: int, max_sectors: int) -> list[int]:
    sectors = list(struct.unpack_from("<109I", data, 76))
    for _ in range(max_sectors):
        if more >= _LAST_SECTOR:
            break
        page = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        sectors, more = [*sectors, *page[:-1]], page[-1]
    return [s for s in sectors if s < _LAST_SECTOR][:n_fat]


def _table(data: bytes, size: int, sectors: list[int]) -> Sectors:
    pages = [data[(s + 1) * size : (s + 2) * size].ljust(size, b"\xff") for s in sectors]
    return np.frombuffer(b"".join(pages), dtype="<u4")


def _follow(table: Sectors, start: int) -> list[int]:
    """The numbers of a chain; ValueError for one that bites its own tail."""
    sectors = []
    while start < _LAST_SECTOR:
        sectors.append(start)
        if len(sectors) > len(table):
            raise ValueError("a chain without end")
        start = int(table[start])
    return sectors


def _chain(data: bytes, size: int, fat: Sectors, start: int) -> bytes:
    return b"".join(data[(s + 1) * size : (s + 2) * size] for s in _follow(fat, start))


def _entries(folder: bytes) -> dict[str, tuple[int, int]]:
    """Name -> (first sector, bytes) of the streams; the first of a name counts."""
    entries: dict[str, tuple[int, int]] = {}
    for at in range(0, len(folder) - 127, 128):
        length = min(64, struct.unpack_from("<H", folder, at + 64)[0])
        name = folder[at : at + max(0, length - 2)].decode("utf-16-le", "replace")
        start, size = struct.unpack_from("<IQ", folder, at + 116)
        if folder[at + 66]:
            entries.setdefault(name, (start, size & 0xFFFFFFFF))
    if "Root Entry" not in entries:
        raise ValueError("no root")
    return entries
