"""Any table of two parties, amount and date becomes claims, or there is one line that says why not."""

import datetime
from decimal import Decimal

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.rings.graph.any_table import bipartite

DAY = datetime.date(2016, 1, 1)
COLUMNS = {"buyer": ["x", "y"], "seller": ["s", "t"], "paid": [1.0, 2.0], "day": [DAY, DAY]}
WHOLE = [("x", "s", Decimal("1.00"), DAY), ("y", "t", Decimal("2.00"), DAY)]
NUMBERS = [("1", "3", Decimal("1.00"), DAY), ("2", "4", Decimal("2.00"), DAY)]


def rows(data):
    claims = bipartite(data)
    names = ("enterprise_id", "institution_id", "claimed_amount", "submitted_on")
    assert claims.column_names == list(names)
    return [tuple(row[name] for name in names) for row in claims.to_pylist()]


TABLES = {
    "Arrow table": pa.table(COLUMNS),
    "record batch": pa.table(COLUMNS).to_batches()[0],
    "pandas frame": pd.DataFrame(COLUMNS),
    "pandas categories": pd.DataFrame({**COLUMNS, "buyer": pd.Categorical(["x", "y"])}),
    "dictionary": pa.table({**COLUMNS, "buyer": pa.array(["x", "y"]).dictionary_encode()}),
    "other order": pd.DataFrame({name: COLUMNS[name] for name in ("paid", "buyer", "day", "seller")}),
    "whole amounts": pa.table({**COLUMNS, "paid": [1, 2]}),
    "times of day": pa.table({**COLUMNS, "day": [datetime.datetime(2016, 1, 1, 23, tzinfo=datetime.UTC)] * 2}),
    "relation": duckdb.connect().from_arrow(pa.table(COLUMNS)),
}  # fmt: skip


@pytest.mark.parametrize("kind", TABLES)
def test_every_kind_of_table_gives_the_same_claims(kind):
    assert rows(TABLES[kind]) == WHOLE


def test_whole_numbers_are_ids_too():
    assert rows(pa.table({**COLUMNS, "buyer": [1, 2], "seller": [3, 4]})) == NUMBERS
    unsigned = pa.array([1, 2], pa.uint64())
    assert rows(pa.table({**COLUMNS, "buyer": unsigned, "seller": [3, 4]})) == NUMBERS


def test_our_own_names_count_before_the_order():
    table = pa.table({
        "remark": ["a", "b"], "submitted_on": [DAY, DAY], "institution_id": ["s", "t"],
        "claimed_amount": [1.0, 2.0], "enterprise_id": ["x", "y"],
    })  # fmt: skip
    assert rows(table) == WHOLE


def test_rows_without_a_party_or_a_day_are_left_out_and_a_missing_amount_is_none():
    assert rows(pa.table({**COLUMNS, "day": [DAY, None]})) == WHOLE[:1]
    assert rows(pa.table({**COLUMNS, "day": pa.nulls(2, pa.date32())})) == []
    assert rows(pd.DataFrame({**COLUMNS, "buyer": ["x", None]})) == WHOLE[:1]
    assert rows(pa.table({**COLUMNS, "paid": [float("nan"), None]})) == [
        ("x", "s", None, DAY), ("y", "t", None, DAY)
    ]  # fmt: skip
    assert rows(pa.table(COLUMNS).slice(0, 0)) == []


REJECTED = {
    "no table": [1, 2],
    "nothing": None,
    "a dict": COLUMNS,
    "no columns": pd.DataFrame(),
    "untyped and empty": pd.DataFrame({name: [] for name in COLUMNS}),
    "days in words": pa.table({**COLUMNS, "day": ["today", "today"]}),
    "days without a type": pa.table({**COLUMNS, "day": [None, None]}),
    "one party": pa.table({name: COLUMNS[name] for name in ("buyer", "paid", "day")}),
    "an endless amount": pa.table({**COLUMNS, "paid": [float("inf"), 1.0]}),
    "an amount beyond all": pa.table({**COLUMNS, "paid": [1e30, 1.0]}),
    "text and numbers in one column": pd.DataFrame({**COLUMNS, "buyer": ["x", 1]}),
    "a name twice": pa.Table.from_arrays(
        pa.table(COLUMNS).columns, names=["buyer", "buyer", "paid", "day"]
    ),
}


@pytest.mark.parametrize("what", REJECTED)
def test_what_cannot_be_read_is_one_line(what):
    with pytest.raises(SettingsError, match=r"^rings\.find: [^\n]+$"):
        bipartite(REJECTED[what])
