"""Erased personal data: what stands in its place, and how it is replaced in texts and columns.

Each value gets one tombstone, ``ERASED-<number of the erasure>-<number of the value>``: whoever
shared the value still shares the tombstone, so that ties, rings and verdicts stay as they were.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_TOMBSTONE = re.compile(r"ERASED-\d+-\d+")


def is_tombstone(text: str) -> bool:
    """
    >>> is_tombstone("ERASED-1-2"), is_tombstone("13812341234")
    (True, False)
    """
    return _TOMBSTONE.fullmatch(text) is not None


@dataclass(frozen=True)
class Redaction:
    """The values of one erasure, and longer texts that hold one of them and belong to others.

    A number or Latin word is replaced only as a whole, never inside a longer one; a Chinese name
    is replaced wherever it stands, except inside the texts of ``others`` (张伟 inside 张伟明).

    >>> Redaction(1, ("张伟",), ("张伟明",)).replace("张伟和张伟明")
    'ERASED-1-1和张伟明'
    """

    number: int
    values: tuple[str, ...]
    others: tuple[str, ...] = ()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        texts = sorted({*self.values, *self.others}, key=len, reverse=True)
        return re.compile("|".join(_whole(text) for text in texts) or "(?!)")

    @cached_property
    def _tombstones(self) -> dict[str, str]:
        return {value: f"ERASED-{self.number}-{at}" for at, value in enumerate(self.values, 1)}

    def replace(self, text: str) -> str:
        """``text`` with every value replaced by its tombstone."""
        return self._pattern.sub(lambda match: self._tombstones.get(match[0], match[0]), text)

    def in_table(self, table: pa.Table) -> tuple[pa.Table, int]:
        """The table with the values replaced in its text columns, and how many cells that changed."""
        n_cells = 0
        for at, field in enumerate(table.schema if self.values else ()):
            if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
                column, n_changed = self._in_column(table.column(at))
                if n_changed:
                    table, n_cells = table.set_column(at, field, column), n_cells + n_changed
        return table, n_cells

    def _in_column(self, column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, int]:
        holds = reduce(pc.or_, (pc.match_substring(column, value) for value in self.values))
        rows = np.flatnonzero(pc.fill_null(holds, False).to_numpy())
        before = column.take(pa.array(rows)).to_pylist()
        after = [self.replace(text) for text in before]
        n_changed = sum(new != old for new, old in zip(after, before, strict=True))
        if not n_changed:
            return column, 0
        values = column.to_pylist()
        for row, text in zip(rows, after, strict=True):
            values[row] = text
        return pa.chunked_array([pa.array(values, column.type)]), n_changed


def _whole(text: str) -> str:
    """A pattern that does not match inside a longer number or Latin word."""
    before = r"(?<![0-9A-Za-z])" if text[:1].isascii() and text[:1].isalnum() else ""
    after = r"(?![0-9A-Za-z])" if text[-1:].isascii() and text[-1:].isalnum() else ""
    return f"{before}{re.escape(text)}{after}"
