"""Both engines, for real: a run by command with ``--engine spark`` on a local session.

The standalone master and its two workers are ``python -m benchmarks.spark``.
"""

import importlib.util

import pytest
from typer.testing import CliRunner

from benchmarks.spark import differences, world
from fraud_pipeline import graph
from fraud_pipeline import rings as embedded
from fraud_pipeline.cli.app import app
from fraud_pipeline.engine.spark.lake import Lake
from fraud_pipeline.engine.spark.rings import FOLDER, Tasks
from fraud_pipeline.engine.spark.session import open_session
from fraud_pipeline.settings import GraphSettings, RingSettings
from fraud_pipeline.simulate import simulate
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


def test_rings_are_looked_for_in_tasks(both):
    embedded_run, spark = both
    assert spark.table("rings").num_rows > 0
    for name in ("rings", "ring_members", "ring_claims", "ring_evidence"):
        assert spark.table(name).equals(embedded_run.table(name))


@pytest.fixture
def session():
    if importlib.util.find_spec("pyspark") is None:
        unavailable("the extra spark")
    session = open_session("local[2]")
    yield session
    session.stop()


def test_each_piece_of_the_search_is_a_task(session, tmp_path):
    tables = simulate("shanxi", n_claims=900, seed=4).tables
    ties, settings = graph.build_ties(tables, GraphSettings()), RingSettings(null_samples=19)
    whole = embedded.find(ties, tables["claims"], settings)
    session.sparkContext.setJobGroup("rings", "the search")
    executor = Tasks(session, Lake(tmp_path / "lake"), 6)
    found = embedded.find(ties, tables["claims"], settings, executor=executor)
    assert whole.rings.num_rows >= 3
    for name in ("rings", "members", "claims", "evidence"):
        assert getattr(found, name).equals(getattr(whole, name))
    tracker = session.sparkContext.statusTracker()
    jobs = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup("rings")]
    stages = [tracker.getStageInfo(stage) for job in jobs for stage in job.stageIds]
    assert sorted(stage.numTasks for stage in stages) == [5, 6, 6, 6]
    assert all(stage.numFailedTasks == 0 for stage in stages)
    kept = sorted(path.name.split("-")[0] for path in (tmp_path / "lake" / FOLDER).iterdir())
    assert kept == ["climb.arrow", "seeds.arrow", "web", "widen.arrow", "worlds.arrow"]


def test_tables_stand_by_programme_and_month(both):
    lake = both[1].folder.parents[1] / "lake" / both[1].run_id
    months = list(lake.glob("rule_results/programme=wuhan/month=*/part.parquet"))
    assert len(months) > 10
    assert (lake / "lake.json").is_file()
