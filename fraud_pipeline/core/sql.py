"""DuckDB over Arrow tables, sealed: no file, no network, no extension download.

Every query ends in ORDER BY, or what reads it does: DuckDB runs on several threads and row
order is otherwise not the same twice. Sums that must agree to the byte are over integers
or decimals, never floats.
"""

from __future__ import annotations

import re
import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa

_SEALED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
# Opening a database costs more than most questions asked of it, so they are used again; each is
# held by one query at a time, and two threads never share one. Small questions have connections
# of one thread: handing out the work costs more than it saves, and several are asked at a time.
_idle: tuple[deque[_Open], deque[_Open]] = (deque(), deque())  # of all threads, of one
_beside: ContextVar[bool] = ContextVar("beside", default=False)
# A star that is no product, COLUMNS, FROM without SELECT, and a join by all names in common;
# count(*) and EXISTS (FROM ...) read none.
_ALL_COLUMNS = re.compile(
    r"(?:select|distinct|,|\.|\(|all)\s*\*|columns\s*\(|natural|(?:^|[()]|all|as|union)\s*from\b"
    r"|pivot|summarize|describe|table\s"
)
_NO_COLUMNS = re.compile(r"--[^\n]*|count\s*\(\s*\*\s*\)|exists\s*\(\s*from\b")
warnings.filterwarnings("ignore", "Arrow output on a DB-API result", UserWarning)
_SMALL = 30_000  # rows; a table with more is let go of as soon as the question is answered


class _Open:
    """A connection and the tables it knows by name.

    Naming a table costs as much as a small question. Small ones therefore stay named: the next
    question is often about the same ones.
    """

    def __init__(self, one_thread: bool) -> None:
        alone = {"threads": "1"} if one_thread else {}
        self.connection = duckdb.connect(config=_SEALED | alone)
        self._named: dict[str, tuple[pa.Table, frozenset[str]]] = {}

    def name(self, statement: str, tables: Mapping[str, pa.Table]) -> None:
        """Each of ``tables`` is known by its key, with the columns the statement may read and those
        asked for before; no other name that stands in the statement is known."""
        self._forget([n for n, (table, _) in self._named.items()
                      if (n in tables or n in statement) and tables.get(n) is not table])  # fmt: skip
        for name, table in tables.items():
            read = read_by(statement, tuple(table.column_names))
            known = self._named[name][1] if name in self._named else frozenset()
            if name not in self._named or not known.issuperset(read):
                columns = [c for c in table.column_names if c in known or c in read]
                self._forget([name] if name in self._named else [])
                self.connection.register(name, table.select(columns))
                self._named[name] = (table, frozenset(columns))

    def answer(
        self, statement: str, parameters: Sequence[Any] | Mapping[str, Any], small: bool
    ) -> pa.Table:
        """A small question is executed at once: asked as a relation it is bound twice, which costs
        more than a further copy of a few rows."""
        given = parameters or None
        if small:
            return self.connection.execute(statement, given).to_arrow_table()
        return self.connection.sql(statement, params=given).to_arrow_table()

    def let_go(self) -> None:
        """Of what would fill memory until the next question."""
        self._forget([n for n, (table, _) in self._named.items() if table.num_rows > _SMALL])

    def _forget(self, names: list[str]) -> None:
        for name in names:
            self.connection.unregister(name)
            del self._named[name]


@lru_cache(maxsize=2048)
def read_by(statement: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Those of a table's ``columns`` that the statement may read, in order.

    Telling DuckDB of a column costs more than reading it from a small table, and the law has a
    hundred. A column is read by its name, or by a star, or by a FROM without SELECT: where there
    is one of those all columns stay.
    """
    text = statement.lower()
    if _ALL_COLUMNS.search(_NO_COLUMNS.sub("", text)):
        return columns
    return tuple(c for c in columns if c.lower() in text) or columns[:1]


def query(
    statement: str,
    tables: Mapping[str, pa.Table],
    parameters: Sequence[Any] | Mapping[str, Any] = (),
) -> pa.Table:
    """The result of one SELECT over ``tables``, addressed by their keys.

    Shapes: whatever the statement says; types are DuckDB's Arrow types, so cast
    with a schema's ``conform`` before handing the result on.
    """
    small = sum(table.num_rows for table in tables.values()) <= _SMALL
    one_thread = small or _beside.get()
    idle = _idle[one_thread]
    opened = _free(idle, one_thread)
    try:
        opened.name(statement, tables)
        return opened.answer(statement, parameters, small)
    finally:
        opened.let_go()
        idle.append(opened)


def unblanked(column: str) -> str:
    """SQL: the text without blanks, tabs and ends of lines and pages.

    As ``regexp_replace(column, '\\s', '', 'g')`` would give it, which looks at each letter in turn.
    """
    for blank in (" ", "\t", "\n", "\f", "\r"):
        column = f"replace({column}, chr({ord(blank)}), '')"
    return column


@contextmanager
def beside() -> Iterator[None]:
    """Large questions of this thread keep to one thread too, as other work keeps the processors busy.

    What several threads of one question hand each other is work that would not be there.
    """
    before = _beside.set(True)
    try:
        yield
    finally:
        _beside.reset(before)


def _free(idle: deque[_Open], one_thread: bool) -> _Open:
    try:
        return idle.pop()
    except IndexError:
        return _Open(one_thread)
