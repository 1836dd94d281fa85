"""The flow: the same run as by hand, resumable, cached, silent towards the outside."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from fraud_pipeline.store import runs
from fraud_pipeline.store.places import data_samples

TINY = data_samples() / "tiny"
ROOT = Path(__file__).parent.parent

FLOW = """
import json, sys
from flows.nightly import nightly
from prefect.settings import get_current_settings
if len(sys.argv) > 3:
    from fraud_pipeline import conduct
    before = conduct.run_step
    def dying(night, step):
        if step.name == sys.argv[3]:
            import os, signal
            os.kill(os.getpid(), signal.SIGKILL)
        return before(night, step)
    conduct.run_step = dying
state = nightly(sys.argv[1], workspace=sys.argv[2], return_state=True)
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
with get_client(sync_client=True) as client:
    runs = FlowRunFilter(id=FlowRunFilterId(any_=[state.state_details.flow_run_id]))
    tasks = client.read_task_runs(flow_run_filter=runs, sort="NAME_ASC", limit=100)
    shown = sorted({a["key"] for a in client._client.post("/artifacts/filter", json={"limit": 100}).json()})
print(json.dumps({"folder": state.result(), "tasks": sorted((t.name, t.state.name) for t in tasks),
    "artifacts": shown, "analytics": get_current_settings().server.analytics_enabled}))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    home = tmp_path_factory.mktemp("prefect")
    return {**os.environ, "PREFECT_HOME": str(home), "PREFECT_LOGGING_LEVEL": "ERROR",
            "PREFECT_SERVER_LOGGING_LEVEL": "ERROR"}  # fmt: skip


def flow(environment, workspace, *more):
    """Runs the flow in a process group of its own: a killed flow leaves its temporary server
    behind, which would keep a pipe open for ever.
    """
    command = [sys.executable, "-c", FLOW, str(TINY), str(workspace), *more]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=err, start_new_session=True
        )
        try:
            code = process.wait(180)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        out.seek(0), err.seek(0)
        return subprocess.CompletedProcess(command, code, out.read(), err.read())


def told(done):
    import json

    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_night_one_task_a_step_with_artifacts_and_no_analytics(environment, tmp_path):
    from fraud_pipeline.conduct import Request, score
    from fraud_pipeline.store.workspace import locked

    night = told(flow(environment, tmp_path / "flow"))
    names = [name for name, _ in night["tasks"]]
    assert {"ingest", "rules", "rings", "score", "plan", "report", "publish"} <= {
        n.split("-")[0] for n in names
    }
    assert {"top-claims", "run-summary"} <= set(night["artifacts"])
    assert night["analytics"] is False
    with locked(tmp_path / "hand") as place:
        by_hand = score(Request(data=str(TINY), workspace=place.path), place)
    assert runs.Run(Path(night["folder"])).manifest["outputs"] == by_hand.manifest["outputs"]


def test_a_killed_night_goes_on_where_it_stopped(environment, tmp_path):
    killed = flow(environment, tmp_path, "prices")
    assert killed.returncode == -9
    assert not (tmp_path / "runs" / "LATEST").exists()
    night = told(flow(environment, tmp_path))
    states = dict(night["tasks"])
    assert states["rules"] == "Cached" and states["rings"] == "Cached"
    assert states["prices"] == "Completed"


@pytest.mark.long
def test_the_command_schedule_registers_the_nightly_cron(environment, tmp_path):
    """Against a real server on loopback: the deployment is there with its cron and parameters."""
    import json
    import socket
    import urllib.request

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server_environment = {**environment, "PREFECT_HOME": str(tmp_path / "home"), "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
                          "DO_NOT_TRACK": "1"}  # fmt: skip
    api = f"http://127.0.0.1:{port}/api"
    server = subprocess.Popen([sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
                              env=server_environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip

    def ask(path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(api + path, data, {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.loads(answer.read())

    def wait(question, seconds=90):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if answer := question():
                    return answer
            except OSError:
                pass
            time.sleep(1)
        raise AssertionError("no answer in time")

    keeper = None
    try:
        wait(lambda: ask("/health"))
        keeper = subprocess.Popen(
            [sys.executable, "-m", "fraud_pipeline.cli", "schedule", "--data", str(TINY), "-w", str(tmp_path / "w"), "--cron", "* * * * *"],
            env={**server_environment, "PREFECT_API_URL": api}, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        found = wait(lambda: ask("/deployments/filter", {}))
        assert found[0]["name"] == "nightly"
        assert found[0]["schedules"][0]["schedule"]["cron"] == "* * * * *"
        assert found[0]["schedules"][0]["schedule"]["timezone"] == "Asia/Shanghai"
        # a registered schedule that never fires is the failure that hides: wait for one that did
        wait((tmp_path / "w" / "runs" / "LATEST").is_file, seconds=180)
    finally:
        for process in (keeper, server):
            if process is not None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
