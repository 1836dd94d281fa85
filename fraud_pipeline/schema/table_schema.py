"""Column kinds and table schemas: the one description of every table that crosses a seam.

The seam type is :class:`pyarrow.Table`: immutable, so a step cannot change its
input, and read without copying by DuckDB, pandas, LightGBM and Parquet alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import pyarrow as pa

from fraud_pipeline.core.money import MONEY
from fraud_pipeline.core.time_zone import TIME_ZONE
from fraud_pipeline.errors import IntegrityError


class Kind(Enum):
    """What a column holds, and the one Arrow type that carries it."""

    ID = "id"  # identifiers are text, always, even when they look like numbers
    CODE = "code"  # one of a closed list, e.g. a service type
    TEXT = "text"
    MONEY = "money"  # yuan, exact, two decimals
    NUMBER = "number"
    COUNT = "count"
    SHARE = "share"  # a number in [0, 1]
    DATE = "date"
    INSTANT = "instant"  # with time zone; Asia/Shanghai where a source gives none
    FLAG = "flag"

    @property
    def arrow(self) -> pa.DataType:
        return _ARROW[self]


_ARROW = {
    Kind.ID: pa.string(),
    Kind.CODE: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.MONEY: MONEY,
    Kind.NUMBER: pa.float64(),
    Kind.COUNT: pa.int64(),
    Kind.SHARE: pa.float64(),
    Kind.DATE: pa.date32(),
    Kind.INSTANT: pa.timestamp("us", tz=TIME_ZONE),
    Kind.FLAG: pa.bool_(),
}


@dataclass(frozen=True)
class Column:
    """One column: canonical name, kind, whether it must be there, its Chinese header."""

    name: str
    kind: Kind
    required: bool = False
    zh: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableSchema:
    """A table: its columns in order, the columns that make a row unique, its Chinese name."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    zh: str = ""
    known_on: str | None = None  # the date on which a row became known, for as-of cuts

    @cached_property
    def arrow(self) -> pa.Schema:
        return pa.schema([(c.name, c.kind.arrow) for c in self.columns])

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    @cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns if c.required)

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    def empty(self) -> pa.Table:
        return self.arrow.empty_table()

    def conform(self, table: pa.Table) -> pa.Table:
        """``table`` with exactly these columns, in this order and of these types.

        Absent columns are filled with null. Raises IntegrityError when a column
        cannot be cast without loss.
        """
        if table.schema.equals(self.arrow, check_metadata=True):
            return table
        arrays = []
        for field in self.arrow:
            if field.name not in table.column_names:
                arrays.append(pa.nulls(table.num_rows, field.type))
                continue
            try:
                arrays.append(table[field.name].cast(field.type))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise IntegrityError(
                    f"table {self.name}, column {field.name}: {str(error).splitlines()[0]}"
                ) from error
        return pa.table(arrays, schema=self.arrow)
