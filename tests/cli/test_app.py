"""The command line as a whole: start-up, version, plug-ins, examples, options of every command."""

import dataclasses
import importlib
import inspect
import re
import shlex
import subprocess
import sys
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

import fraud_pipeline
from fraud_pipeline.cli.app import app
from fraud_pipeline.cli.command import Commands
from fraud_pipeline.vocabulary import messages

HEAVY = {"numba", "scipy", "sklearn", "pandas", "networkx", "prefect", "starlette", "lightgbm",
         "pyarrow", "duckdb", "numpy"}  # fmt: skip


def walk(command, path=()):
    """(words, command) of every command below a group, plug-ins included."""
    if not hasattr(command, "list_commands"):
        yield path, command
        return
    for name in command.list_commands(None):
        yield from walk(command.get_command(None, name), (*path, name))


COMMANDS = dict(walk(typer.main.get_command(app)))


def options_of(command):
    return {word for p in command.params for word in (*p.opts, *p.secondary_opts)}


@dataclasses.dataclass(frozen=True)
class Draw:
    """Options of a group."""

    seed: Annotated[int, typer.Option()]
    budget: int = 3


def test_a_group_of_options_is_options_outside_and_a_structure_inside():
    group, received = Commands(add_completion=False), []

    @group.command()
    def draw(draw: Draw, folder: str = "plan") -> None:
        received.append((draw, folder))

    assert CliRunner().invoke(group, ["--seed", "7", "--folder", "x"]).exit_code == 0
    assert received == [(Draw(7, 3), "x")]
    assert CliRunner().invoke(group, []).exit_code == 2  # a field without default must be named


def test_no_command_has_more_than_eight_parameters():
    counts = {
        words: len(inspect.signature(inspect.unwrap(command.callback), eval_str=True).parameters)
        for words, command in COMMANDS.items()
    }
    assert max(counts.values()) <= 8, counts


def test_commands_are_found_own_and_plugged_in():
    assert {("score",), ("price", "claim"), ("serve",), ("demo",), ("schedule",)} <= set(COMMANDS)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["score", "--help"], ["demo", "--help"]]
)
def test_help_and_version_import_nothing_heavy(arguments):
    program = (
        f"import sys; sys.argv = ['fraud-pipeline', *{arguments!r}]\n"
        "from fraud_pipeline.cli.app import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"found = {HEAVY!r} & set(sys.modules)\nassert not found, found"
    )
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)


def test_status_imports_nothing_heavy(tmp_path):
    program = (
        f"import sys; sys.argv = ['fraud-pipeline', 'status', '-w', {str(tmp_path)!r}]\n"
        "from fraud_pipeline.cli.app import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code == 1\n"
        f"found = {HEAVY!r} & set(sys.modules)\nassert not found, found"
    )
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)


def test_version_names_the_package_and_the_code():
    module = [sys.executable, "-m", "fraud_pipeline", "--version"]
    answer = subprocess.run(module, check=True, capture_output=True, text=True).stdout
    assert re.fullmatch(
        rf"fraud-pipeline {re.escape(fraud_pipeline.__version__)} \([0-9a-f]{{12}}\)\n", answer
    )


def test_completion_is_offered():
    shown = CliRunner().invoke(app, ["--help"]).output
    assert "--install-completion" in shown and "--show-completion" in shown


@pytest.mark.parametrize("words", sorted(COMMANDS), ids=" ".join)
def test_every_command_has_the_common_options_and_an_example_that_parses(words):
    command = COMMANDS[words]
    assert {"--lang", "--quiet", "--json"} <= options_of(command)
    (example,) = re.findall(r"^Example: (.+)$", command.help or "", re.MULTILINE)
    program, *rest = shlex.split(example)
    spoken = rest[: len(words)]
    if words == ("price", "claim"):  # price CLAIM is short for price claim CLAIM
        spoken, rest = list(words), ["price", "claim", *rest[1:]]
    assert program == "fraud-pipeline" and tuple(spoken) == words
    options = [word for word in rest if word.startswith("-")]
    assert set(options) <= options_of(command)
    command.make_context(words[-1], rest[len(words) :], resilient_parsing=False)


def test_commands_with_the_same_name_as_a_plug_in_are_our_own():
    module = importlib.import_module("fraud_pipeline.cli.commands.serve")
    assert COMMANDS[("serve",)].callback.__wrapped__ is module.serve or (
        COMMANDS[("serve",)].callback.__module__ == module.__name__
    )


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "de_DE", "LC_ALL": "zh_TW"}, "zh"),
        ({"LC_ALL": "zh_CN", "FRAUD_PIPELINE_LANG": "en"}, "en"),
        ({"LC_ALL": "C", "FRAUD_PIPELINE_LANG": "zh"}, "zh"),
        ({"LC_ALL": "", "LANG": "zh_CN"}, "zh"),
    ],
)
def test_the_environment_chooses_the_language(environment, expected):
    assert messages.language_of(environment) == expected


@pytest.mark.parametrize(
    ("arguments", "variable", "expected"),
    [
        (["--lang", "zh", "status"], "en", "尚未发布任何运行"),
        (["status", "--lang", "zh"], "en", "尚未发布任何运行"),
        (["--lang", "zh", "status", "--lang", "en"], "zh", "no run was ever published"),
        (["status"], "zh", "尚未发布任何运行"),
        (["status"], "en", "no run was ever published"),
    ],
)
def test_the_language_option_stands_before_or_after_the_command(
    tmp_path, arguments, variable, expected
):
    done = CliRunner().invoke(
        app, [*arguments, "-w", str(tmp_path)], env={"FRAUD_PIPELINE_LANG": variable}
    )
    assert expected in done.output


def test_an_error_in_two_languages_is_told_in_one():
    both = "链接已用过或已过期 / the link was used or has expired"
    for chosen, answer in (
        ("zh", "链接已用过或已过期"),
        ("en", "the link was used or has expired"),
    ):
        messages.use_language(chosen)
        assert messages.in_use(both) == answer
        assert messages.in_use("data/a / b.csv: not there") == "data/a / b.csv: not there"
    messages.use_language(None)
