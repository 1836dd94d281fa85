"""One version in one place, a changelog that says what it brought, extras that are what their messages promise."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import fraud_pipeline
from fraud_pipeline.cli.app import EXTRAS
from tests.command_line import run

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
HEADINGS = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d{2}-\d{2}))?$", CHANGELOG, re.MULTILINE)


def test_the_version_stands_in_one_place():
    assert "version" in PROJECT["dynamic"] and "version" not in PROJECT
    assert re.fullmatch(r"\d+\.\d+\.\d+", fraud_pipeline.__version__)
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"version: {fraud_pipeline.__version__}\n" in citation


def test_the_changelog_has_this_version_with_its_date_on_top():
    assert HEADINGS[0] == ("Unreleased", "")
    assert HEADINGS[1][0] == fraud_pipeline.__version__
    versions = [tuple(map(int, version.split("."))) for version, _ in HEADINGS[1:]]
    dates = [date for _, date in HEADINGS[1:]]
    assert versions == sorted(versions, reverse=True) and dates == sorted(dates, reverse=True)
    assert all(dates)
    kinds = set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert len(re.findall(r"^## ", CHANGELOG, re.MULTILINE)) == len(HEADINGS)


def test_every_missing_module_names_an_extra_that_there_is():
    extras = PROJECT["optional-dependencies"]
    assert set(EXTRAS.values()) <= set(extras)
    for module, extra in EXTRAS.items():
        assert any(module.removeprefix("python_") in line for line in extras[extra]), module


@pytest.mark.parametrize("module", sorted(EXTRAS))
def test_a_command_without_its_extra_ends_with_one_line(module, tmp_path, monkeypatch):
    def without():
        raise ModuleNotFoundError(f"No module named {module}", name=f"{module}.part")

    monkeypatch.setattr("fraud_pipeline.cli.app.app", without)
    done = run("parties", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.endswith(
        f"{module} is not installed; install it with: pip install 'fraud-pipeline[{EXTRAS[module]}]'\n"
    )


def test_another_missing_module_is_a_bug_and_keeps_its_traceback(tmp_path, monkeypatch):
    def without():
        raise ModuleNotFoundError("No module named numpy", name="numpy")

    monkeypatch.setattr("fraud_pipeline.cli.app.app", without)
    with pytest.raises(ModuleNotFoundError):
        run("check", cwd=tmp_path)


@pytest.mark.long
def test_serve_without_its_extra_says_so(tmp_path):
    """A process of its own: modules that other tests imported would hide that one is missing."""
    code = (
        "import sys; sys.modules['argon2'] = None\n"
        "from fraud_pipeline.cli.app import main\n"
        f"sys.argv = ['fraud-pipeline', '--lang', 'en', 'serve', '-w', {str(tmp_path)!r}]\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr[-500:]
    assert "'fraud-pipeline[workbench]'" in done.stderr.splitlines()[-1]
