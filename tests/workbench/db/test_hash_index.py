"""Looking rows up by key gives what SELECT gives, and no other."""

from decimal import Decimal

import duckdb
import numpy as np
import pytest

from fraud_pipeline.workbench.db import hash_index


@pytest.fixture
def connection(monkeypatch):
    """20,000 papers of 5,001 parties, and 7 of nobody's."""
    made = duckdb.connect()
    made.execute("SET TimeZone = 'Asia/Shanghai'")
    made.execute(
        """CREATE TABLE papers AS SELECT CASE WHEN i < 7 THEN NULL WHEN i % 4 = 0 THEN '企业 0'
        ELSE '企业 ' || (i % 5000) END AS party, i AS nth, (i / 100)::DECIMAL(18, 2) AS amount,
        DATE '2017-01-01' + (i % 300)::INTEGER AS day, to_timestamp(i) AS at FROM range(20000) r(i)"""
    )
    monkeypatch.setattr(hash_index, "_BATCH", 2_048)  # a key lies in several stretches
    return made


def by_select(connection, value):
    found = connection.execute("SELECT * FROM papers WHERE party = ? ORDER BY rowid", [value])
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(params=["memory", "file"])
def index(request, connection, tmp_path):
    if request.param == "memory":
        return hash_index.build_in_memory(connection, "papers", "party")
    hash_index.write_file(connection, "papers", "party", tmp_path)
    return hash_index.open_mapped(tmp_path, "papers", "party")


@pytest.mark.parametrize("value", ["企业 0", "企业 1", "企业 4999", "企业 2", "nobody", ""])
def test_a_look_gives_what_select_gives(connection, index, value):
    assert index.rows([value]) == by_select(connection, value)


def test_every_row_with_a_key_is_found_by_it(connection, index):
    keys = [
        r[0] for r in connection.execute("SELECT DISTINCT party FROM papers").fetchall() if r[0]
    ]
    found = index.rows(keys, "nth AS n, party")
    assert sorted(row["n"] for row in found) == list(range(7, 20_000))
    assert [*found[0]] == ["n", "party"]


def test_values_keep_their_kinds(index):
    row = index.rows(["企业 9"])[0]
    assert row["amount"] == Decimal("0.09") and str(row["amount"]) == "0.09"
    assert str(row["day"]) == "2017-01-10" and str(row["at"]) == "1970-01-01 08:00:09+08:00"


def test_two_keys_of_one_hash_are_not_mixed_up(connection, monkeypatch):
    collided = np.uint64(5)
    monkeypatch.setattr(
        hash_index, "SORTED", hash_index.SORTED.replace("md5_number_upper({key})", "5::UBIGINT")
    )
    monkeypatch.setattr(hash_index, "key_hash", lambda value: collided)
    index = hash_index.build_in_memory(connection, "papers", "party")
    assert index.rows(["企业 1"]) == by_select(connection, "企业 1")


def test_an_empty_table_answers_nothing(connection):
    connection.execute("CREATE TABLE none AS SELECT * FROM papers LIMIT 0")
    index = hash_index.build_in_memory(connection, "none", "party")
    assert index.rows(["企业 1"]) == []
