"""Which encoding a text file is in, by its mark, its zeros and what its bytes can be."""

from __future__ import annotations

import codecs

import numpy as np

from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest import code_pages

_DAMAGED_SHARE = 0.02  # of the characters beyond ASCII: more, and it was another encoding
_ZERO_SHARE = 0.05  # plain letters and separators have a zero byte each in UTF-16
_ALONE_SHARE = 0.2
_PIECE = 1 << 22


def as_utf8(data: bytes, name: str) -> tuple[bytes, str]:
    """The bytes as UTF-8 without mark, and the encoding they were in.

    UTF-8 and UTF-16 by their mark, UTF-8 if valid, UTF-16 by the zeros of its plain letters; where
    letters beyond ASCII stand alone, the code page whose alphabet they are; Korean, Japanese and
    Big5 by their usual characters, else GB18030, else the code page of another script. A file with
    a few damaged characters stays what it was: they become U+FFFD, and the cells they stand in are
    quarantined.

    Raises InputError when it is none of these.
    """
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    wide = _utf16(data) if data else None
    if wide is not None:
        return data.decode(wide, "replace").encode(), "utf-16"
    if _valid(data, "utf-8"):
        return data, "utf-8"
    high = np.frombuffer(data, dtype=np.uint8) >= 0x80
    repaired = data.decode("utf-8", "replace")
    if repaired.count("\ufffd") <= _DAMAGED_SHARE * high.sum() / 3:
        return repaired.encode(), "damaged utf-8"
    sample = code_pages.sample_of(data)
    alone = _mostly_alone(high)
    page = (code_pages.latin(sample) if alone else None) or code_pages.east_asian(sample)
    if page is None and alone and _valid(data, "cp1252"):
        page = "cp1252"
    if page is not None:
        return data.decode(page, "replace").encode(), page
    chinese = data.decode("gb18030", "replace")
    damaged = chinese.count("\ufffd")
    if damaged <= _DAMAGED_SHARE * high.sum() / 2:
        return chinese.encode(), "damaged gb18030" if damaged else "gb18030"
    script = code_pages.of_script(sample)
    if script is not None:
        return data.decode(script, "replace").encode(), script
    raise InputError(
        "neither UTF-8 nor another encoding that is known; save it as UTF-8", file=name
    )


def _utf16(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = np.frombuffer(data[: 1 << 12], dtype=np.uint8)
    zeros = start == 0
    first, second = zeros[::2].sum(), zeros[1::2].sum()
    if zeros.sum() < _ZERO_SHARE * len(start) or min(first, second) > 0.05 * zeros.sum():
        return None
    return "utf-16-be" if first > second else "utf-16-le"


def _mostly_alone(high: np.ndarray) -> bool:
    """Accents stand alone between plain letters; Chinese characters are two bytes or more."""
    alone = high.copy()
    alone[1:] &= ~high[:-1]
    alone[:-1] &= ~high[1:]
    return bool(alone.sum() > _ALONE_SHARE * high.sum())


def _valid(data: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for k in range(0, len(data), _PIECE):
            decoder.decode(data[k : k + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
