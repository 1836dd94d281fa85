"""A published run as the workbench reads it: the queue in memory, the rest by claim from disk.

The queue (one narrow row a ranked claim) is kept in DuckDB, sorted by what could be
recovered; where each claim stands comes from the database of people's work and is laid over
it, because that changes by the minute and the run never does.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from fraud_pipeline.core.workdays import WorkCalendar
from fraud_pipeline.engine.run_queries import settings_of
from fraud_pipeline.store.runs import Run
from fraud_pipeline.workbench.db.leads_layout import (
    LAYOUT,
    HashIndexes,
    in_memory,
    make_file,
    on_disk,
)

_MAX_COUNTS, _MAX_CACHED = 2_000, 500
T = TypeVar("T")
IN_MEMORY_ROWS = 5_000_000  # rule answers; beyond, the copy for looking up is a file


STATE_SCHEMA = pa.schema(
    [("place", pa.int32()), ("claim_id", pa.string()), ("status", pa.string()), ("holder", pa.int64()),
     ("held_until", pa.string()), ("assigned_to", pa.int64()), ("snoozed_until", pa.string()),
     ("decision_id", pa.int64())]
)  # fmt: skip
_COUNTRY = "CN"  # whose working days a bureau's deadlines are counted in


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
        self._cache: OrderedDict[Hashable, Any] = OrderedDict()
        self._counts: dict[tuple[str, str], int] = {}
        self._connection, self._indexes = (
            in_memory(run.folder) if rows <= IN_MEMORY_ROWS else self._open_file(cache)
        )
        # counted and read in now, not while somebody waits for the first page
        _ = self.size, self.facets, self.rules

    def _open_file(self, cache: Path) -> tuple[duckdb.DuckDBPyConnection, HashIndexes]:
        """The copy of a large run, made if it is not there."""
        run = self.run
        place = cache / f"{run.run_id}-{LAYOUT.hexdigest()[:8]}.duckdb"
        if not place.is_file():
            make_file(run.folder, place)
        return on_disk(place)

    @property
    def as_of(self) -> str:
        return str(self.manifest["as_of"])

    @cached_property
    def calendar(self) -> WorkCalendar:
        """Working days as the run counts them, with the bureau's corrections."""
        return WorkCalendar.of(_COUNTRY, settings_of(self.run).programmes)

    @property
    def calendar_ends(self) -> date | None:
        """The last day of the calendar, when the run's day lies beyond it."""
        ends = self.calendar.known_until
        return ends if date.fromisoformat(self.as_of) > ends else None

    def query(
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

    def query_arrow(self, statement: str) -> pa.Table:
        """The result of one SELECT over the run as an Arrow table."""
        with self._guard:
            cursor = self._connection.cursor()
        try:
            return cursor.sql(statement).to_arrow_table()
        finally:
            cursor.close()

    def query_one(self, statement: str, parameters: Sequence[Any] = ()) -> dict[str, Any] | None:
        found = self.query(statement, parameters)
        return found[0] if found else None

    def lookup(
        self, table: str, key: str, values: Sequence[str | None], columns: str = "*"
    ) -> list[dict[str, Any]]:
        """Rows of a shelved table (LOOKED_UP) with one of these keys, key by key as given."""
        wanted = list(dict.fromkeys(v for v in values if v is not None))
        return self._indexes[table, key].rows(wanted, columns)

    def lookup_one(self, table: str, key: str, value: str | None) -> dict[str, Any] | None:
        """The row of a shelved table with this key, if there is one."""
        return next(iter(self.lookup(table, key, [value])), None)

    def claim_number(self, claim_id: str) -> int | None:
        """The number under which a claim's rule answers stand."""
        found = self.lookup_one("numbered", "claim_id", claim_id)
        return None if found is None else int(found["claim_no"])

    def claim(self, claim_id: str) -> dict[str, Any] | None:
        """The queue's row of one claim."""
        return self.lookup_one("queue", "claim_id", claim_id)

    def claim_outside_queue(self, claim_id: str) -> dict[str, Any] | None:
        """What the queue's row of a claim would be, had it not been decided before the run."""
        claim = self.lookup_one("claims", "claim_id", claim_id)
        if claim is None:
            return None
        firm = self.lookup_one("enterprises", "enterprise_id", claim["enterprise_id"]) or {}
        house = self.lookup_one("institutions", "institution_id", claim["institution_id"]) or {}
        kept = ("claim_id", "claimed_amount", "programme", "enterprise_id", "institution_id",
                "submitted_on", "service_type")  # fmt: skip
        empty = (
            "place",
            "rank",
            "risk",
            "log_odds",
            "expected_loss",
            "top_reason",
            "inclusion_prob",
        )
        return {
            **{name: claim[name] for name in kept}, **dict.fromkeys(empty),
            "enterprise": firm.get("name"), "institution": house.get("name"),
            "region": firm.get("region") or "", "typologies": "", "ring_id": "", "stratum": "",
        }  # fmt: skip

    def queue_places(self, claim_ids: Sequence[str]) -> dict[str, int]:
        """The place in the queue of each of these claims that is in it; 1 = worth most."""
        found = self.lookup("queue", "claim_id", claim_ids, "claim_id, place")
        return {row["claim_id"]: row["place"] for row in found}

    @cached_property
    def rules(self) -> dict[str, dict[str, Any]]:
        """What each rule is called and how grave a hit is, by its code."""
        found = self.query("SELECT rule_code, severity, typology, title_zh, title_en FROM rules")
        return {row.pop("rule_code"): row for row in found}

    def cached_count(self, clause: str, given: dict[str, Any]) -> int:
        """How many claims of the run fit; counted once, for the run does not change."""
        key = (clause, repr(sorted(given.items())))
        if key not in self._counts:
            if len(self._counts) >= _MAX_COUNTS:
                self._counts.clear()
            self._counts[key] = int(
                self.query(f"SELECT count(*) AS n FROM queue WHERE {clause}", given)[0]["n"]  # noqa: S608
            )
        return self._counts[key]

    def cached(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` found in the run, kept for the looks that follow; nobody may change it."""
        with self._guard:
            if key in self._cache:
                self._cache.move_to_end(key)
                return cast(T, self._cache[key])
        found = make()
        with self._guard:
            self._cache[key] = found
            if len(self._cache) > _MAX_CACHED:
                self._cache.popitem(last=False)
        return found

    @cached_property
    def size(self) -> int:
        """How many claims the queue holds."""
        return int(self.query("SELECT count(*) AS n FROM queue")[0]["n"])

    @cached_property
    def facets(self) -> dict[str, list[tuple[str, int]]]:
        """(value, number of claims) of what the queue can be narrowed to, over the whole run."""
        counted = (
            "SELECT {0} AS value, count(*) AS n FROM queue WHERE {0} <> '' GROUP BY 1 ORDER BY 1"
        )
        found = {name: self.query(counted.format(name)) for name in ("region", "stratum")}
        found["typology"] = self.query(
            "SELECT value, count(*) AS n FROM (SELECT unnest(string_split(typologies, ';')) AS value"
            " FROM queue WHERE typologies <> '') GROUP BY 1 ORDER BY 1"
        )
        return {name: [(r["value"], r["n"]) for r in rows] for name, rows in found.items()}

    def close(self) -> None:
        self._connection.close()
