"""A published run as the workbench reads it: the queue in memory, the rest by claim from disk.

The queue (one narrow row a ranked claim) is kept in DuckDB, sorted by what could be
recovered; where each claim stands comes from the database of people's work and is laid over
it, because that changes by the minute and the run never does.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from fraud_pipeline.store.runs import Run
from fraud_pipeline.workbench.layout import CONFIG, LAYOUT, LOOKED_UP, made, make_file, seal

_FEW, _MOST_COUNTS, _MOST_KEPT = 100, 2_000, 500
T = TypeVar("T")
IN_MEMORY_ROWS = 5_000_000  # rule answers; beyond, the copy for looking up is a file


STATE_SCHEMA = pa.schema(
    [("place", pa.int32()), ("claim_id", pa.string()), ("status", pa.string()), ("holder", pa.int64()),
     ("held_until", pa.string()), ("assigned_to", pa.int64()), ("snoozed_until", pa.string()),
     ("decision_id", pa.int64())]
)  # fmt: skip


class Leads:
    """Read access to one run; safe to share between threads (each query has its own cursor).

    ``cache``: a folder for the copy that large runs are looked up in; it follows from the
    run and can be thrown away.
    """

    def __init__(self, run: Run, cache: Path):
        self.run = run
        self.run_id = run.run_id
        self.manifest = run.manifest
        rows = pq.read_metadata(run.folder / "rule_results.parquet").num_rows
        self._guard = threading.Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._counts: dict[tuple[str, str], int] = {}
        self._connection = (
            made(run.folder, ":memory:") if rows <= IN_MEMORY_ROWS else self._opened(cache)
        )
        # counted and read in now, not while somebody waits for the first page
        _ = self.size, self.facets
        self._warm()

    def _warm(self) -> None:
        """Each index asked once: DuckDB reads an index from its file when it is first needed."""
        for table, column in LOOKED_UP:
            found = self.one(f"SELECT {column} AS value FROM {table} LIMIT 1")  # noqa: S608 - ours
            if found and found["value"] is not None:
                self.by(table, column, [found["value"]])

    def _opened(self, cache: Path) -> duckdb.DuckDBPyConnection:
        """The copy of a large run, made if it is not there."""
        run = self.run
        place = cache / f"{run.run_id}-{LAYOUT.hexdigest()[:8]}.duckdb"
        if not place.is_file():
            make_file(run.folder, place)
        connection = duckdb.connect(str(place), read_only=True, config=CONFIG)
        seal(connection)
        return connection

    @property
    def as_of(self) -> str:
        return str(self.manifest["as_of"])

    def rows(
        self, statement: str, parameters: Sequence[Any] | dict[str, Any] = (),
        states: pa.Table | None = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Rows of one SELECT over the run; ``states`` is there as a table of that name."""
        with self._guard:
            cursor = self._connection.cursor()
        try:
            if states is not None:
                cursor.register("states", states)
            found = cursor.execute(statement, parameters or None)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        finally:
            cursor.close()

    def table(self, statement: str) -> pa.Table:
        """The result of one SELECT over the run as an Arrow table."""
        with self._guard:
            cursor = self._connection.cursor()
        try:
            return cursor.sql(statement).to_arrow_table()
        finally:
            cursor.close()

    def one(self, statement: str, parameters: Sequence[Any] = ()) -> dict[str, Any] | None:
        found = self.rows(statement, parameters)
        return found[0] if found else None

    def by(
        self, table: str, key: str, values: Sequence[str | None], columns: str = "*"
    ) -> list[dict[str, Any]]:
        """Rows of an indexed table with one of these keys, in no order.

        Nothing else is asked: any further term, order or limit makes DuckDB read the table.
        """
        wanted = list(dict.fromkeys(v for v in values if v is not None))
        if not wanted:
            return []
        marks = ", ".join("?" * len(wanted))
        return self.rows(f"SELECT {columns} FROM {table} WHERE {key} IN ({marks})", wanted)  # noqa: S608

    def number(self, claim_id: str) -> int | None:
        """The number under which a claim's rule answers stand."""
        found = self.one("SELECT claim_no FROM numbered WHERE claim_id = ?", [claim_id])
        return None if found is None else int(found["claim_no"])

    def claim(self, claim_id: str) -> dict[str, Any] | None:
        """The queue's row of one claim."""
        return self.one("SELECT * FROM queue WHERE claim_id = ?", [claim_id])

    def places(self, claim_ids: Sequence[str]) -> dict[str, int]:
        """The place in the queue of each of these claims that is in it; 1 = worth most."""
        if len(claim_ids) > _FEW:
            wanted = pa.table({"claim_id": pa.array(claim_ids, pa.string())})
            found = self.rows("SELECT claim_id, place FROM queue SEMI JOIN states USING (claim_id)",
                              (), wanted)  # fmt: skip
        else:
            one = "SELECT claim_id, place FROM queue WHERE claim_id = ?"  # by the index
            found = [row for claim_id in claim_ids for row in self.rows(one, [claim_id])]
        return {row["claim_id"]: row["place"] for row in found}

    def counted(self, clause: str, given: dict[str, Any]) -> int:
        """How many claims of the run fit; counted once, for the run does not change."""
        key = (clause, repr(sorted(given.items())))
        if key not in self._counts:
            if len(self._counts) >= _MOST_COUNTS:
                self._counts.clear()
            self._counts[key] = int(
                self.rows(f"SELECT count(*) AS n FROM queue WHERE {clause}", given)[0]["n"]  # noqa: S608
            )
        return self._counts[key]

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` found in the run, kept for the looks that follow; nobody may change it."""
        with self._guard:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast(T, self._kept[key])
        found = make()
        with self._guard:
            self._kept[key] = found
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return found

    @cached_property
    def size(self) -> int:
        """How many claims the queue holds."""
        return int(self.rows("SELECT count(*) AS n FROM queue")[0]["n"])

    @cached_property
    def facets(self) -> dict[str, list[tuple[str, int]]]:
        """(value, number of claims) of what the queue can be narrowed to, over the whole run."""
        counted = (
            "SELECT {0} AS value, count(*) AS n FROM queue WHERE {0} <> '' GROUP BY 1 ORDER BY 1"
        )
        found = {name: self.rows(counted.format(name)) for name in ("region", "stratum")}
        found["typology"] = self.rows(
            "SELECT value, count(*) AS n FROM (SELECT unnest(string_split(typologies, ';')) AS value"
            " FROM queue WHERE typologies <> '') GROUP BY 1 ORDER BY 1"
        )
        return {name: [(r["value"], r["n"]) for r in rows] for name, rows in found.items()}

    def close(self) -> None:
        self._connection.close()
