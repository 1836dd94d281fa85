"""DuckDB over Arrow tables, sealed: no file, no network, no extension download.

Every query ends in ORDER BY, or what reads it does: DuckDB runs on several threads and row
order is otherwise not the same twice. Sums that must agree to the byte are over integers
or decimals, never floats.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

_SEALED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
# Opening a database costs more than most questions asked of it, so they are used again; each is
# held by one query at a time, and two threads never share one.
_idle: deque[duckdb.DuckDBPyConnection] = deque()


def query(
    statement: str,
    tables: Mapping[str, pa.Table],
    parameters: Sequence[Any] | Mapping[str, Any] = (),
) -> pa.Table:
    """The result of one SELECT over ``tables``, addressed by their keys.

    Shapes: whatever the statement says; types are DuckDB's Arrow types, so cast
    with a schema's ``conform`` before handing the result on.
    """
    connection = _free()
    named: list[str] = []
    try:
        for name, table in tables.items():
            connection.register(name, table)
            named.append(name)
        return connection.sql(statement, params=parameters or None).to_arrow_table()
    finally:
        for name in named:
            connection.unregister(name)
        _idle.append(connection)


def _free() -> duckdb.DuckDBPyConnection:
    try:
        return _idle.pop()
    except IndexError:
        return duckdb.connect(config=_SEALED)
