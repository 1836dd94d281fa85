"""Container, compose and systemd files name what exists; every command in them is parsed as it stands.

No container engine runs here: images are not built and services are not started by these tests.
"""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
import typer
import yaml

import fraud_pipeline
from fraud_pipeline.cli.app import app

DEPLOY = Path(__file__).parents[2] / "deploy"
ROOT = DEPLOY.parent
UNITS = sorted((DEPLOY / "systemd").iterdir())
CONTAINERFILE = (DEPLOY / "Containerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


def parses(arguments):
    """Fails when ``fraud-pipeline ARGUMENTS`` is not a command line; nothing is run."""
    group = typer.main.get_command(app)
    name, *rest = arguments
    command = group.get_command(click.Context(group), name)
    assert command is not None, name
    command.make_context(name, [*rest])


def test_what_the_image_copies_is_in_the_repository():
    sources = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", CONTAINERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert len(sources) > 8
    assert not [source for source in sources if not (ROOT / source).exists()]
    (command,) = re.findall(r"^CMD (.+)$", CONTAINERFILE, re.MULTILINE)
    parses(yaml.safe_load(command))


def test_the_services_run_commands_that_there_are_and_hold_no_password():
    services = COMPOSE["services"]
    assert set(services) == {"database", "workbench", "prefect", "schedule"}
    parses(services["workbench"]["command"])
    parses(services["schedule"]["command"])
    assert services["workbench"]["image"] == f"fraud-pipeline:{fraud_pipeline.__version__}"
    named = {v.split(":")[0] for s in services.values() for v in s["volumes"] if v[0] not in "$."}
    assert named == set(COMPOSE["volumes"])
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            assert "PASSWORD" not in name or value.startswith("${")


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_there_is(path):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(path, "utf-8")
    if path.suffix == ".timer":
        assert (path.with_suffix(".service")).is_file() and unit["Timer"]["OnCalendar"]
        return
    assert unit["Service"]["UMask"] == "0077" and unit["Service"]["User"] != "root"
    program, *arguments = shlex.split(unit["Service"]["ExecStart"])
    if program.endswith("/fraud-pipeline"):
        parses(arguments)
    else:
        assert Path(arguments[0]).name == "backup.py" and (DEPLOY / "backup.py").is_file()


def test_systemd_reads_the_units(tmp_path):
    """systemd's own check, where it is installed; programs are replaced by one that exists."""
    if shutil.which("systemd-analyze") is None:
        return
    for path in UNITS:
        text = re.sub(r"/opt/fraud-pipeline/bin/\S+", "/bin/true", path.read_text("utf-8"))
        (tmp_path / path.name).write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True, text=True, check=False, env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    about_ours = [line for line in done.stderr.splitlines() if "fraud-pipeline" in line]
    assert not about_ours, about_ours
