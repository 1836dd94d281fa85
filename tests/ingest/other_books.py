"""Small .ods, .xlsb and .xlsm workbooks, written by hand from the formats' documents."""

import struct
import zipfile
from xml.sax.saxutils import escape

import xlsxwriter

_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet>"
)
_ODS_FOOT = "</office:spreadsheet></office:body></office:document-content>"
# What LibreOffice writes after the data: a million empty rows of a thousand empty cells.
_PADDING = (
    '<table:table-row table:number-rows-repeated="1048574">'
    '<table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
)


def ods_cell(value, repeated=1):
    more = f' table:number-columns-repeated="{repeated}"' if repeated != 1 else ""
    if value is None:
        return f"<table:table-cell{more}/>"
    if isinstance(value, int | float):
        return (
            f'<table:table-cell{more} office:value-type="float" office:value="{value}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    if hasattr(value, "isoformat"):
        return (
            f'<table:table-cell{more} office:value-type="date" office:date-value="{value.isoformat()}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    return (
        f'<table:table-cell{more} office:value-type="string"><text:p>{escape(value)}</text:p>'
        "</table:table-cell>"
    )


def ods_row(cells):
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def write_ods(path, rows, title="claims", body=None, head=_ODS_HEAD):
    """``rows`` of values, or a ``body`` of XML rows as it stands."""
    written = body or "".join(ods_row([ods_cell(v) for v in row]) for row in rows) + _PADDING
    content = f'{head}<table:table table:name="{title}">{written}</table:table>{_ODS_FOOT}'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", content)
    return path


def write_xlsm(path, rows, title="claims"):
    plain = path.with_suffix(".plain")
    with xlsxwriter.Workbook(plain) as book:
        sheet = book.add_worksheet(title)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w") as archive:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == "[Content_Types].xml":
                data = data.replace(
                    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                )
            archive.writestr(entry.filename, data)
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 not read")
    return path


def _record(kind, body=b""):
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(body)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return head + size + body


def _text(value):
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def xlsb_sheet(rows, at=None):
    """Rows of strings and numbers; ``at`` maps a row's place to another row number."""
    body = _record(129) + _record(148, struct.pack("<4I", 0, len(rows), 0, 20)) + _record(145)
    for k, row in enumerate(rows):
        number = (at or {}).get(k, k)
        body += _record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0))
        for column, value in enumerate(row):
            place = struct.pack("<II", column, 0)
            if isinstance(value, str):
                body += _record(6, place + _text(value))
            elif value is not None:
                body += _record(5, place + struct.pack("<d", value))
    return body + _record(146) + _record(130)


def write_xlsb(path, sheet, title="claims"):
    book = _record(131) + _record(143)
    book += _record(156, struct.pack("<II", 0, 1) + _text("rId1") + _text(title))
    book += _record(144) + _record(157, b"\0" * 26) + _record(132)
    relations = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.bin"/></Relationships>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", relations)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return path
