"""The smallest .xls that readers take: BIFF8 records in a compound file; for tests only.

[MS-XLS] 2.4.21 BOF, 2.4.28 BoundSheet8, 2.4.148 Label, 2.4.180 Number; [MS-CFB] 2.2 header.
"""

import struct

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _cell(row: int, column: int, value: object) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, int | float):
        return _record(0x0203, place + struct.pack("<d", float(value)))
    text = str(value)
    return _record(0x0204, place + struct.pack("<HB", len(text), 1) + text.encode("utf-16-le"))


def xls(sheet: str, rows: list[list[object]]) -> bytes:
    """A workbook of one sheet."""
    name = sheet.encode("utf-16-le")
    cells = b"".join(
        _cell(r, c, v) for r, row in enumerate(rows) for c, v in enumerate(row) if v is not None
    )
    width = max(map(len, rows))
    dimensions = _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    page = _bof(0x0010) + dimensions + cells + _record(0x000A, b"")
    start = len(_bof(5)) + 4 + 8 + len(name) + 4
    bound = _record(0x0085, struct.pack("<IBBBB", start, 0, 0, len(sheet), 1) + name)
    return _compound(_bof(5) + bound + _record(0x000A, b"") + page)


def _compound(stream: bytes) -> bytes:
    """One stream called Workbook in sectors of 512 bytes."""
    size = max(len(stream), 4096)  # smaller ones would go to the mini stream
    n = -(-size // 512)
    n_fat = 1
    while n_fat * 128 < n_fat + 1 + n:
        n_fat += 1
    fat = [_FAT] * n_fat + [_END] + [n_fat + 2 + k for k in range(n - 1)] + [_END]
    fat += [_FREE] * (n_fat * 128 - len(fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, n_fat, n_fat, 0, 4096, _END, 0, _END, 0
    )
    header += struct.pack("<109I", *range(n_fat), *[_FREE] * (109 - n_fat))
    return (
        header
        + struct.pack(f"<{len(fat)}I", *fat)
        + _folder(n_fat, size)
        + stream.ljust(n * 512, b"\0")
    )


def _folder(n_fat: int, size: int) -> bytes:
    def entry(name: str, kind: int, child: int, start: int, length: int) -> bytes:
        text = name.encode("utf-16-le").ljust(64, b"\0")
        body = struct.pack(
            "<HBBIII16xI16xIQ",
            2 * len(name) + 2 if name else 0,
            kind,
            1,
            _FREE,
            _FREE,
            child,
            0,
            start,
            length,
        )
        return text + body

    return (
        entry("Root Entry", 5, 1, _END, 0)
        + entry("Workbook", 2, _FREE, n_fat + 1, size)
        + entry("", 0, _FREE, 0, 0) * 2
    )
