"""With real processes: a killed flow, a real server on loopback, a schedule that fires, a worker."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest

from fraud_pipeline.store import attempts, runs
from fraud_pipeline.store.places import data_samples

TINY = data_samples() / "tiny"
ROOT = Path(__file__).parents[2]
QUIET = {"PREFECT_LOGGING_LEVEL": "ERROR", "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
         "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}  # fmt: skip

FLOW = """
import sys
from flows.nightly import nightly
if len(sys.argv) > 3:
    from fraud_pipeline.engine import runner
    before = runner.run_step
    def dying(run, step):
        if step.name == sys.argv[3]:
            import os, signal
            os.kill(os.getpid(), signal.SIGKILL)
        return before(run, step)
    runner.run_step = dying
state = nightly(sys.argv[1], workspace=sys.argv[2], return_state=True)
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
with get_client(sync_client=True) as client:
    runs = FlowRunFilter(id=FlowRunFilterId(any_=[state.state_details.flow_run_id]))
    for task in client.read_task_runs(flow_run_filter=runs, sort="NAME_ASC", limit=100):
        print(task.name, task.state.name)
"""

pytestmark = pytest.mark.long


def flow(home, workspace, *more):
    """Runs the flow in a process group of its own: a killed flow leaves its temporary server
    behind, which would keep a pipe open for ever.
    """
    command = [sys.executable, "-c", FLOW, str(TINY), str(workspace), *more]
    environment = {**os.environ, **QUIET, "PREFECT_HOME": str(home)}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=err, start_new_session=True
        )
        try:
            code = process.wait(300)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        out.seek(0), err.seek(0)
        return subprocess.CompletedProcess(command, code, out.read(), err.read())


def test_a_killed_run_goes_on_where_it_stopped(tmp_path):
    killed = flow(tmp_path / "home", tmp_path / "w", "prices")
    assert killed.returncode == -9
    assert not (tmp_path / "w" / "runs" / "LATEST").exists()
    resumed = flow(tmp_path / "home", tmp_path / "w")
    assert resumed.returncode == 0, resumed.stderr
    states = dict(line.split(" ") for line in resumed.stdout.splitlines())
    assert states["rules"] == "Cached" and states["rings"] == "Cached"
    assert states["prices"] == "Completed"


class Server:
    """A Prefect server on a free port of loopback, with a home of its own."""

    def __init__(self, home):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.api = f"http://127.0.0.1:{port}/api"
        self.environment = {**os.environ, **QUIET, "PREFECT_HOME": str(home),
                            "PREFECT_API_URL": self.api}  # fmt: skip
        self.started = []
        self.start("-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port))
        self.wait(lambda: self.ask("/health"))

    def start(self, *arguments, **more):
        environment = {**self.environment, **more}
        process = subprocess.Popen(
            [sys.executable, *arguments], env=environment, cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.started.append(process)
        return process

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.api + path, data, kind)  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.loads(answer.read())

    def wait(self, question, seconds=180):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                if answer := question():
                    return answer
            time.sleep(1)
        raise AssertionError("no answer in time")

    def stop(self):
        for process in reversed(self.started):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "home")
    yield server
    server.stop()


def test_the_command_schedule_serves_several_programmes_and_they_fire(server, tmp_path):
    """Of two programmes one has no data: the other's scheduled night is published all the same."""
    (tmp_path / "plan.toml").write_text(
        f"""nightly = "* * * * *"
        [[programme]]
        name = "good"
        data = "{TINY}"
        workspace = "good"
        [[programme]]
        name = "bad"
        data = "{tmp_path}/nowhere"
        workspace = "bad"
        """
    )
    server.start("-m", "fraud_pipeline.cli.app", "schedule", "--plan", str(tmp_path / "plan.toml"))
    found = server.wait(lambda: (d := server.ask("/deployments/filter", {})) and len(d) == 9 and d)
    run = next(d for d in found if d["name"] == "good" and "data" in d["parameters"])
    assert run["schedules"][0]["schedule"]["cron"] == "* * * * *"
    assert run["schedules"][0]["schedule"]["timezone"] == "Asia/Shanghai"
    # a registered schedule that never fires is the failure that hides: wait for one that did
    server.wait((tmp_path / "good" / "runs" / "LATEST").is_file, seconds=300)
    server.wait(
        lambda: any(e.event == "failed" for e in attempts.read(tmp_path / "bad")), seconds=300
    )
    assert not (tmp_path / "bad" / "runs").exists()


def test_a_work_pool_executes_the_run_in_a_worker(server, tmp_path):
    arguments = ("schedule", "--data", str(TINY), "-w", str(tmp_path / "w"), "--pool", "nights")
    made = server.start("-m", "fraud_pipeline.cli.app", *arguments, "--cron", "* * * * *")
    assert made.wait(180) == 0
    names = {d["name"] for d in server.ask("/deployments/filter", {})}
    assert names == {"nightly", "all"}
    server.start("-m", "prefect", "worker", "start", "--pool", "nights")
    server.wait((tmp_path / "w" / "runs" / "LATEST").is_file, seconds=300)
    assert runs.find(tmp_path / "w").manifest["programmes"]


def test_prefect_deploy_registers_all_of_the_file_and_a_worker_runs_one(server, tmp_path):
    """The locked releases must fit each other: others register one and end with an error."""
    place = {"FRAUD_PIPELINE_HOME": str(ROOT), "FRAUD_PIPELINE_DATA": str(TINY)}

    def done(*arguments):
        return server.start("-m", "prefect", *arguments, **place).wait(180) == 0

    assert done("work-pool", "create", "fraud-pipeline", "--type", "process")
    assert done("--no-prompt", "deploy", "--all")
    assert done("deployment", "ls")
    found = {d["name"]: d for d in server.ask("/deployments/filter", {})}
    assert set(found) == {"nightly", "train", "audit-round", "backtest", "all"}
    assert found["backtest"]["schedules"][0]["schedule"]["cron"] == "0 8 2 * *"
    workspace = f"workspace={tmp_path / 'w'}"
    assert done("deployment", "run", "nightly/nightly", "--param", workspace)
    server.start("-m", "prefect", "worker", "start", "--pool", "fraud-pipeline", **place)
    server.wait((tmp_path / "w" / "runs" / "LATEST").is_file, seconds=300)


def test_a_bad_programme_stops_no_other(tmp_path):
    code = f"""
if __name__ == "__main__":
    from flows.programmes import Programme, programmes
    state = programmes(
        [Programme(name="bad", data="/nowhere", workspace={str(tmp_path / "bad")!r}),
         Programme(name="good", data={str(TINY)!r}, workspace={str(tmp_path / "good")!r})],
        return_state=True)
    print(state.message)
"""
    (tmp_path / "several.py").write_text(code)
    environment = {**os.environ, **QUIET, "PREFECT_HOME": str(tmp_path / "home"),
                   "PYTHONPATH": str(ROOT)}  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(tmp_path / "several.py")], cwd=ROOT, env=environment, timeout=400,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "bad: InputError: /nowhere" in done.stdout and "good:" not in done.stdout
    assert runs.find(tmp_path / "good").manifest["programmes"]
