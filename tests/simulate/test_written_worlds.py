"""Worlds on disk: part by part, whole or absent, the answers beside the tables and never read."""

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from fraud_pipeline.cli.app import app
from fraud_pipeline.errors import WorkspaceError
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.simulate import simulate, simulate_parts
from fraud_pipeline.store.worlds import write_parts, write_world

ANSWERS = {"truth", "roles", "lookalikes"}


def test_a_country_written_in_parts_is_the_country(tmp_path):
    n = write_parts(simulate_parts("national", 900, 4), tmp_path / "w", "parquet")
    whole = simulate("national", 900, 4)
    assert n == 900
    for name in INPUT_TABLES:
        written = pq.read_table(tmp_path / "w" / f"{name}.parquet")
        plain = whole.tables[name].select(written.column_names).combine_chunks()
        assert written.equals(plain.cast(written.schema)), name
    for name, table in (
        ("truth", whole.truth),
        ("roles", whole.roles),
        ("lookalikes", whole.groups),
    ):
        assert pq.read_table(tmp_path / "w" / f"{name}.parquet").num_rows == table.num_rows


def test_roles_and_lookalikes_are_on_disk_and_name_the_parts(tmp_path):
    write_world(simulate("wuhan", 1071, 6), tmp_path / "w")
    roles = pd.read_parquet(tmp_path / "w" / "roles.parquet")
    assert {"organiser", "shell", "complicit_institution", "agent"} <= set(roles["role"])
    groups = pd.read_parquet(tmp_path / "w" / "lookalikes.parquet")
    assert len(set(groups["group"])) >= 10
    assert {p.stem for p in (tmp_path / "w").glob("*.csv")} == set(INPUT_TABLES)


def test_the_answers_make_no_difference_to_what_is_read(tmp_path):
    write_world(simulate("wuhan", 120, 6), tmp_path / "w")
    check = lambda: CliRunner().invoke(app, ["check", "--data", str(tmp_path / "w")])  # noqa: E731
    with_answers = check()
    for name in ANSWERS:
        (tmp_path / "w" / f"{name}.parquet").unlink()
    assert with_answers.exit_code == 0 and check().output == with_answers.output


def test_a_crash_leaves_nothing(tmp_path):
    def breaking():
        yield from simulate_parts("wuhan", 50, 1)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        write_parts(breaking(), tmp_path / "w")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(WorkspaceError, match="not empty"):
        write_world(simulate("wuhan", 20, 1), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_the_command_writes_any_pack_and_plants_on_request(tmp_path):
    words = ["simulate", "--programme", "singapore", "--claims", "80", "--form", "parquet",
             "--also", "T03", "--out", str(tmp_path / "w")]  # fmt: skip
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    claims = pd.read_parquet(tmp_path / "w" / "claims.parquet")
    assert len(claims) == 80 and set(claims["programme"]) == {"singapore"}
    assert "T03" in set(pd.read_parquet(tmp_path / "w" / "truth.parquet")["typology"])
