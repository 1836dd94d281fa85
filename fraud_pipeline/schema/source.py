"""A source as it was found: bytes of a file, or a table of a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pyarrow as pa

# (source, wanted names, foreign headers, most cells) -> grids: see fraud_pipeline.ingest.workbooks
WorkbookReader: TypeAlias = Callable[["Source", frozenset[str], frozenset[str], int], list[Any]]


@dataclass(frozen=True)
class Source:
    """One file or database table; exactly one of ``data`` and ``frame`` is there.

    ``stem`` is the name without folder and suffix, by which tables are recognised.
    ``workbook_reader`` reads it if it is a workbook; None = in this process.
    """

    name: str
    stem: str
    suffix: str  # .csv .tsv .xlsx .xlsm .xlsb .ods .xls .parquet .json .jsonl .ndjson, or "" for a database table
    sha256: str
    data: bytes | None = None
    frame: pa.Table | None = None
    workbook_reader: WorkbookReader | None = field(default=None, compare=False)
