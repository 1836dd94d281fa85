"""Bad input: one clear line, exit status 2, nothing lost, nothing half-written, no traceback."""

import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fraud_pipeline.store.places import data_samples
from tests.command_line import run
from tests.conftest import unavailable

TINY = data_samples() / "tiny"


_PROGRESS = re.compile(r"\[\d+/\d+\] \w+ [\d.]+ s$")  # a line a step, before it fails


def run_alone(*arguments, cwd, **more):
    """The command line in a process of its own, for limits of a process and locks of another."""
    command = [sys.executable, "-m", "fraud_pipeline.cli.app", *map(str, arguments)]
    more = {"capture_output": True, "text": True, "timeout": 300, "check": False, **more}
    return subprocess.run(command, cwd=cwd, **more)  # noqa: PLW1510 - check is among them


def one_clear_line(result, *named):
    assert result.returncode == 2, result.stderr
    lines = [line for line in result.stderr.strip().splitlines() if not _PROGRESS.match(line)]
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    for name in named:
        assert name in lines[0]


@pytest.fixture
def data(tmp_path):
    return Path(shutil.copytree(TINY, tmp_path / "data"))


def nothing_published(tmp_path):
    runs = tmp_path / "w" / "runs"
    assert not runs.exists() or not any(p for p in runs.iterdir() if p.name != "LATEST")


def score(tmp_path, data, *more, run=run, **kwargs):
    return run("score", "--data", data, "-w", tmp_path / "w", *more, cwd=tmp_path, **kwargs)


def test_no_such_folder(tmp_path):
    one_clear_line(score(tmp_path, tmp_path / "nowhere"), "nowhere")


def test_an_empty_file(tmp_path, data):
    (data / "claims.csv").write_text("")
    one_clear_line(score(tmp_path, data), "claims.csv")
    nothing_published(tmp_path)


def test_no_claims_at_all(tmp_path, data):
    (data / "claims.csv").unlink()
    one_clear_line(score(tmp_path, data), "claims")


def test_a_missing_column(tmp_path, data):
    text = (data / "claims.csv").read_text("utf-8")
    (data / "claims.csv").write_text(text.replace("claimed_amount", "whatever", 1), "utf-8")
    one_clear_line(score(tmp_path, data), "claims.csv", "claimed_amount")
    nothing_published(tmp_path)


def test_text_in_every_amount(tmp_path, data):
    lines = (data / "claims.csv").read_text("utf-8").splitlines()
    column = lines[0].replace('"', "").split(",").index("contract_amount")
    for n in range(1, len(lines)):
        cells = lines[n].split(",")
        cells[column] = "much"
        lines[n] = ",".join(cells)
    (data / "claims.csv").write_text("\n".join(lines), "utf-8")
    one_clear_line(score(tmp_path, data), "claims.csv", "row 2", "contract_amount")
    nothing_published(tmp_path)


def test_an_unknown_programme(tmp_path, data):
    one_clear_line(score(tmp_path, data, "--programme", "atlantis"), "atlantis")


def test_a_settings_typo(tmp_path, data):
    (tmp_path / "s.toml").write_text("[audit]\nbudget_shere = 1")
    one_clear_line(score(tmp_path, data, "--settings", tmp_path / "s.toml"), "budget_shere")


def test_a_database_that_is_away(tmp_path):
    url = "postgresql+psycopg://someone:secret@127.0.0.1:9/none"
    result = score(tmp_path, url)
    one_clear_line(result)
    assert "secret" not in result.stderr


def test_a_read_only_workspace(tmp_path, data):
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "runs").write_text("a file where a folder is needed")
    one_clear_line(score(tmp_path, data), "runs")


def test_a_read_only_file_system(tmp_path, data):
    """Root may write anywhere except where the file system itself refuses."""
    place = tmp_path / "w"
    place.mkdir(mode=0o500)
    if os.geteuid() == 0:
        mount = ["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", str(place)]
        if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
            unavailable("THE RIGHT TO MOUNT A READ-ONLY FILE SYSTEM")
    try:
        one_clear_line(score(tmp_path, data), "nothing was published")
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", str(place)], check=False)


def test_a_disk_without_room(tmp_path, data):
    place = tmp_path / "w"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("needs the right to mount; test_a_full_disk covers the same refusal")
    try:
        one_clear_line(score(tmp_path, data), "disk is full")
        nothing_published(tmp_path)
    finally:
        subprocess.run(["umount", str(place)], check=False)


def test_a_full_disk(tmp_path, data):
    """No file may grow past 20 kB: the same refusal the kernel gives on a full disk."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    one_clear_line(score(tmp_path, data, run=run_alone, preexec_fn=limit), "nothing was published")
    nothing_published(tmp_path)
    assert score(tmp_path, data).returncode == 0  # with room again the same command succeeds


def test_a_locked_workspace(tmp_path, data):
    from fraud_pipeline.store.workspace import locked

    with locked(tmp_path / "w"):
        one_clear_line(score(tmp_path, data, run=run_alone), "another run")


def test_a_date_that_is_none(tmp_path, data):
    result = score(tmp_path, data, "--as-of", "yesterday")
    assert result.returncode == 2 and "yesterday" in result.stderr


@pytest.mark.parametrize("command", [("explain", "C1"), ("ring", "R1"), ("export", "--out", "x")])
def test_asking_before_any_run(tmp_path, command):
    one_clear_line(run(*command, "-w", tmp_path / "w", cwd=tmp_path), "no run")
