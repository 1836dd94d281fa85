"""What is registered: schedules, limits, parameters; in the serving process and in prefect.yaml."""

import inspect
import os
import re
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from typer.testing import CliRunner

from flows.commands import AUDIT, BACKTEST, NIGHTLY, TRAIN
from flows.deploy import ServerAwayError, deployments, require_server
from flows.programmes import Programme
from flows.schedule import Schedule, read_schedule
from fraud_pipeline.cli.app import app
from fraud_pipeline.errors import SettingsError

ROOT = Path(__file__).parents[2]
PLAN = """
notify = "custom-webhook/operations"
at_once = 3
[[programme]]
name = "wuhan"
programme = "wuhan"
data = "in/wuhan"
workspace = "out/wuhan"
budget = 120
[[programme]]
name = "beijing"
data = "env:BEIJING"
workspace = "/srv/beijing"
"""


@pytest.fixture
def plan(tmp_path):
    (tmp_path / "plan.toml").write_text(PLAN)
    return read_schedule(tmp_path / "plan.toml")


def test_a_deployment_a_programme_and_one_for_all(plan, tmp_path):
    made = {f"{d.flow_name}/{d.name}": d for d in deployments(plan)}
    assert set(made) == {
        *(f"{flow}/{name}" for flow in ("nightly", "train", "audit_round", "backtest")
          for name in ("wuhan", "beijing")),
        "programmes/all",
    }  # fmt: skip
    nightly = made["nightly/wuhan"]
    assert nightly.parameters["data"] == str(tmp_path / "in" / "wuhan")  # from where the plan lies
    assert nightly.parameters["notify"] == "custom-webhook/operations"
    assert made["nightly/beijing"].parameters["data"] == "env:BEIJING"
    schedule = nightly.schedules[0].schedule
    assert (schedule.cron, schedule.timezone) == (NIGHTLY, "Asia/Shanghai")
    assert nightly.concurrency_limit == 1
    assert nightly.concurrency_options.collision_strategy.value == "CANCEL_NEW"
    assert made["train/wuhan"].concurrency_options.collision_strategy.value == "ENQUEUE"
    assert nightly.parameters["options"] == {"programme": "wuhan", "budget": 120, "seed": 1}
    assert made["audit_round/wuhan"].parameters["budget"] == 120
    assert len(made["programmes/all"].parameters["programmes"]) == 2


def test_training_on_demand_only():
    one = Programme(name="x", data="d", workspace="w")
    made = {d.flow_name: d for d in deployments(Schedule(programme=[one], train=""))}
    assert made["train"].schedules == [] and len(made["nightly"].schedules) == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [(("wuhan", "beijing"), "name 'beijing'"), (("out/wuhan", "/srv/beijing"), "workspace"),
     (("budget", "bugdet"), "programme.0.bugdet"), (("at_once = 3", "at_once = 0"), "at_once"),
     (("[[", "["), "plan.toml")],
)  # fmt: skip
def test_a_faulty_plan_is_named_in_one_line(change, named, tmp_path):
    (tmp_path / "plan.toml").write_text(PLAN.replace(*change))
    with pytest.raises(SettingsError, match=re.escape(named)) as caught:
        read_schedule(tmp_path / "plan.toml")
    assert "\n" not in str(caught.value)


def test_the_command_and_the_plan_agree_on_the_hours():
    fields = Schedule.model_fields
    hours = [fields[name].default for name in ("nightly", "train", "audit_round", "backtest")]
    assert hours == [NIGHTLY, TRAIN, AUDIT, BACKTEST]


def test_prefect_yaml_names_flows_that_take_its_parameters():
    from prefect._vendor.croniter import croniter
    from prefect.utilities.importtools import import_object

    tree = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))
    names = [d["name"] for d in tree["deployments"]]
    assert names == ["nightly", "train", "audit-round", "backtest", "all"]
    for one in tree["deployments"]:
        flow = import_object(str(ROOT / one["entrypoint"].replace(":", ":")))
        given = flow.validate_parameters(one["parameters"])
        assert set(one["parameters"]) <= set(inspect.signature(flow.fn).parameters), given
        assert one["concurrency_limit"]["limit"] == 1
        assert one["work_pool"]["name"] == "fraud-pipeline"
        for schedule in one["schedules"]:
            now = datetime(2026, 1, 1, tzinfo=ZoneInfo(schedule["timezone"]))
            assert croniter(schedule["cron"], now).get_next(datetime) > now


def test_no_deployed_flow_postpones_its_annotations():
    """A scheduled run loads the file by path; pydantic could not resolve the types."""
    for name in ("nightly", "train", "audit_round", "backtest", "programmes"):
        assert "from __future__" not in (ROOT / "flows" / f"{name}.py").read_text("utf-8")


@pytest.fixture
def free_port():
    """A port on which nothing answers: it was free a moment ago."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_a_schedule_without_its_server_ends_in_one_line(free_port, tmp_path):
    """As people call it, in a process; the password is not printed."""
    port = free_port
    environment = {**os.environ, "PREFECT_API_URL": f"http://user:secret@127.0.0.1:{port}/api",
                   "PREFECT_HOME": str(tmp_path)}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "fraud_pipeline.cli.app", "schedule", "--data", "in"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert f"the Prefect server at http://127.0.0.1:{port}/api does not answer" in line
    assert "secret" not in done.stderr + done.stdout


def test_a_work_pool_without_its_server_is_refused_in_one_line(free_port):
    from prefect.settings import PREFECT_API_URL, temporary_settings

    address = f"http://user:secret@127.0.0.1:{free_port}/api"
    arguments = ["schedule", "--data", "in", "--pool", "workers"]
    with temporary_settings({PREFECT_API_URL: address}):
        done = CliRunner().invoke(app, arguments)
    assert isinstance(done.exception, ServerAwayError)
    assert f"http://127.0.0.1:{free_port}/api does not answer" in str(done.exception)
    assert "secret" not in str(done.exception) + done.output and "\n" not in str(done.exception)


def test_an_address_that_is_no_prefect_server_is_named_without_its_password(heard):
    from prefect.settings import PREFECT_API_URL, temporary_settings

    address = heard[0].replace("http://", "http://user:secret@") + "api"
    with (
        temporary_settings({PREFECT_API_URL: address}),
        pytest.raises(ServerAwayError, match=r"/api does not answer \(.*501") as caught,
    ):
        require_server()
    assert "secret" not in str(caught.value) and "\n" not in str(caught.value)
