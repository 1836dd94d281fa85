"""The inspection role's door: one file, for one pair of eyes, and nothing anywhere else."""

import csv
import stat

import pyarrow.parquet as pq
import pytest
from test_insiders import claims
from typer.testing import CliRunner

from fraud_pipeline.cli.app import app
from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.testing.rows import tables


@pytest.fixture
def given(tmp_path):
    made = tables(claims=claims(1, 0.9), institutions=[{"institution_id": "I1", "name": "甲所"}])
    (tmp_path / "data").mkdir()
    for name in ("claims", "institutions"):
        pq.write_table(made[name], tmp_path / "data" / f"{name}.parquet")
    return tmp_path


def run(*words):
    return CliRunner().invoke(app, ["insiders", *map(str, words)])


def test_the_pair_stands_in_the_named_file_and_nowhere_else(given):
    to = given / "pairs.csv"
    before = set(given.rglob("*"))
    done = run(given / "data", "--out", to)
    assert done.exit_code == 0, done.output
    assert set(given.rglob("*")) - before == {to}
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    first = list(csv.reader(to.read_text("utf-8-sig").splitlines()))[2]
    assert first[:3] == ["R1", "I1", "甲所"]
    assert "R1" not in done.output  # people are named in the file, not on a screen
    assert "600 / 600" in done.output and "leads, not findings" in done.output


def test_it_says_whom_it_is_for_and_asks_for_a_file():
    answer = CliRunner().invoke(app, ["insiders", "--help"]).output
    assert "inspection role only" in answer
    assert run("somewhere").exit_code == 2  # no --out: nothing is shown


def test_an_unknown_source_or_file_kind_is_one_line(given):
    for words in ((given / "nothing", "--out", given / "p.csv"),
                  (given / "data", "--out", given / "p.pdf"),
                  ("LATEST", "--out", given / "p.csv", "-w", given / "w")):  # fmt: skip
        assert isinstance(run(*words).exception, FraudPipelineError), words
    assert not (given / "p.csv").exists() and not (given / "p.pdf").exists()
