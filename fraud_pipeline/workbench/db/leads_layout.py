"""Builds the copy of a run that the workbench reads: sorted tables, precomputed facts about
parties, hash indexes. It is derived from the run and can be deleted.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from fraud_pipeline.store.files import writing
from fraud_pipeline.workbench.db import hash_index, search_index
from fraud_pipeline.workbench.db.entity_tables import ENTITY_TABLES_SQL
from fraud_pipeline.workbench.db.search_index import SearchIndexes

# Runs of earlier versions do not say what kind their risk is: it was published as a probability.
# They have one column for the reason in both languages, "zh / en".
_KIND_SQL = """
    ALTER TABLE ranked_claims ADD COLUMN IF NOT EXISTS risk_kind VARCHAR;
    ALTER TABLE ranked_claims ADD COLUMN IF NOT EXISTS band VARCHAR;
    ALTER TABLE ranked_claims ADD COLUMN IF NOT EXISTS top_reason_en VARCHAR;
    UPDATE ranked_claims SET top_reason_en = regexp_extract(top_reason, '^(.*) / (.*)$', 2),
        top_reason = regexp_extract(top_reason, '^(.*) / (.*)$', 1)
    WHERE top_reason_en IS NULL AND top_reason LIKE '% / %';
"""
# Likewise the market of a claim and the reason why its price was not judged.
_PRICE_SQL = """
    ALTER TABLE price_results ADD COLUMN IF NOT EXISTS reason_en VARCHAR;
    ALTER TABLE price_results ADD COLUMN IF NOT EXISTS basis_zh VARCHAR;
    ALTER TABLE price_results ADD COLUMN IF NOT EXISTS basis_en VARCHAR;
    ALTER TABLE price_results ADD COLUMN IF NOT EXISTS price_queue VARCHAR;
    UPDATE price_results SET reason_en = regexp_extract(reason, '^(.*?) / (.*)$', 2),
        reason = regexp_extract(reason, '^(.*?) / (.*)$', 1)
    WHERE reason_en IS NULL AND reason LIKE '% / %';
    UPDATE price_results SET basis_en = regexp_extract(basis, '^(.*?) / (.*)$', 2),
        basis_zh = regexp_extract(basis, '^(.*?) / (.*)$', 1), basis = NULL
    WHERE basis_zh IS NULL AND basis LIKE '% / %';
"""
# One row a ranked claim. A claim's typologies are those of the rules that fired. The deadline of a
# lead counts from ``lead_on``: the day it was submitted, or the first run's day if that was later.
# A claim that was paid has no deadline.
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
        k.claim_id, k.rank, k.risk, k.risk_kind, k.band, k.log_odds, k.expected_loss, k.claimed_amount,
        k.top_reason, k.top_reason_en,
        k.programme, k.enterprise_id, k.institution_id, c.submitted_on, c.service_type,
        CASE WHEN c.paid_on IS NULL THEN greatest(c.submitted_on, $first::DATE) END AS lead_on,
        e.name AS enterprise, i.name AS institution, coalesce(e.region, '') AS region,
        coalesce(f.typologies, '') AS typologies, coalesce(g.ring_id, '') AS ring_id,
        coalesce(p.stratum, '') AS stratum, p.inclusion_prob, coalesce(m.price_queue, '') AS price_queue
    FROM ranked_claims k
    JOIN claims c USING (claim_id)
    LEFT JOIN enterprises e ON e.enterprise_id = k.enterprise_id
    LEFT JOIN institutions i ON i.institution_id = k.institution_id
    LEFT JOIN fired f USING (claim_id)
    LEFT JOIN in_ring g USING (claim_id)
    LEFT JOIN audit_plan p USING (claim_id)
    LEFT JOIN price_results m USING (claim_id)
    ORDER BY place
"""
# The latest outcome of earlier audits per claim: corrections and appeals are further rows.
_LAST_SQL = """
    CREATE TABLE last_outcomes AS SELECT claim_id, verdict, decided_on FROM outcomes
    QUALIFY row_number() OVER (PARTITION BY claim_id ORDER BY decided_on DESC, outcome_id DESC) = 1
"""
# Precomputed per party: its strongest ties and totals of its past claims. A query with ORDER BY
# and LIMIT would read the whole table each time.
MOST_TIES = 400  # per party; further ties of a hub are dropped
PART_ROWS = 10_000_000  # rows of rule_results sorted at once
RECENT = 12  # past claims of a party that are listed; the rest is counted
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
# (table, key) pairs with a hash index: pages look rows up by them at a cost that does not grow.
INDEXED = (
    ("claims", "claim_id"), ("queue", "claim_id"), ("numbered", "claim_id"),
    ("price_results", "claim_id"), ("explanations", "claim_id"), ("deliverables", "claim_id"),
    ("last_outcomes", "claim_id"), ("contracts", "contract_id"), ("payments", "contract_id"),
    ("invoices", "contract_id"), ("enterprises", "enterprise_id"),
    ("institutions", "institution_id"), ("vouchers", "voucher_id"), ("near", "party_id"),
    ("recent", "party"), ("enterprise_past", "enterprise_id"),
    ("institution_past", "institution_id"), ("sanctions", "party_id"), ("ring_claims", "ring_id"),
    ("rings", "ring_id"), ("entities", "entity"), ("entities", "token"),
    ("entity_uses", "entity"), ("party_claims", "party"), ("ring_members", "party_id"),
    ("institution_scope", "institution_id"),
)  # fmt: skip
# Tables only read through an index, which are dropped from DuckDB once it is built.
_INDEXED_ONLY = (
    "near", "recent", "enterprise_past", "institution_past", "explanations",
    "contracts", "invoices", "vouchers", "sanctions", "price_results", "entities", "entity_uses",
    "party_claims", "institution_scope",
)  # fmt: skip
# rule_results has a row per rule and claim. Sorted by an integer key of the claim, blocks that
# cannot hold it are skipped; text keys with a common prefix would skip none.
_ANSWERS_SQL = """
    CREATE TABLE numbered AS
        SELECT claim_id, row_number() OVER (ORDER BY claim_id)::INTEGER AS claim_no FROM claims;
    CREATE TABLE rule_results AS
        SELECT n.claim_no, r.* FROM {answers} r JOIN numbered n USING (claim_id) LIMIT 0;
"""
# Sorted in parts, so that memory does not grow with the run.
_PART_SQL = """
    INSERT INTO rule_results
    SELECT n.claim_no, r.* FROM {answers} r
    JOIN (SELECT * FROM numbered WHERE claim_no BETWEEN {first} AND {last}) n USING (claim_id)
    ORDER BY n.claim_no, r.rule_code
"""
# Part of the file name: a copy built by other statements is another file.
LAYOUT = hashlib.sha256(
    repr(
        (
            _KIND_SQL,
            _PRICE_SQL,
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
            ENTITY_TABLES_SQL,
            search_index.LAYOUT,
        )
    ).encode()
)

CONFIG = {
    "autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "threads": "2",
}  # fmt: skip


HashIndexes = dict[tuple[str, str], hash_index.HashIndex]  # by table and key


@dataclass(frozen=True)
class LeadsCopy:
    """The copy of a run, open for reading: tables, hash indexes, search indexes."""

    connection: duckdb.DuckDBPyConnection
    indexes: HashIndexes
    search: SearchIndexes


def build_in_memory(folder: Path, first: str, secret: str) -> LeadsCopy:
    """The copy in memory, for small runs; ``first``: as-of date of the workspace's first run.

    ``secret``: from which the addresses of persons, phones and accounts are derived.
    """
    connection = _build(folder, ":memory:", first, secret)
    indexes = {
        (table, key): hash_index.build_in_memory(connection, table, key) for table, key in INDEXED
    }
    search = search_index.build_in_memory(connection)
    _drop_indexed_only(connection)
    lock_down(connection)
    return LeadsCopy(connection, indexes, search)


def _drop_indexed_only(connection: duckdb.DuckDBPyConnection) -> None:
    for table in _INDEXED_ONLY:
        connection.execute(f"DROP TABLE {table}")


def _build(folder: Path, path: str, first: str, secret: str) -> duckdb.DuckDBPyConnection:
    """The run's tables in a DuckDB database at ``path`` (or ``:memory:``).

    ``first``: as-of date of the workspace's first run.
    """
    connection = duckdb.connect(path, config=CONFIG)
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    connection.execute("SET preserve_insertion_order = true")
    sources = {n: folder / f"{n}.parquet" for n in _OUTPUTS}
    sources |= {n: folder / "clean" / f"{n}.parquet" for n in _INPUTS}
    for name, source in sources.items():
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {_parquet_source(source)}")  # noqa: S608
    answers = _parquet_source(folder / "rule_results.parquet")
    connection.execute(_ANSWERS_SQL.format(answers=answers))
    for lowest, highest in _parts(
        connection, pq.read_metadata(folder / "rule_results.parquet").num_rows
    ):
        connection.execute(_PART_SQL.format(answers=answers, first=lowest, last=highest))
    connection.execute(_KIND_SQL)
    connection.execute(_PRICE_SQL)
    connection.execute(_QUEUE_SQL, {"first": first})
    connection.execute(_LAST_SQL)
    connection.execute(_PARTIES_SQL)
    connection.execute("SET VARIABLE secret = ?", [secret])
    connection.execute(ENTITY_TABLES_SQL)
    connection.execute("RESET VARIABLE secret")
    return connection


def _parts(connection: duckdb.DuckDBPyConnection, answers: int) -> list[tuple[int, int]]:
    """(first, last) claim_no of each part of rule_results; ``answers``: rows in all."""
    row = connection.execute("SELECT coalesce(max(claim_no), 0) FROM numbered").fetchone()
    claims = int(row[0]) if row else 0
    step = max(1, claims * PART_ROWS // max(answers, 1))
    return [(first, first + step - 1) for first in range(1, claims + 1, step)]


def build_file(folder: Path, path: Path, first: str, secret: str) -> None:
    """Builds the copy as a file with a folder of indexes; atomic, and removes older copies.

    The file is renamed last: where it exists, its indexes do.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary, indexes = path.with_suffix(".tmp"), path.with_suffix(".shelves.tmp")
        temporary.unlink(missing_ok=True)
        shutil.rmtree(indexes, ignore_errors=True)
        indexes.mkdir()
        with _build(folder, str(temporary), first, secret) as connection:
            for table, key in INDEXED:
                hash_index.write_file(connection, table, key, indexes)
            search_index.write_files(connection, indexes)
            _drop_indexed_only(connection)
        for old in (*path.parent.glob("*.duckdb"), *path.parent.glob("*.shelves")):
            _remove(old)
        indexes.rename(index_folder(path))
        temporary.rename(path)


def _remove(old: Path) -> None:
    if old.is_dir():
        shutil.rmtree(old)
    else:
        old.unlink()


def index_folder(path: Path) -> Path:
    """The folder with the hash indexes of a copy."""
    return path.with_suffix(".shelves")


def open_file(path: Path) -> LeadsCopy:
    """Opens the copy that ``build_file`` made, read-only."""
    connection = duckdb.connect(str(path), read_only=True, config=CONFIG)
    lock_down(connection)
    folder = index_folder(path)
    indexes = {(table, key): hash_index.open_mapped(folder, table, key) for table, key in INDEXED}
    return LeadsCopy(connection, indexes, search_index.open_mapped(folder))


def _parquet_source(path: Path) -> str:
    quoted = str(path.resolve()).replace("'", "''")
    return f"read_parquet('{quoted}')"


def lock_down(connection: duckdb.DuckDBPyConnection) -> None:
    """Disables file and network access and extensions for this connection, irrevocably."""
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    # many small concurrent queries: one thread per query is fastest
    connection.execute("SET threads = 1")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
