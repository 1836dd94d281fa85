"""The commands that monitor the runs: what they say and with which status they end."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fraud_pipeline.cli.app import app
from fraud_pipeline.errors import IntegrityError, SettingsError
from fraud_pipeline.store import runs
from fraud_pipeline.store.places import data_samples

TINY = data_samples() / "tiny"


@pytest.fixture(scope="module")
def workspace(tiny_two_runs, tmp_path_factory):
    return Path(shutil.copytree(tiny_two_runs, tmp_path_factory.mktemp("two") / "w"))


def run_command(*arguments):
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_status_says_data_as_of_and_ends_with_1_when_stale(workspace, tmp_path):
    code, text = run_command("status", "-w", workspace)
    assert code == 0 and "data as of 2016-03-14" in text and "last success" in text
    assert run_command("status", "-w", workspace, "--max-age-hours", -1)[0] == 1
    assert run_command("status", "-w", workspace, "--max-data-days", 30)[0] == 1
    code, text = run_command("status", "-w", tmp_path)
    assert code == 1 and "no run was ever published" in text


def test_monitor_writes_page_and_prometheus_text(workspace, tmp_path):
    page, text = tmp_path / "page.html", tmp_path / "nights.prom"
    code, answer = run_command("monitor", "-w", workspace, "--out", page, "--prometheus", text)
    assert code in (0, 1) and str(page) in answer
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert "fraud_pipeline_queue_claims" in text.read_text("utf-8")
    with pytest.raises(SettingsError, match="ADDRESS:PORT"):
        run_command("monitor", "-w", workspace, "--listen", "nine")


def test_prune_says_what_would_go_and_touches_nothing_when_asked(workspace):
    code, text = run_command("prune", "--keep", 1, "--dry-run", "-w", workspace)
    assert code == 0 and "would go" in text and "LATEST" in text
    assert len([p for p in (workspace / "runs").iterdir() if p.is_dir()]) == 2


def test_verify_of_everything_and_of_one_claim(workspace):
    claim = runs.find(workspace).table("ranked_claims")["claim_id"][0].as_py()
    code, text = run_command("verify", "--all", "--claim", claim, "-w", workspace)
    assert code == 0 and "receipt 2:" in text and "the same again" in text
    assert "files as published" in run_command("verify", "-w", workspace)[1]
    with pytest.raises(IntegrityError, match="NUMBER:HASH"):
        run_command("verify", "--all", "--receipt", "x", "-w", workspace)
