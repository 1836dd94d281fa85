"""DuckDB over Arrow tables, sealed: no file, no network, no extension download.

Every query ends in ORDER BY, or what reads it does: DuckDB runs on several threads and row
order is otherwise not the same twice. Sums that must agree to the byte are over integers
or decimals, never floats.
"""

from __future__ import annotations

import atexit
import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa

from fraud_pipeline.core.statements import Reads, reads_of

_SEALED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
# Opening a database costs more than most questions asked of it, so they are used again; each is
# held by one query at a time, and two threads never share one. Small questions have connections
# of one thread: handing out the work costs more than it saves, and several are asked at a time.
_idle: tuple[deque[_Open], deque[_Open]] = (deque(), deque())  # of all threads, of one
_single_threaded: ContextVar[bool] = ContextVar("single_threaded", default=False)
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
        # of a long question it would stand on standard output, among a command's JSON
        self.connection.execute("SET enable_progress_bar = false")
        self._registered: dict[str, tuple[pa.Table, frozenset[str]]] = {}

    def name(self, statement: str, tables: Mapping[str, pa.Table]) -> None:
        """Those of ``tables`` that the statement reads are known by their key, with the columns it
        may read and those asked for before; no other name that it reads is known."""
        reads = _reads(statement)
        self._forget([n for n, (table, _) in self._registered.items()
                      if (n in tables or reads.reads_table(n)) and tables.get(n) is not table])  # fmt: skip
        for name, table in tables.items():
            if not reads.reads_table(name):
                continue
            columns = columns_read(statement, name, tuple(table.column_names))
            known = self._registered[name][1] if name in self._registered else frozenset()
            if name not in self._registered or not known.issuperset(columns):
                columns = tuple(c for c in table.column_names if c in known or c in columns)
                self._forget([name] if name in self._registered else [])
                self.connection.register(name, table.select(columns))
                self._registered[name] = (table, frozenset(columns))

    def answer(
        self, statement: str, parameters: Sequence[Any] | Mapping[str, Any], small: bool
    ) -> pa.Table:
        """A small question is executed at once: asked as a relation it is bound twice, which costs
        more than a further copy of a few rows."""
        bound = parameters or None
        if small:
            return self.connection.execute(statement, bound).to_arrow_table()
        return self.connection.sql(statement, params=bound).to_arrow_table()

    def drop_large(self) -> None:
        """Unregisters large tables, which would otherwise fill memory until the next query."""
        self._forget([n for n, (table, _) in self._registered.items() if table.num_rows > _SMALL])

    def _forget(self, names: list[str]) -> None:
        for name in names:
            self.connection.unregister(name)
            del self._registered[name]


@atexit.register
def _close_idle() -> None:
    """Closes the connections kept for reuse, so that DuckDB reports nothing when a process ends."""
    for idle in _idle:
        while idle:
            idle.pop().connection.close()


@lru_cache(maxsize=2048)
def _reads(statement: str) -> Reads:
    """What the statement may read; parsed once, because the same ones are asked again and again."""
    opened = _free(_idle[True], True)
    try:
        answer = opened.connection.execute("SELECT json_serialize_sql($1::VARCHAR)", [statement])
        return reads_of(str(answer.fetchall()[0][0]))
    finally:
        _idle[True].append(opened)


@lru_cache(maxsize=4096)
def columns_read(statement: str, table: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the ``columns`` of ``table`` that the statement may read, in order."""
    return _reads(statement).columns_of(table, columns)


def query(
    statement: str,
    tables: Mapping[str, pa.Table],
    parameters: Sequence[Any] | Mapping[str, Any] = (),
) -> pa.Table:
    """The result of one SELECT over ``tables``, addressed by their keys.

    Tables that the statement does not read cost nothing; what counts as small is by those it reads.

    Shapes: whatever the statement says; types are DuckDB's Arrow types, so cast
    with a schema's ``conform`` before handing the result on.
    """
    reads = _reads(statement)
    small = sum(t.num_rows for name, t in tables.items() if reads.reads_table(name)) <= _SMALL
    one_thread = small or _single_threaded.get()
    idle = _idle[one_thread]
    opened = _free(idle, one_thread)
    try:
        opened.name(statement, tables)
        return opened.answer(statement, parameters, small)
    finally:
        opened.drop_large()
        idle.append(opened)


def unblanked(column: str) -> str:
    """SQL: the text without blanks, tabs and ends of lines and pages.

    As ``regexp_replace(column, '\\s', '', 'g')`` would give it, which looks at each letter in turn.
    """
    for blank in (" ", "\t", "\n", "\f", "\r"):
        column = f"replace({column}, chr({ord(blank)}), '')"
    return column


@contextmanager
def single_threaded() -> Iterator[None]:
    """Large questions of this thread keep to one thread too, as other work keeps the processors busy.

    What several threads of one question hand each other is work that would not be there.
    """
    before = _single_threaded.set(True)
    try:
        yield
    finally:
        _single_threaded.reset(before)


def _free(idle: deque[_Open], one_thread: bool) -> _Open:
    try:
        return idle.pop()
    except IndexError:
        return _Open(one_thread)
