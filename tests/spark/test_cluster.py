"""Both engines, for real: a night by command with ``--engine spark`` on a local session.

The standalone master and its two workers are ``python -m benchmarks.spark``.
"""

import importlib.util

import pytest
from typer.testing import CliRunner

from benchmarks.spark import differences, world
from fraud_pipeline.cli import app
from fraud_pipeline.store import runs
from tests.conftest import unavailable

pytestmark = [pytest.mark.spark, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    if importlib.util.find_spec("pyspark") is None:
        unavailable("the extra spark")
    folder = tmp_path_factory.mktemp("engines")
    data = world(folder / "world", 300)
    found = []
    for engine in ("duckdb", "spark"):
        command = ["score", "--data", str(data), "-w", str(folder / engine), "--engine", engine]
        done = CliRunner().invoke(app, [*command, "--master", "local[2]"])
        assert done.exit_code == 0, done.output
        found.append(runs.find(folder / engine))
    return found


def test_every_table_is_the_same(both):
    wrong, worst, compared, _ = differences(*both)
    assert wrong == []
    assert worst <= 1e-9
    assert compared >= 15


def test_the_run_has_the_same_id_and_says_where_it_was_made(both):
    embedded, spark = both
    assert spark.run_id == embedded.run_id
    assert spark.manifest["engine"] == "spark"
    assert "engine" not in embedded.manifest


def test_tables_stand_by_programme_and_month(both):
    lake = both[1].folder.parents[1] / "lake" / both[1].run_id
    months = list(lake.glob("rule_results/programme=wuhan/month=*/part.parquet"))
    assert len(months) > 10
    assert (lake / "lake.json").is_file()
