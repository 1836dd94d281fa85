"""After an upgrade an old run is repeated all the same, and what the new code changes is counted."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from fraud_pipeline.engine import verification
from fraud_pipeline.engine.table_difference import difference
from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.steps import ranking
from fraud_pipeline.store import runs, version

OTHER = {"version": "9.9", "sha256": "f" * 64}


@pytest.fixture
def upgraded(monkeypatch):
    monkeypatch.setattr(version, "code_version", lambda: OTHER)


def test_other_code_that_changes_nothing_is_said_to_prove_the_run(tiny_run, upgraded):
    text = verification.verify_run(tiny_run, None, replay=True).text
    assert "byte for byte by other code" in text


def test_what_other_code_changes_is_counted_by_table_and_column(tiny_run, upgraded, monkeypatch):
    real = ranking.risk.score

    def newer(*arguments):
        table = real(*arguments)
        at = table.column_names.index("ring_score")
        first = pa.array([k == 0 for k in range(table.num_rows)])
        changed = pc.if_else(first, 0.123, table["ring_score"])
        return table.set_column(at, table.schema.field(at), changed)

    monkeypatch.setattr(ranking.risk, "score", newer)
    n = runs.find(tiny_run).table("ranked_claims").num_rows
    with pytest.raises(IntegrityError) as caught:
        verification.verify_run(tiny_run, None, replay=True)
    text = str(caught.value)
    assert f"ranked_claims.parquet (1 of {n} other rows: ring_score 1)" in text
    assert "was made by other code" in text and "here 9.9 ffffffffffff" in text
    assert "files come out the same" in text and "clean/" not in text and "\n" not in text


def test_the_manifest_names_every_installed_package(tiny_run):
    environment = runs.find(tiny_run).manifest["environment"]
    assert environment["packages"]["pyarrow"] == pa.__version__
    assert len(environment["packages"]) > 50 and environment["python"].count(".") == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "bytes alone"),
        ({"x": [1.0, 2.0, 3.0]}, "1 of 3 other rows: x 1"),
        ({"x": [None, 9.0, float("nan")], "y": ["a", "b", "d"]}, "2 of 3 other rows: x 1, y 1"),
        ({"id": ["1", "2", "4"]}, "1 rows less, 1 rows more"),
        ({"y": None}, "column y less"),
        ({"z": [1, 1, 1]}, "column z more"),
        ({"x": [1, 2, 3]}, "1 of 3 other rows: x 1"),
    ],
)
def test_a_difference_is_counted(change, expected):
    before = {"id": ["1", "2", "3"], "x": [None, 2.0, 3.0], "y": ["a", "b", None]}
    if "x" in change and change["x"][-1] != change["x"][-1]:
        before["x"] = [None, 2.0, float("nan")]
    now = {k: v for k, v in {**before, **change}.items() if v is not None}
    tables = (pa.table({**before}), pa.table(now))
    assert difference(*tables, ("id",)) == expected


def test_a_table_without_a_key_is_counted_whole():
    assert difference(pa.table({"x": [1]}), pa.table({"x": [1, 2]}), ()) == "1 rows, now 2"
