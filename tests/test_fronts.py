"""Package fronts import lazily, and what they promise mypy is what Python gives."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys

import pytest

import fraud_pipeline

PACKAGES = sorted(
    m.name
    for m in pkgutil.walk_packages(fraud_pipeline.__path__, "fraud_pipeline.")
    if m.ispkg and "_shipped" not in m.name
)
FRONTS = [n for n in PACKAGES if hasattr(importlib.import_module(n), "_lazy_exports")]


def imports_for_mypy(package):
    """name -> "module" or "module:name" of the front's ``if TYPE_CHECKING:`` block."""
    with open(importlib.import_module(package).__file__, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    (block,) = (n for n in tree.body if isinstance(n, ast.If))
    return {
        alias.asname or alias.name: f"{n.module}:{alias.name}" if alias.asname else n.module
        for n in block.body
        for alias in n.names
    }


def test_there_are_fronts():
    assert "fraud_pipeline.risk" in FRONTS and len(FRONTS) > 10


@pytest.mark.parametrize("package", FRONTS)
def test_a_front_says_the_same_to_mypy_and_to_python(package):
    front = importlib.import_module(package)
    assert dict(front._lazy_exports) == imports_for_mypy(package)
    assert sorted(front._lazy_exports) == sorted(front.__all__)
    for name, source in front._lazy_exports.items():
        module, _, attribute = source.partition(":")
        held = getattr(importlib.import_module(module), attribute or name)
        assert getattr(front, name) is held  # also where a submodule has the same name


@pytest.mark.parametrize("package", FRONTS)
def test_an_unknown_name_is_an_attribute_error(package):
    with pytest.raises(AttributeError, match="no_such_name"):
        importlib.import_module(package).no_such_name  # noqa: B018


def test_a_function_is_found_after_its_module_of_the_same_name_was_imported():
    program = (
        "import fraud_pipeline.risk.score, fraud_pipeline.risk as r; from fraud_pipeline.risk import score;"
        "assert callable(r.score) and r.score is score, r.score"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_fronts_import_nothing_heavy():
    program = (
        f"import sys\nfor name in {FRONTS!r}:\n    __import__(name)\n"
        "heavy = {'numba', 'scipy', 'sklearn', 'pandas', 'networkx', 'prefect', 'starlette', 'lightgbm',"
        " 'pyarrow', 'duckdb', 'numpy'} & set(sys.modules)\nassert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
