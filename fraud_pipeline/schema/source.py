"""A source as it was found: bytes of a file, or a table of a database."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Source:
    """One file or database table; exactly one of ``data`` and ``frame`` is there.

    ``stem`` is the name without folder and suffix, by which tables are recognised.
    """

    name: str
    stem: str
    suffix: str  # .csv .tsv .xlsx .xlsm .xlsb .ods .xls .parquet, or "" for a database table
    sha256: str
    data: bytes | None = None
    frame: pa.Table | None = None
