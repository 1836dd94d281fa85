"""Read access to a published run: the queue in DuckDB, other tables through hash indexes.

The queue has one narrow row per ranked claim, sorted by expected recoverable loss. The state of
each claim is in the database of decisions and is joined at query time: it changes by the
minute, the run never does.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import pyarrow as pa
import pyarrow.parquet as pq

from fraud_pipeline.core.workdays import WorkCalendar
from fraud_pipeline.engine.run_queries import settings_of
from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.store import runs
from fraud_pipeline.store.runs import Run
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.workbench.db.leads_layout import (
    LAYOUT,
    LeadsCopy,
    build_file,
    build_in_memory,
    open_file,
)

_MAX_COUNTS, _MAX_CACHED = 2_000, 500
T = TypeVar("T")
IN_MEMORY_ROWS = 5_000_000  # rows of rule_results; above, the copy is a file instead of memory


STATE_SCHEMA = pa.schema(
    [("place", pa.int32()), ("claim_id", pa.string()), ("status", pa.string()), ("holder", pa.int64()),
     ("held_until", pa.string()), ("assigned_to", pa.int64()), ("snoozed_until", pa.string()),
     ("decision_id", pa.int64())]
)  # fmt: skip
_FACETS = ("region", "stratum", "price_queue")  # columns of the queue that are filters
_COUNTRY = "CN"  # whose working days a bureau's deadlines are counted in


class Leads:
    """Read access to one run; safe to share between threads (each query has its own cursor).

    ``cache``: folder for the copy of a large run; it can be deleted and is then built again.
    ``secret``: from which the addresses of persons, phones and accounts are derived.
    """

    def __init__(self, run: Run, cache: Path, secret: str = ""):
        self.run = run
        self._secret = secret
        self.run_id = run.run_id
        self.manifest = run.manifest
        self._first = runs.first_as_of(Workspace(run.folder.parents[1])) or self.as_of
        rows = pq.read_metadata(run.folder / "rule_results.parquet").num_rows
        self._guard = threading.Lock()
        self._cache: OrderedDict[Hashable, Any] = OrderedDict()
        self._counts: dict[tuple[str, str], int] = {}
        copy = (
            build_in_memory(run.folder, self._first, secret)
            if rows <= IN_MEMORY_ROWS
            else self._open_file(cache)
        )
        self._connection, self._indexes, self.search = copy.connection, copy.indexes, copy.search
        # computed at start-up, so that the first page does not wait
        _ = self.size, self.facets, self.rules

    def _open_file(self, cache: Path) -> LeadsCopy:
        """The copy of a large run on disk, built if it is missing."""
        run = self.run
        layout = LAYOUT.copy()
        layout.update(self._secret.encode())
        path = cache / f"{run.run_id}-{layout.hexdigest()[:8]}.duckdb"
        if not path.is_file():
            build_file(run.folder, path, self._first, self._secret)
        return open_file(path)

    @cached_property
    def currencies(self) -> dict[str, str]:
        """The currency of each programme of the run; empty for runs of earlier versions (yuan)."""
        try:
            return dict(self.run.json("facts").get("currencies", {}))
        except (OSError, FraudPipelineError):
            return {}

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
        """Rows of one SELECT over the run; ``states`` is registered as a table of that name."""
        with self._guard:
            cursor = self._connection.cursor()
        try:
            if states is not None:
                cursor.register("states", states)
            result = cursor.execute(statement, parameters or None)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
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
        rows = self.query(statement, parameters)
        return rows[0] if rows else None

    def lookup(
        self, table: str, key: str, values: Sequence[str | None], columns: str = "*"
    ) -> list[dict[str, Any]]:
        """Rows of an indexed table (INDEXED) with one of these keys, in the order of ``values``."""
        wanted = list(dict.fromkeys(v for v in values if v is not None))
        return self._indexes[table, key].rows(wanted, columns)

    def lookup_one(self, table: str, key: str, value: str | None) -> dict[str, Any] | None:
        """The first row of an indexed table with this key; None if there is none."""
        return next(iter(self.lookup(table, key, [value])), None)

    def claim_number(self, claim_id: str) -> int | None:
        """The integer key of a claim in rule_results (claim_no)."""
        row = self.lookup_one("numbered", "claim_id", claim_id)
        return None if row is None else int(row["claim_no"])

    def claim(self, claim_id: str) -> dict[str, Any] | None:
        """The queue's row of one claim; None if it is not in the queue."""
        return self.lookup_one("queue", "claim_id", claim_id)

    def claim_outside_queue(self, claim_id: str) -> dict[str, Any] | None:
        """A row like the queue's for a claim that was decided before the run; scores are None."""
        claim = self.lookup_one("claims", "claim_id", claim_id)
        if claim is None:
            return None
        enterprise = self.lookup_one("enterprises", "enterprise_id", claim["enterprise_id"]) or {}
        institution = (
            self.lookup_one("institutions", "institution_id", claim["institution_id"]) or {}
        )
        claim_columns = ("claim_id", "claimed_amount", "programme", "enterprise_id", "institution_id",
                "submitted_on", "service_type")  # fmt: skip
        empty = (
            "place",
            "rank",
            "risk",
            "risk_kind",
            "band",
            "log_odds",
            "expected_loss",
            "top_reason",
            "top_reason_en",
            "inclusion_prob",
            "lead_on",
        )
        return {
            **{name: claim[name] for name in claim_columns}, **dict.fromkeys(empty),
            "enterprise": enterprise.get("name"), "institution": institution.get("name"),
            "region": enterprise.get("region") or "", "typologies": "", "ring_id": "", "stratum": "",
        }  # fmt: skip

    def queue_places(self, claim_ids: Sequence[str]) -> dict[str, int]:
        """claim_id -> position in the queue (1 = highest expected loss), for claims that are in it."""
        rows = self.lookup("queue", "claim_id", claim_ids, "claim_id, place")
        return {row["claim_id"]: row["place"] for row in rows}

    @cached_property
    def rules(self) -> dict[str, dict[str, Any]]:
        """rule_code -> severity, typology and titles."""
        rows = self.query("SELECT rule_code, severity, typology, title_zh, title_en FROM rules")
        return {row.pop("rule_code"): row for row in rows}

    def cached_count(self, clause: str, parameters: dict[str, Any]) -> int:
        """How many claims of the queue satisfy the clause; cached, because the run does not change."""
        key = (clause, repr(sorted(parameters.items())))
        if key not in self._counts:
            if len(self._counts) >= _MAX_COUNTS:
                self._counts.clear()
            self._counts[key] = int(
                self.query(f"SELECT count(*) AS n FROM queue WHERE {clause}", parameters)[0]["n"]  # noqa: S608
            )
        return self._counts[key]

    def cached(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of ``make``, cached by ``key`` (least recently used); callers must not change it."""
        with self._guard:
            if key in self._cache:
                self._cache.move_to_end(key)
                return cast(T, self._cache[key])
        value = make()
        with self._guard:
            self._cache[key] = value
            if len(self._cache) > _MAX_CACHED:
                self._cache.popitem(last=False)
        return value

    @cached_property
    def size(self) -> int:
        """How many claims the queue holds."""
        return int(self.query("SELECT count(*) AS n FROM queue")[0]["n"])

    @cached_property
    def facets(self) -> dict[str, list[tuple[str, int]]]:
        """Column -> (value, number of claims) for the queue's filters, over the whole run."""
        counted = (
            "SELECT {0} AS value, count(*) AS n FROM queue WHERE {0} <> '' GROUP BY 1 ORDER BY 1"
        )
        facets = {name: self.query(counted.format(name)) for name in _FACETS}
        facets["typology"] = self.query(
            "SELECT value, count(*) AS n FROM (SELECT unnest(string_split(typologies, ';')) AS value"
            " FROM queue WHERE typologies <> '') GROUP BY 1 ORDER BY 1"
        )
        return {name: [(r["value"], r["n"]) for r in rows] for name, rows in facets.items()}

    def close(self) -> None:
        self._connection.close()
