"""The wheel as built, installed apart from the source tree: what it holds, what runs from it."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import fraud_pipeline

ROOT = Path(__file__).parents[2]
TREES = ("fraud_pipeline", "flows", "benchmarks", "data_samples", "models", "docs", "tools")
FILES = ("pyproject.toml", "mkdocs.yml", "README.md", "LICENSE", "CHANGELOG.md", "ARCHITECTURE.md",
         "CONTRIBUTING.md", "SECURITY.md")  # fmt: skip
KINDS = (".toml", ".html", ".css", ".js", ".j2", ".txt")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of the source without anything generated in it."""
    copy = tmp_path_factory.mktemp("source")
    for name in TREES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, copy)
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=copy, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A function that runs a command of the installed wheel in an empty folder."""
    target = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
         "--no-compile", "--target", str(target), str(wheel)],
        check=True, capture_output=True,
    )  # fmt: skip

    def run(*command, cwd):
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        environment |= {"PYTHONPATH": str(target), "FRAUD_PIPELINE_LANG": "en"}
        return subprocess.run(
            [sys.executable, *command], cwd=cwd, env=environment, capture_output=True, text=True, check=True
        ).stdout  # fmt: skip

    run.target = target
    return run


def test_the_wheel_holds_every_file_that_the_packages_read(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "fraud_pipeline").rglob("*")
        if path.suffix in (*KINDS, ".py") or path.name == "py.typed"
    }
    shipped = {
        f"fraud_pipeline/_shipped/{path.relative_to(ROOT).as_posix()}"
        for tree in ("data_samples", "models")
        for path in (ROOT / tree).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    shipped |= {
        f"fraud_pipeline/_shipped/site/{path.relative_to(ROOT / 'docs').with_suffix('.html').as_posix()}"
        for path in (ROOT / "docs").rglob("*.md")
        if path.name != "README.md"
    } | {f"fraud_pipeline/_shipped/site/{name}" for name in ("index.html", "search_index.js")}
    assert len(shipped) > 100 and "fraud_pipeline/py.typed" in wanted
    assert wanted | shipped <= names, sorted((wanted | shipped) - names)[:5]
    version = fraud_pipeline.__version__
    assert wheel.name == f"fraud_pipeline-{version}-py3-none-any.whl"
    assert not [n for n in names if n.startswith(("tests/", "tools/", "docs/"))]


def test_the_installed_package_is_the_one_that_runs(installed, tmp_path):
    code = (
        "import fraud_pipeline, flows, fraud_pipeline.store.places as p;"
        "from fraud_pipeline.store.packs import load_packs;"
        "import fraud_pipeline.workbench as w; from pathlib import Path;"
        "print(fraud_pipeline.__file__, flows.__file__, p.data_samples(), p.models(),"
        " p.documentation(), sep='\\n');"
        "print(len(load_packs()), (p.data_samples() / 'wuhan/claims.csv').is_file(),"
        " any((Path(w.__file__).parent / 'static').iterdir()))"
    )
    *places, last = installed("-c", code, cwd=tmp_path).splitlines()
    assert len(places) == 5 and all(place.startswith(str(installed.target)) for place in places)
    n_packs = len(list((ROOT / "fraud_pipeline/programmes/packs").glob("*.toml")))
    assert last.split() == [last.split()[0], "True", "True"] and int(last.split()[0]) > n_packs / 2
    said = installed("-m", "fraud_pipeline", "--version", cwd=tmp_path)
    assert said.startswith(f"fraud-pipeline {fraud_pipeline.__version__} (")


@pytest.mark.long
def test_the_demo_runs_from_the_wheel(installed, tmp_path):
    said = installed("-m", "fraud_pipeline", "demo", "-w", "demo", cwd=tmp_path)
    assert "compared with the sample's ground truth:" in said
    assert list((tmp_path / "demo/runs").glob("*/report.html"))
