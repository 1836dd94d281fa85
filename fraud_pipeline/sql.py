"""DuckDB over Arrow tables, sealed: no file, no network, no extension download.

Every query ends in ORDER BY: DuckDB runs on several threads and row order is
otherwise not the same twice. Sums that must agree to the byte are over integers
or decimals, never floats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

_SEALED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def query(
    statement: str,
    tables: Mapping[str, pa.Table],
    parameters: Sequence[Any] | Mapping[str, Any] = (),
) -> pa.Table:
    """The result of one SELECT over ``tables``, addressed by their keys.

    Shapes: whatever the statement says; types are DuckDB's Arrow types, so cast
    with a schema's ``conform`` before handing the result on.
    """
    with duckdb.connect(config=_SEALED) as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.sql(statement, params=parameters or None).to_arrow_table()
