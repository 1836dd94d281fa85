"""The rings' pieces as a cluster would do them, without one: through the lake, shuffled, twice."""

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline import graph
from fraud_pipeline import rings as embedded
from fraud_pipeline.engine.spark import rings
from fraud_pipeline.engine.spark.lake import Lake
from fraud_pipeline.rings.graph.parties import build
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search import expansion, tasks
from fraud_pipeline.settings import GraphSettings
from fraud_pipeline.simulate import simulate

SETTINGS = RingParameters(null_samples=19)


@pytest.fixture(scope="module")
def ties_and_claims():
    tables = simulate("shanxi", n_claims=900, seed=4).tables
    return graph.build_ties(tables, GraphSettings()), tables["claims"]


class Frame:
    """What a frame of answers is to the driver: rows, in whatever order tasks end."""

    def __init__(self, rows):
        self._rows = rows

    def collect(self):
        return self._rows


@pytest.fixture
def cluster(monkeypatch, tmp_path):
    """A stand-in for :func:`fraud_pipeline.engine.spark.frames.tasks`; (the work, how many tasks ran)."""
    ran = []

    def tasks(session, count, executor, schema):
        order = np.random.default_rng(len(ran)).permutation(count).tolist()
        ran.append(count)
        answers = []
        for number in order:
            one, again = executor(number), executor(number)
            assert one.schema == schema and one.equals(again)
            answers += one.to_pylist()
        return Frame(answers)

    monkeypatch.setattr(rings, "tasks", tasks)
    return rings.Tasks(None, Lake(tmp_path / "lake"), 4), ran


def test_rings_found_in_tasks_are_those_found_here(ties_and_claims, cluster):
    ties, claims = ties_and_claims
    executor, ran = cluster
    whole = embedded.find(ties, claims, SETTINGS)
    kernels = (tasks._search_all, tasks._expand, expansion.propose_institutions)
    compiled = [len(kernel.signatures) for kernel in kernels]
    assert whole.rings.num_rows >= 3
    found = embedded.find(ties, claims, SETTINGS, executor=executor)
    for name in ("rings", "members", "claims", "evidence"):
        assert getattr(found, name).equals(getattr(whole, name))
    assert ran == [5, 4, 4, 4]  # lists of seeds, climbs, climbs again, chance worlds
    # a worker takes the code that is compiled and kept, and compiles none of its own
    assert [len(kernel.signatures) for kernel in kernels] == compiled


def test_a_web_comes_out_of_the_lake_as_it_went_in(ties_and_claims, tmp_path):
    ties, claims = ties_and_claims
    web = build(ties, claims, SETTINGS).graph
    lake, about = Lake(tmp_path / "lake"), rings._content_name(web)
    lake.keep(rings.FOLDER, about, rings._as_table([rings._flat(web)]))
    again = rings._web(lake, about)
    for ours, theirs in zip(again, web, strict=True):
        assert type(ours) is type(theirs)
        if isinstance(ours, np.ndarray):
            assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
            assert ours.tobytes() == theirs.tobytes()
            assert ours.flags.writeable and ours.flags.c_contiguous
    other = web._replace(enterprise_season=web.enterprise_season + 1)
    assert rings._content_name(other) != about


def test_nothing_of_the_search_stays_in_the_lake(ties_and_claims, cluster, monkeypatch):
    executor, _ = cluster

    class StagedInputs:
        def table(self, name):
            return ties_and_claims[0] if name == "ties" else ties_and_claims[1]

    class FakeRun:
        session, lake, parts, inputs = None, executor.lake, 4, StagedInputs()

    met = []

    def find(inputs, setup, doing):
        met.append(doing)
        doing.lake.keep(rings.FOLDER, "web", pa.table({"x": [1]}))
        raise KeyboardInterrupt

    monkeypatch.setattr(rings, "find_rings", find)
    with pytest.raises(KeyboardInterrupt):
        rings.rings(FakeRun(), None)
    assert isinstance(met[0], rings.Tasks)
    assert not executor.lake.path(rings.FOLDER).exists()
    assert list(executor.lake.folder.rglob("*.parquet")) == []


def test_answers_cross_as_plain_arrays():
    rows = [
        {"a": np.array([1, 2, 3]), "b": np.zeros(0)},
        {"a": np.zeros(0, np.int64), "b": np.ones(2)},
    ]
    table = rings._as_table(rows)
    for number, row in enumerate(rows):
        for name, values in rings._arrays(table, number).items():
            assert values.dtype == row[name].dtype and values.tolist() == row[name].tolist()
