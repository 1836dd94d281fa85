"""Flows in one process: same bytes as by hand, retries, killed runs, messages, audit rounds."""

import os
from pathlib import Path

import pytest

from flows.audit_round import audit_round
from flows.backtest import backtest
from flows.nightly import nightly
from flows.train import train
from fraud_pipeline.engine import loading
from fraud_pipeline.engine.backtest import in_short, of_run
from fraud_pipeline.engine.runner import Request, score
from fraud_pipeline.errors import InputError, SourceAwayError, WorkspaceError
from fraud_pipeline.settings import Settings
from fraud_pipeline.store import attempts, ledger, runs
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.store.workspace import Workspace, locked

TINY = data_samples() / "tiny"

pytestmark = pytest.mark.usefixtures("orchestrator")


@pytest.fixture(scope="module")
def nightly_run(orchestrator, tmp_path_factory):
    """One run through the flow: its workspace and its Prefect state."""
    workspace = tmp_path_factory.mktemp("nightly")
    return workspace, nightly(str(TINY), workspace=str(workspace), return_state=True)


def asked(method, path, body):
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        return client._client.request(method, path, json=body).json()


def test_a_flow_makes_the_same_run_as_by_hand_one_task_a_step(nightly_run, tiny_run):
    workspace, state = nightly_run
    by_hand = runs.find(tiny_run)
    run = runs.find(workspace)
    assert state.is_completed() and state.result() == str(run.folder)
    assert run.manifest["outputs"] == by_hand.manifest["outputs"]
    mine = {"flow_runs": {"id": {"any_": [str(state.state_details.flow_run_id)]}}}
    names = {t["name"].split("-")[0] for t in asked("POST", "/task_runs/filter", mine)}
    assert {"ingest", "rules", "rings", "score", "plan", "report", "publish"} <= names
    shown = {a["key"] for a in asked("POST", "/artifacts/filter", {})}
    assert {"top-claims", "run-summary", "night"} <= shown


def test_nothing_calls_home():
    from prefect.settings import get_current_settings

    assert get_current_settings().server.analytics_enabled is False
    assert os.environ["DO_NOT_TRACK"] == "1"


def test_a_run_without_news_says_so(nightly_run):
    workspace, _ = nightly_run
    before = runs.find(workspace).manifest
    assert nightly(str(TINY), workspace=str(workspace))
    assert runs.find(workspace).manifest == before
    assert [e.event for e in attempts.read(workspace)][-2:] == ["begun", "unchanged"]


@pytest.mark.usefixtures("impatient")
def test_a_database_that_is_away_for_a_while(nightly_run, tmp_path, monkeypatch):
    """Away three times, then there: the run ends with the bytes of an undisturbed one."""
    before, calls = loading.open_sources, []

    def flaky(*arguments):
        calls.append(1)
        if len(calls) <= 3:
            raise SourceAwayError("the database cannot be read: connection refused")
        return before(*arguments)

    monkeypatch.setattr(loading, "open_sources", flaky)
    nightly(str(TINY), workspace=str(tmp_path))
    undisturbed = runs.find(nightly_run[0])
    assert len(calls) == 4
    assert runs.find(tmp_path).manifest["outputs"] == undisturbed.manifest["outputs"]


@pytest.mark.usefixtures("impatient")
def test_what_time_cannot_heal_is_not_tried_again(tmp_path, monkeypatch):
    calls = []

    def wrong(*_):
        calls.append(1)
        raise InputError("a column is missing")

    monkeypatch.setattr(loading, "open_sources", wrong)
    with pytest.raises(InputError):
        nightly(str(TINY), workspace=str(tmp_path))
    assert len(calls) == 1
    assert attempts.read(tmp_path)[-1].reason == "InputError: a column is missing"


@pytest.mark.usefixtures("impatient")
def test_a_disk_that_is_full_for_a_while(nightly_run, tmp_path, monkeypatch):
    from fraud_pipeline.store import files

    before, calls = files.write_table, []

    def full_once(path, table):
        calls.append(1)
        if len(calls) == 20:
            raise WorkspaceError(f"{path}: the disk is full; nothing was published")
        return before(path, table)

    monkeypatch.setattr(files, "write_table", full_once)
    nightly(str(TINY), workspace=str(tmp_path))
    assert len(calls) > 20
    outputs = runs.find(nightly_run[0]).manifest["outputs"]
    assert runs.find(tmp_path).manifest["outputs"] == outputs


def test_a_killed_run_is_not_called_running_for_ever(nightly_run):
    """Prefect keeps a killed flow's run as Running; the next holder of the lock corrects it."""
    from prefect.client.orchestration import get_client
    from prefect.states import Running

    workspace, _ = nightly_run
    with get_client(sync_client=True) as client:
        parameters = {"data": str(TINY), "workspace": str(workspace)}
        killed = client.create_flow_run(nightly, parameters=parameters, state=Running())
        other = client.create_flow_run(
            nightly, parameters={**parameters, "workspace": "/elsewhere"}, state=Running()
        )
        nightly(str(TINY), workspace=str(workspace))
        assert client.read_flow_run(killed.id).state.is_crashed()
        assert client.read_flow_run(other.id).state.is_running()


def test_word_is_sent_of_a_failure_and_holds_no_names(heard, tmp_path):
    from prefect.blocks.notifications import CustomWebhookNotificationBlock

    address, messages = heard
    CustomWebhookNotificationBlock(
        name="operations", url=address, json_data={"subject": "{{subject}}", "body": "{{body}}"}
    ).save("operations")
    state = nightly(
        str(tmp_path / "nowhere"), workspace=str(tmp_path / "w"),
        notify="custom-webhook/operations", return_state=True,
    )  # fmt: skip
    assert state.is_failed()
    assert len(messages) == 1
    assert "nightly" in messages[0]["subject"] and "nowhere" in messages[0]["body"]


def test_a_messenger_that_is_not_there_stops_no_run(nightly_run):
    workspace, _ = nightly_run
    assert nightly(str(TINY), workspace=str(workspace), notify="custom-webhook/nobody")


def test_a_round_is_committed_first_and_drawn_once(nightly_run):
    workspace, _ = nightly_run
    folder = Path(audit_round(str(workspace), budget=10))
    promised = ledger.last(ledger.read(Workspace(workspace)), "commitment")
    assert promised is not None and not (folder / "plan.json").exists()
    assert audit_round(str(workspace), budget=10) == str(folder)  # again: the same commitment
    audit_round(str(workspace), budget=10, seed=42)
    assert (folder / "worksheet.xlsx").is_file()
    entered = ledger.last(ledger.read(Workspace(workspace)), "plan")
    assert entered is not None and entered.subject == folder.name
    state = audit_round(str(workspace), budget=10, seed=43, return_state=True)
    assert state.is_failed() and "drawn once" in state.message


def test_training_says_why_not(nightly_run):
    assert "not trained" in train(str(nightly_run[0]))


def test_a_backtest_without_verdicts_says_why_not(nightly_run):
    assert "no backtest: outcomes:" in backtest(str(nightly_run[0]))


def test_a_backtest_with_settings_that_cannot_be_read_fails(nightly_run, tmp_path):
    state = backtest(
        str(nightly_run[0]), settings=str(tmp_path / "nowhere.toml"), return_state=True
    )
    assert state.is_failed() and "nowhere.toml" in state.message


@pytest.mark.long
def test_a_backtest_is_the_one_by_hand_and_is_told(heard, tmp_path):
    from prefect.blocks.notifications import CustomWebhookNotificationBlock

    address, messages = heard
    CustomWebhookNotificationBlock(
        name="looks", url=address, json_data={"text": "{{body}}"}
    ).save("looks")  # fmt: skip
    with locked(tmp_path) as place:
        score(Request(data=str(data_samples() / "wuhan"), workspace=tmp_path), place)
    text = backtest(str(tmp_path), months=8, notify="custom-webhook/looks")
    months = of_run(Workspace(tmp_path), None, Settings(), 8)
    assert months and text == in_short(months) == messages[-1]["text"]
    assert {"backtest", "backtest-months"} <= {
        a["key"] for a in asked("POST", "/artifacts/filter", {})
    }
