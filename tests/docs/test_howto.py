"""Every command of a how-to guide is one that exists, and those that need only this machine run as written."""

import contextlib
import os
import re
import runpy
import shlex
import shutil
import sys
import tomllib
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import typer.main

from fraud_pipeline.cli.app import app
from tests.command_line import run

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "howto").glob("*.md"))
_FILE = re.compile(r"`([\w.-]+)`:\n\n```(?:toml|json)\n(.*?)```", re.DOTALL)
_BLOCK = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
# Pages whose commands are read but not run, and why.
READ_ONLY = {
    "back-up-and-restore.md": "run by tests/deploy/test_backup.py",
    "deploy.md": "needs a container engine, and systemd as first process",
    "erase-a-person.md": "run by tests/faults/test_erasure.py",
    "new-red-flag.md": "writes into the checkout; run by tests/programmes/test_new_flag.py",
    "read-postgresql.md": "needs a server; run by tests/ingest",
    "receive-webhooks.md": "serves until it is stopped; tests/workbench/exchange",
    "run-on-spark.md": "needs Java; run by tests/engine/spark",
    "sign-in-with-oidc.md": "needs a provider; tests/workbench/auth/test_oidc.py",
}
# Pages that read or compute a whole run.
LONG = {"map-columns.md", "own-kinds.md", "replay-a-run.md", "score-one-claim.md", "train-on-verdicts.md",
        "tune-a-red-flag.md", "upgrade.md"}  # fmt: skip
# Commands that stay until they are stopped.
STAY = {"schedule"}
OTHER_PROGRAMS = {
    "export",
    "pip",
    "podman",
    "cp",
    "systemctl",
    "prefect",
    "printf",
    "shred",
    "POSTGRES_PASSWORD=…",
}
WIZARD = "临港创新券\nLingang vouchers\n300000\n12\n50%\n\n\n\n\n\n\n"


def lines(page):
    """The words of each command of a page, in its order."""
    text = _BLOCK.sub("", page.read_text("utf-8"))
    for line in re.findall(r"^ {4,}(\S.*)$", text, re.MULTILINE):
        yield shlex.split(line, comments=True)


def understood(words):
    """Whether the command line takes these words; nothing is run."""
    command, rest = typer.main.get_command(app), list(words)
    context = None
    while hasattr(command, "get_command") and rest and not rest[0].startswith("-"):
        command = command.get_command(context, rest.pop(0))
        assert command is not None, words
    if rest != ["--version"]:
        command.make_context("command", rest)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_command_line_takes_every_command(page):
    found = list(lines(page))
    assert found
    for words in found:
        if words[0] == "fraud-pipeline":
            understood(words[1:])
        elif words[0] == "python":
            assert (ROOT / words[1]).is_file()
        else:
            assert words[0] in OTHER_PROGRAMS, words


def test_there_are_twenty_guides_and_the_first_page_links_each():
    first = (ROOT / "docs" / "README.md").read_text("utf-8")
    assert len(PAGES) >= 20
    assert [page.name for page in PAGES if f"(howto/{page.name})" not in first] == []
    assert set(READ_ONLY) <= {page.name for page in PAGES}


@pytest.fixture(scope="module")
def place(tmp_path_factory, tiny_two_runs):
    """A folder as the guides expect it: a workspace `demo`, the samples, the script of the backup."""
    folder = tmp_path_factory.mktemp("howto")
    shutil.copytree(tiny_two_runs, folder / "demo")
    for name in ("data_samples", "deploy"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def fill_in(worksheet):
    """What the auditors write: each claim of the round found clean."""
    book = openpyxl.load_workbook(worksheet)
    for row in book["outcomes"].iter_rows(min_row=2):
        row[2].value, row[3].value, row[5].value = date(2016, 4, 1), "clean", 0
    book.save(worksheet)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=page.stem, marks=[pytest.mark.long] * (page.name in LONG))
        for page in PAGES
        if page.name not in READ_ONLY
    ],
)
def test_a_guide_runs_as_written(page, place, monkeypatch):
    for name, content in _FILE.findall(page.read_text("utf-8")):
        (place / name).write_text(content, "utf-8")
    for words in lines(page):
        if words[0] == "python":
            script(words[1:], place, monkeypatch)
        if words[1:3] == ["audit", "close"]:
            fill_in(place / "plan" / "worksheet.xlsx")
        if words[0] == "fraud-pipeline" and words[1] not in STAY:
            done = run("--lang", "en", *words[1:], cwd=place, given=WIZARD)
            alarms = words[1] in ("status", "monitor") or words[1:3] == ["programme", "lint"]
            assert done.returncode in ((0, 1) if alarms else (0,)), (words, done.stderr[-300:])


def script(words, place, monkeypatch):
    """Runs a script of the repository in this process."""
    monkeypatch.chdir(place)
    monkeypatch.setattr(sys, "argv", words)
    with contextlib.suppress(SystemExit):
        runpy.run_path(os.fspath(ROOT / words[0]), run_name="__main__")
    assert Path(words[-1]).is_file()


def test_the_receiver_of_the_guide_knows_a_genuine_message():
    import hashlib
    import hmac
    import time

    page = (ROOT / "docs" / "howto" / "receive-webhooks.md").read_text("utf-8")
    names: dict = {}
    exec(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1], names)  # noqa: S102
    now = int(time.time())
    sign = hmac.new(b"secret", f"{now}.body".encode(), hashlib.sha256).hexdigest()
    assert names["is_genuine"](f"t={now},v1={sign}", "body", "secret")
    assert not names["is_genuine"](f"t={now},v1={sign}", "other", "secret")
    assert not names["is_genuine"](f"t={now - 301},v1={sign}", "body", "secret")


def test_the_kinds_of_the_guide_are_those_of_the_format():
    page = (ROOT / "docs" / "howto" / "own-kinds.md").read_text("utf-8")
    kinds = tomllib.loads(re.search(r"```toml\n(.*?)```", page, re.DOTALL)[1])
    described = (ROOT / "docs" / "programmes" / "README.md").read_text("utf-8")
    assert set(kinds) == {"service_types", "institution_categories"}
    assert all(word in described for table in kinds.values() for word in table)
