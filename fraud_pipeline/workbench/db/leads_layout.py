"""The copy of a run that the workbench looks things up in: its tables, sorted, and
what a page asks of a party worked out beforehand. It follows from the run and can be thrown away.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from fraud_pipeline.store.files import writing
from fraud_pipeline.workbench.db import hash_index

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
    SELECT row_number() OVER (ORDER BY k.expected_loss DESC, k.rank)::INTEGER AS place,
        k.claim_id, k.rank, k.risk, k.log_odds, k.expected_loss, k.claimed_amount, k.top_reason,
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
    ORDER BY place
"""
# The last word of earlier audits on a claim: corrections and appeals are further rows.
_LAST_SQL = """
    CREATE TABLE last_outcomes AS SELECT claim_id, verdict, decided_on FROM outcomes
    QUALIFY row_number() OVER (PARTITION BY claim_id ORDER BY decided_on DESC, outcome_id DESC) = 1
"""
# What a page asks of a party at once, worked out beforehand: its strongest ties that count as
# near, and its past in numbers. Asked with ORDER BY and LIMIT, the whole table would be read.
MOST_TIES = 400  # of a party; a hub's further ties are not even counted
PART_ROWS = 10_000_000  # rule answers sorted at once
RECENT = 12  # claims of a party's past that are shown; the rest is counted
_PARTIES_SQL = f"""
    CREATE TABLE near AS
    SELECT * FROM (
        SELECT *, row_number() OVER (
            PARTITION BY party_id ORDER BY weight DESC, left_id, right_id, kind) AS nth
        FROM (SELECT left_id AS party_id, * FROM ties UNION ALL
              SELECT right_id AS party_id, * FROM ties)
        WHERE kind <> 'claim' AND weight > 0) WHERE nth <= {MOST_TIES} ORDER BY party_id, nth;
    CREATE TABLE enterprise_past AS
    SELECT c.enterprise_id, count(*) AS n, sum(c.claimed_amount) AS amount, count(o.claim_id) AS audited,
        count(*) FILTER (o.verdict IN ('fraud', 'irregular')) AS improper
    FROM claims c LEFT JOIN last_outcomes o USING (claim_id) GROUP BY ALL;
    CREATE TABLE institution_past AS
    SELECT c.institution_id, count(*) AS n, sum(c.claimed_amount) AS amount, count(o.claim_id) AS audited,
        count(*) FILTER (o.verdict IN ('fraud', 'irregular')) AS improper
    FROM claims c LEFT JOIN last_outcomes o USING (claim_id) GROUP BY ALL;
    CREATE TABLE recent AS
    SELECT * FROM (
        SELECT party, claim_id, submitted_on, service_type, claimed_amount, row_number() OVER (
            PARTITION BY party ORDER BY submitted_on DESC, claim_id) AS nth
        FROM (SELECT 'enterprise_id ' || enterprise_id AS party, * FROM claims
              UNION ALL SELECT 'institution_id ' || institution_id, * FROM claims))
    WHERE nth <= {RECENT + 1} ORDER BY party, nth;
    CREATE TABLE hits AS SELECT claim_id, rule_code FROM rule_results WHERE outcome = 'hit';
"""  # noqa: S608 - a number of ours
_OUTPUTS = (
    "ranked_claims", "rules", "price_results", "ties", "rings", "ring_members", "ring_claims",
    "ring_evidence", "explanations", "audit_plan",
)  # fmt: skip
_INPUTS = (
    "claims", "vouchers", "enterprises", "institutions", "contracts", "payments", "invoices",
    "deliverables", "outcomes", "sanctions",
)  # fmt: skip
# What a page looks up by, at the same cost at a million claims: a shelf each (``shelves``).
INDEXED = (
    ("claims", "claim_id"), ("queue", "claim_id"), ("numbered", "claim_id"),
    ("price_results", "claim_id"), ("explanations", "claim_id"), ("deliverables", "claim_id"),
    ("last_outcomes", "claim_id"), ("contracts", "contract_id"), ("payments", "contract_id"),
    ("invoices", "contract_id"), ("enterprises", "enterprise_id"),
    ("institutions", "institution_id"), ("vouchers", "voucher_id"), ("near", "party_id"),
    ("recent", "party"), ("enterprise_past", "enterprise_id"),
    ("institution_past", "institution_id"), ("sanctions", "party_id"), ("ring_claims", "ring_id"),
    ("rings", "ring_id"),
)  # fmt: skip
# Only ever looked up: once on their shelf they need not be kept as tables as well.
_INDEXED_ONLY = (
    "near", "recent", "enterprise_past", "institution_past", "explanations",
    "contracts", "invoices", "vouchers", "sanctions", "price_results",
)  # fmt: skip
# Rule answers are many (each rule of each claim). Sorted by a number of the claim, the blocks
# that cannot hold it are skipped; text of one long prefix would skip none.
_ANSWERS_SQL = """
    CREATE TABLE numbered AS
        SELECT claim_id, row_number() OVER (ORDER BY claim_id)::INTEGER AS claim_no FROM claims;
    CREATE TABLE rule_results AS
        SELECT n.claim_no, r.* FROM {answers} r JOIN numbered n USING (claim_id) LIMIT 0;
"""
# Sorted part by part, so that the memory it takes does not grow with the run.
_PART_SQL = """
    INSERT INTO rule_results
    SELECT n.claim_no, r.* FROM {answers} r
    JOIN (SELECT * FROM numbered WHERE claim_no BETWEEN {first} AND {last}) n USING (claim_id)
    ORDER BY n.claim_no, r.rule_code
"""
# A copy made by other statements than these is another file.
LAYOUT = hashlib.sha256(
    repr(
        (
            _QUEUE_SQL,
            _LAST_SQL,
            _PARTIES_SQL,
            _ANSWERS_SQL,
            _PART_SQL,
            _OUTPUTS,
            _INPUTS,
            INDEXED,
            _INDEXED_ONLY,
            hash_index.SORTED,
        )
    ).encode()
)

CONFIG = {
    "autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "threads": "2",
}  # fmt: skip


HashIndexes = dict[tuple[str, str], hash_index.HashIndex]  # by table and key


def in_memory(folder: Path) -> tuple[duckdb.DuckDBPyConnection, HashIndexes]:
    """The copy held in memory: for runs of a size that allows it."""
    connection = _copied(folder, ":memory:")
    stood = {(table, key): hash_index.in_memory(connection, table, key) for table, key in INDEXED}
    _bare(connection)
    seal(connection)
    return connection, stood


def _bare(connection: duckdb.DuckDBPyConnection) -> None:
    for table in _INDEXED_ONLY:
        connection.execute(f"DROP TABLE {table}")


def _copied(folder: Path, place: str) -> duckdb.DuckDBPyConnection:
    """The run's tables in a database at ``place``."""
    connection = duckdb.connect(place, config=CONFIG)
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    connection.execute("SET preserve_insertion_order = true")
    sources = {n: folder / f"{n}.parquet" for n in _OUTPUTS}
    sources |= {n: folder / "clean" / f"{n}.parquet" for n in _INPUTS}
    for name, path in sources.items():
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {_parquet(path)}")  # noqa: S608
    answers = _parquet(folder / "rule_results.parquet")
    connection.execute(_ANSWERS_SQL.format(answers=answers))
    for first, last in _parts(
        connection, pq.read_metadata(folder / "rule_results.parquet").num_rows
    ):
        connection.execute(_PART_SQL.format(answers=answers, first=first, last=last))
    connection.execute(_QUEUE_SQL)
    connection.execute(_LAST_SQL)
    connection.execute(_PARTIES_SQL)
    return connection


def _parts(connection: duckdb.DuckDBPyConnection, answers: int) -> list[tuple[int, int]]:
    """Spans of claim numbers whose rule answers are sorted at once."""
    row = connection.execute("SELECT coalesce(max(claim_no), 0) FROM numbered").fetchone()
    claims = int(row[0]) if row else 0
    step = max(1, claims * PART_ROWS // max(answers, 1))
    return [(first, first + step - 1) for first in range(1, claims + 1, step)]


def make_file(folder: Path, place: Path) -> None:
    """The copy as a file and a folder of shelves; complete under its name or not there.

    Older copies are removed. The file is named last: where it is, the shelves are.
    """
    with writing(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary, stood = place.with_suffix(".tmp"), place.with_suffix(".shelves.tmp")
        temporary.unlink(missing_ok=True)
        shutil.rmtree(stood, ignore_errors=True)
        stood.mkdir()
        with _copied(folder, str(temporary)) as connection:
            for table, key in INDEXED:
                hash_index.write(connection, table, key, stood)
            _bare(connection)
        for old in (*place.parent.glob("*.duckdb"), *place.parent.glob("*.shelves")):
            _remove(old)
        stood.rename(index_folder(place))
        temporary.rename(place)


def _remove(old: Path) -> None:
    if old.is_dir():
        shutil.rmtree(old)
    else:
        old.unlink()


def index_folder(place: Path) -> Path:
    """The folder of shelves that belongs to a copy."""
    return place.with_suffix(".shelves")


def on_disk(place: Path) -> tuple[duckdb.DuckDBPyConnection, HashIndexes]:
    """The copy that ``make_file`` made, opened."""
    connection = duckdb.connect(str(place), read_only=True, config=CONFIG)
    seal(connection)
    folder = index_folder(place)
    return connection, {
        (table, key): hash_index.mapped(folder, table, key) for table, key in INDEXED
    }


def _parquet(path: Path) -> str:
    place = str(path.resolve()).replace("'", "''")
    return f"read_parquet('{place}')"


def seal(connection: duckdb.DuckDBPyConnection) -> None:
    """From here on no file, no network, no extension and no way to change that."""
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    # many people ask little at once: a thread each is faster than two threads for one
    connection.execute("SET threads = 1")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
