"""A published run as the workbench reads it: the queue in memory, the rest by claim from disk.

The queue (one narrow row a ranked claim) is kept in DuckDB, sorted by what could be
recovered; where each claim stands comes from the database of people's work and is laid over
it, because that changes by the minute and the run never does.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from fraud_pipeline.store.files import writing
from fraud_pipeline.store.runs import Run

# One row a ranked claim. A claim's typologies are those of the rules that fired.
_QUEUE_SQL = """
    CREATE TABLE queue AS
    WITH fired AS (
        SELECT r.claim_id,
            string_agg(DISTINCT u.typology, ';' ORDER BY u.typology) AS typologies
        FROM rule_results r JOIN rules u USING (rule_code)
        WHERE r.outcome = 'hit' AND u.severity <> 'info' AND u.typology IS NOT NULL
        GROUP BY r.claim_id),
    in_ring AS (SELECT claim_id, min(ring_id) AS ring_id FROM ring_claims GROUP BY claim_id)
    SELECT k.claim_id, k.rank, k.risk, k.log_odds, k.expected_loss, k.claimed_amount, k.top_reason,
        k.programme, k.enterprise_id, k.institution_id, c.submitted_on, c.service_type,
        e.name AS enterprise, i.name AS institution, coalesce(e.region, '') AS region,
        coalesce(f.typologies, '') AS typologies, coalesce(g.ring_id, '') AS ring_id,
        coalesce(p.stratum, '') AS stratum, p.inclusion_prob
    FROM ranked_claims k
    JOIN claims c USING (claim_id)
    LEFT JOIN enterprises e ON e.enterprise_id = k.enterprise_id
    LEFT JOIN institutions i ON i.institution_id = k.institution_id
    LEFT JOIN fired f USING (claim_id)
    LEFT JOIN in_ring g USING (claim_id)
    LEFT JOIN audit_plan p USING (claim_id)
    ORDER BY k.expected_loss DESC, k.rank
"""
# The last word of earlier audits on a claim: corrections and appeals are further rows.
_LAST_SQL = """
    CREATE TABLE last_outcomes AS SELECT claim_id, verdict, decided_on FROM outcomes
    QUALIFY row_number() OVER (PARTITION BY claim_id ORDER BY decided_on DESC, outcome_id DESC) = 1
"""
_OUTPUTS = (
    "ranked_claims", "rules", "price_results", "ties", "rings", "ring_members", "ring_claims",
    "ring_evidence", "explanations", "audit_plan",
)  # fmt: skip
_INPUTS = (
    "claims", "vouchers", "enterprises", "institutions", "contracts", "payments", "invoices",
    "deliverables", "outcomes", "sanctions",
)  # fmt: skip
# What a page looks up by: with an index the answer takes as long at a million claims.
_LOOKED_UP = (
    ("claims", "claim_id"), ("claims", "enterprise_id"), ("claims", "institution_id"),
    ("queue", "claim_id"), ("price_results", "claim_id"), ("explanations", "claim_id"),
    ("deliverables", "claim_id"), ("last_outcomes", "claim_id"), ("contracts", "contract_id"),
    ("payments", "contract_id"), ("invoices", "contract_id"), ("enterprises", "enterprise_id"),
    ("institutions", "institution_id"), ("vouchers", "voucher_id"), ("ties", "left_id"),
    ("ties", "right_id"),
)  # fmt: skip
# Rule answers are many (each rule of each claim). Sorted by a number of the claim, the blocks
# that cannot hold it are skipped; text of one long prefix would skip none.
_ANSWERS_SQL = """
    CREATE TABLE numbered AS
        SELECT claim_id, row_number() OVER (ORDER BY claim_id)::INTEGER AS claim_no FROM claims;
    CREATE INDEX numbered_claim ON numbered (claim_id);
    CREATE TABLE rule_results AS
        SELECT n.claim_no, r.* FROM {answers} r JOIN numbered n USING (claim_id)
        ORDER BY n.claim_no, r.rule_code;
"""
# A copy made by other statements than these is another file.
_LAYOUT = hashlib.sha256(
    repr((_QUEUE_SQL, _LAST_SQL, _ANSWERS_SQL, _OUTPUTS, _INPUTS, _LOOKED_UP)).encode()
)
IN_MEMORY_ROWS = 5_000_000  # rule answers; beyond, the copy for looking up is a file


STATE_SCHEMA = pa.schema(
    [("claim_id", pa.string()), ("status", pa.string()), ("holder", pa.int64()),
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
        self._connection = (
            _made(run.folder, ":memory:") if rows <= IN_MEMORY_ROWS else self._opened(cache)
        )
        _ = self.size, self.facets  # counted now, not while somebody waits for the first page

    def _opened(self, cache: Path) -> duckdb.DuckDBPyConnection:
        """The copy of a large run, made if it is not there."""
        run = self.run
        place = cache / f"{run.run_id}-{_LAYOUT.hexdigest()[:8]}.duckdb"
        if not place.is_file():
            _make_file(run.folder, place)
        connection = duckdb.connect(str(place), read_only=True, config=_CONFIG)
        _seal(connection)
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

    def number(self, claim_id: str) -> int | None:
        """The number under which a claim's rule answers stand."""
        found = self.one("SELECT claim_no FROM numbered WHERE claim_id = ?", [claim_id])
        return None if found is None else int(found["claim_no"])

    def claim(self, claim_id: str) -> dict[str, Any] | None:
        """The queue's row of one claim."""
        return self.one("SELECT * FROM queue WHERE claim_id = ?", [claim_id])

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


_CONFIG = {
    "autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "threads": "2",
}  # fmt: skip


def _made(folder: Path, place: str) -> duckdb.DuckDBPyConnection:
    """The run's tables copied into a database at ``place``, indexed; then sealed."""
    connection = duckdb.connect(place, config=_CONFIG)
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    connection.execute("SET preserve_insertion_order = true")
    sources = {n: folder / f"{n}.parquet" for n in _OUTPUTS}
    sources |= {n: folder / "clean" / f"{n}.parquet" for n in _INPUTS}
    for name, path in sources.items():
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {_parquet(path)}")  # noqa: S608
    answers = _parquet(folder / "rule_results.parquet")
    connection.execute(_ANSWERS_SQL.format(answers=answers))
    connection.execute(_QUEUE_SQL)
    connection.execute(_LAST_SQL)
    for table, column in _LOOKED_UP:
        connection.execute(f"CREATE INDEX {table}_{column} ON {table} ({column})")
    _seal(connection)
    return connection


def _make_file(folder: Path, place: Path) -> None:
    """The copy as a file, complete under its name or not there; older ones are removed."""
    with writing(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_suffix(".tmp")
        temporary.unlink(missing_ok=True)
        _made(folder, str(temporary)).close()
        for old in place.parent.glob("*.duckdb"):
            old.unlink()
        temporary.rename(place)


def _parquet(path: Path) -> str:
    place = str(path.resolve()).replace("'", "''")
    return f"read_parquet('{place}')"


def _seal(connection: duckdb.DuckDBPyConnection) -> None:
    """From here on no file, no network, no extension and no way to change that."""
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
