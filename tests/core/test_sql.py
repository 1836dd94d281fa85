"""Questions put to DuckDB: what stays named between them never answers for something else."""

import threading

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud_pipeline.core import sql
from fraud_pipeline.core.sql import columns_read, query, unblanked

ONE = pa.table({"a": [1, 2], "b": ["x", "y"]})
TWO = pa.table({"a": [30], "b": ["z"]})


def test_the_table_of_this_question_answers_not_the_one_of_the_last():
    for table, total in ((ONE, 3), (TWO, 30), (ONE.slice(1), 2)):
        assert query("SELECT sum(a)::BIGINT AS s FROM t", {"t": table})["s"].to_pylist() == [total]


def test_a_table_that_is_not_given_is_not_there():
    query("SELECT a FROM t ORDER BY a", {"t": ONE})
    with pytest.raises(duckdb.CatalogException):
        query("SELECT a FROM t ORDER BY a", {"u": ONE})


def test_a_column_that_only_a_later_question_reads_is_there():
    assert query("SELECT max(a) AS m FROM t", {"t": ONE})["m"].to_pylist() == [2]
    assert query("SELECT max(b) AS m FROM t", {"t": ONE})["m"].to_pylist() == ["y"]
    assert query("SELECT * FROM t ORDER BY a", {"t": ONE}).equals(ONE)


def test_large_tables_are_let_go_of():
    large = pa.table({"a": range(sql._SMALL + 1)})
    query("SELECT count(*) FROM wide", {"wide": large})
    held = {n for idle in sql._idle for opened in idle for n in opened._registered}
    assert "wide" not in held


def test_small_and_large_questions_give_the_same_types():
    statement = "SELECT a, b, a::DECIMAL(18, 2) AS d, [a] AS l, DATE '2024-01-01' AS day FROM t"
    small = query(statement, {"t": ONE})
    many = pa.concat_tables([ONE] * sql._SMALL)
    large = query(f"{statement} LIMIT 2", {"t": many})
    assert small.equals(large)


def test_threads_do_not_share_a_connection():
    wrong = []

    def ask(k):
        for n in range(20):
            mine = pa.table({"a": [100 * k + n]})
            if query("SELECT a FROM t", {"t": mine})["a"].to_pylist() != [100 * k + n]:
                wrong.append((k, n))

    threads = [threading.Thread(target=ask, args=(k,)) for k in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not wrong


ALL = ("one", "two", "six")


@pytest.mark.parametrize(("statement", "read"), [
    ("SELECT one FROM t", ("one",)),
    ("SELECT ONE, count(*) FROM t GROUP BY one", ("one",)),
    ("SELECT count(*) FROM t", ("one",)),  # one column must stay
    ("SELECT 1 FROM t", ("one",)),
    ("SELECT sum(one * 2) AS s FROM t", ("one",)),
    ("SELECT one FROM t JOIN u USING (two)", ("one", "two")),
    ("SELECT one FROM t WHERE EXISTS (FROM t u WHERE u.two = 1) AND two * 2 > 1", ("one", "two")),
    ("SELECT * FROM t", ALL),
    ("SELECT t.*, 1 AS d FROM t", ALL),
    ("SELECT COLUMNS('.') FROM t", ALL),
    ("SELECT one FROM t NATURAL JOIN u", ALL),
    ("FROM t", ALL),
    ("SELECT one FROM (FROM t)", ALL),
    ("WITH w AS (FROM t) SELECT one FROM w", ALL),
    ("SELECT one FROM t UNION ALL FROM t", ALL),
])  # fmt: skip
def test_columns_a_statement_may_read(statement, read):
    assert columns_read(statement, "t", ALL) == read


def test_questions_beside_others_keep_to_one_thread_and_answer_the_same():
    many = {"t": pa.concat_tables([ONE] * sql._SMALL)}
    threads = "SELECT current_setting('threads')::BIGINT AS n, sum(a)::BIGINT AS s FROM t"
    with sql.single_threaded():
        alone = query(threads, many).to_pylist()[0]
    assert alone == {"n": 1, "s": 3 * sql._SMALL}
    after = query(threads, many).to_pylist()[0]
    assert after["s"] == alone["s"]
    usual = duckdb.sql("SELECT current_setting('threads')::BIGINT AS n").to_arrow_table()
    assert after["n"] == usual["n"][0].as_py()


@settings(deadline=None)
@given(st.lists(st.none() | st.text("甲a \t\n\v\f\r\u3000.", max_size=12), min_size=1))
def test_blanks_go_as_the_regular_expression_has_it(texts):
    given_ = pa.table({"n": range(len(texts)), "t": pa.array(texts, pa.string())})
    answer = query(
        f"SELECT {unblanked('t')} AS ours, regexp_replace(t, '\\s', '', 'g') AS theirs"  # noqa: S608
        " FROM given_ ORDER BY n",
        {"given_": given_},
    )
    assert answer["ours"].equals(answer["theirs"])


def test_no_progress_bar_stands_on_standard_output():
    settings = query("SELECT current_setting('enable_progress_bar') AS shown", {})
    assert settings["shown"].to_pylist() == [False]
