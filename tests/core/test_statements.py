"""What a statement reads, by the parser: it answers as it does when it is told of everything."""

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud_pipeline.core import sql
from fraud_pipeline.core.sql import columns_read, query

TABLES = {
    "claims": pa.table({"id": [1, 2, 3], "amount": [5, 7, 5], "Name": ["a", "b", "c"],
                        "parts": [[1, 2], [3], []], "spare": [9, 8, 7]}),
    "firms": pa.table({"id": [1, 2, 4], "name": ["f", "g", "h"], "claims": [10, 20, 30]}),
    "B c": pa.table({"x": [1, 5], "from": ["u", "v"], "never": [0.5, 0.25]}),
    "never": pa.table({"id": [77], "amount": [77]}),
}  # fmt: skip
TRICKY = [
    "SELECT c FROM claims c ORDER BY id",
    "SELECT claims FROM claims ORDER BY id",
    "SELECT claims FROM firms ORDER BY id",  # a column named like a table
    "SELECT c.*, 1 AS one FROM claims c ORDER BY id",
    "SELECT firms.* FROM claims JOIN firms USING (id) ORDER BY ALL",
    "SELECT * EXCLUDE (spare) REPLACE (amount + 1 AS amount) FROM claims ORDER BY ALL",
    "SELECT COLUMNS('a.*') FROM claims ORDER BY ALL",
    "SELECT max(COLUMNS(*)) FROM firms",
    "SELECT COLUMNS(lambda k: k LIKE '%a%') FROM claims ORDER BY ALL",
    "FROM claims ORDER BY id",
    "FROM claims SELECT amount ORDER BY id",
    "TABLE firms ORDER BY id",
    'SELECT "from", X FROM "B c" ORDER BY x',
    'SELECT NAME FROM "claims" ORDER BY 1',
    "WITH claims AS (SELECT id + 1 AS id FROM firms) SELECT id FROM claims ORDER BY id",
    "WITH claims AS (SELECT * FROM claims WHERE amount = 5) SELECT * FROM claims ORDER BY id",
    "WITH firms AS (FROM claims), w AS (FROM firms) SELECT w FROM w ORDER BY w.id",
    "SELECT id FROM (WITH firms AS (SELECT 1 AS id) FROM firms) JOIN firms USING (id) ORDER BY id",
    "WITH RECURSIVE n AS (SELECT 1 AS id UNION ALL SELECT id + 1 FROM n WHERE id < 3)"
    " SELECT n.id, c.amount FROM n JOIN claims c USING (id) ORDER BY 1",
    "SELECT amount FROM claims NATURAL JOIN firms ORDER BY 1",
    "SELECT count(*) AS n FROM claims",
    "SELECT count(c) AS n FROM claims c",
    "SELECT 1 AS one FROM claims",
    "SELECT id FROM claims c WHERE EXISTS (FROM firms f WHERE f.id = c.id) ORDER BY id",
    "SELECT id FROM claims c WHERE EXISTS (SELECT name FROM firms f WHERE f.id = c.id) ORDER BY id",
    "SELECT id FROM claims WHERE id NOT IN (SELECT id FROM firms) ORDER BY id",
    "SELECT (SELECT max(f.name) FROM firms f WHERE f.id <= c.id) AS m FROM claims c ORDER BY c.id",
    "SELECT x.b FROM firms AS x(a, b, c) ORDER BY x.a",
    "SELECT #2 FROM firms ORDER BY #1",
    "SELECT id, p FROM claims, unnest(claims.parts) u(p) ORDER BY ALL",
    "SELECT list_transform(parts, lambda amount: amount + id) AS l FROM claims ORDER BY id",
    "SELECT id, amount FROM claims UNION ALL BY NAME (FROM never) ORDER BY ALL",
    "SELECT id FROM claims UNION FROM (SELECT id FROM firms) ORDER BY id",
    "SELECT f.id, c.id AS other FROM firms f ASOF LEFT JOIN claims c ON f.id >= c.id ORDER BY ALL",
    "SELECT id, row_number() OVER w AS n FROM claims WINDOW w AS (ORDER BY spare) ORDER BY id",
    "SELECT amount, count(*) AS n FROM claims GROUP BY ALL HAVING n > 0 ORDER BY ALL",
    "SELECT amount FROM claims GROUP BY 1 ORDER BY 1",
    "SELECT DISTINCT ON (amount) amount FROM claims ORDER BY amount",
    "SELECT id FROM claims QUALIFY row_number() OVER (ORDER BY spare) = 1",
    "SELECT sum(amount) FILTER (spare > 7) AS s FROM claims",
    "SELECT {'n': c} AS s FROM claims c ORDER BY c.id",
    "SELECT (c).amount AS a FROM claims c ORDER BY id",
    "SELECT c.id AS claim, d FROM claims c JOIN (SELECT f, id FROM firms f) d USING (id) ORDER BY 1",
    "SELECT * FROM (PIVOT claims ON amount USING count(*) GROUP BY id) ORDER BY id",
    "PIVOT claims ON amount USING sum(spare) GROUP BY id ORDER BY id",
    "SELECT column_name FROM (DESCRIBE claims) ORDER BY 1",
    "SELECT column_name, max FROM (SUMMARIZE firms) ORDER BY 1",
    "SELECT id FROM query_table('firms') ORDER BY id",
    "SELECT max(amount) FROM claims -- FROM never, \"B c\" *",
    "SELECT 'SELECT * FROM never' AS t, id FROM firms ORDER BY id",
    "SELECT l.id FROM claims l, LATERAL (SELECT f.name FROM firms f WHERE f.id = l.id) ORDER BY 1",
    "VALUES (1), (2)",
]  # fmt: skip


def told_of_everything(statement):
    with duckdb.connect() as connection:
        for name, table in TABLES.items():
            connection.register(name, table)
        return connection.execute(statement).to_arrow_table()


@pytest.mark.parametrize("statement", TRICKY)
def test_the_answer_is_that_with_all_tables_and_columns(statement):
    assert query(statement, TABLES).to_pylist() == told_of_everything(statement).to_pylist()


SOURCES = st.sampled_from(["claims", "firms", '"B c"', "claims c", "firms c", "never firms",
                           "(FROM claims) c", "(SELECT id, c FROM firms c) claims"])  # fmt: skip
ITEMS = st.sampled_from(["*", "id", "c", "c.*", "claims", "firms.*", "amount", "count(*)", "c.id",
                         "COLUMNS('.*d')", "name", "claims.amount", "(c).id", "never"])  # fmt: skip
CTES = st.sampled_from(["", "WITH claims AS (FROM firms) ", "WITH c AS (SELECT 1 AS id) ",
                        "WITH firms AS (SELECT id, amount FROM claims) "])  # fmt: skip
JOINS = st.sampled_from(
    [", {}", " NATURAL JOIN {}", " JOIN {} USING (id)", " LEFT JOIN {} ON true"]
)


@settings(deadline=None, max_examples=150)
@given(
    CTES, st.lists(ITEMS, min_size=1, max_size=3), SOURCES, st.none() | st.tuples(JOINS, SOURCES)
)
def test_statements_put_together_answer_the_same(ctes, items, source, join):
    joined = source if join is None else source + join[0].format(join[1])
    statement = f"{ctes}SELECT {', '.join(items)} FROM {joined}"  # noqa: S608
    try:
        expected = told_of_everything(statement)
    except duckdb.Error:
        return
    answer = query(statement, TABLES)
    assert answer.column_names == expected.column_names
    assert sorted(map(repr, answer.to_pylist())) == sorted(map(repr, expected.to_pylist()))


def test_only_what_is_read_is_told():
    reads = sql._reads(
        'WITH "B c" AS (SELECT id FROM claims) SELECT id FROM "B c" JOIN firms USING (id)'
    )
    assert reads.tables == {"claims", "firms"} and reads.whole == frozenset()
    columns = tuple(TABLES["claims"].column_names)
    assert columns_read("SELECT c.amount FROM claims c", "claims", columns) == ("amount",)
    assert columns_read("SELECT f.* FROM claims c, firms f", "claims", columns) == ("id",)


def test_a_statement_that_is_none_fails_as_duckdb_has_it():
    with pytest.raises(duckdb.ParserException):
        query("SELEC 1", TABLES)
    with pytest.raises(duckdb.BinderException, match="nothing"):
        query("SELECT nothing FROM claims", TABLES)
