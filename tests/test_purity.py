"""Steps are pure: no file, clock, network, environment or global randomness inside them.

The import contract keeps the folders apart; this test reads their syntax trees.
"""

import ast
from pathlib import Path

import pytest

import fraud_pipeline

PACKAGE = Path(fraud_pipeline.__file__).parent
STEPS = (
    "ingest", "programmes", "graph", "rings", "pricing", "behaviour", "risk", "explain", "audit",
    "report", "simulate", "schema", "features", "core", "steps",
)  # fmt: skip
FORBIDDEN_IMPORTS = {
    "os", "pathlib", "shutil", "tempfile", "socket", "subprocess", "requests", "httpx", "urllib",
    "time", "random", "secrets", "uuid", "pickle", "prefect", "threading", "multiprocessing",
}  # fmt: skip
FORBIDDEN_CALLS = {"open", "print", "input", "eval", "exec"}
CLOCKS = {"now", "today", "utcnow", "time", "perf_counter"}
# The loader parses bytes it was handed; the reader is given a buffer, never a name.
FROM_MEMORY = {
    "ingest/delimited.py": ["pacsv.read_csv"],
    "core/sql.py": ["duckdb.connect"],  # sealed, in memory
}
SOURCES = sorted(p for step in STEPS for p in (PACKAGE / step).rglob("*.py"))


def faults(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.split(".")[0] in FORBIDDEN_IMPORTS]
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").split(".")[0] in FORBIDDEN_IMPORTS:
                found.append(str(node.module))
        elif isinstance(node, ast.Call):
            found += _call_faults(node.func)
    return found


def _call_faults(called: ast.expr) -> list[str]:
    if isinstance(called, ast.Name) and called.id in FORBIDDEN_CALLS:
        return [called.id]
    if not isinstance(called, ast.Attribute):
        return []
    owner = ast.unparse(called.value)
    if called.attr in CLOCKS and owner.split(".")[-1] in {"date", "datetime", "time", "Timestamp"}:
        return [f"{owner}.{called.attr}"]
    if owner in {"np.random", "numpy.random"} and called.attr not in {
        "default_rng", "Generator", "SeedSequence", "PCG64", "Philox",
    }:  # fmt: skip
        return [f"{owner}.{called.attr}"]
    if owner == "duckdb" or called.attr in {"read_parquet", "read_csv", "write_table", "to_csv"}:
        return [f"{owner}.{called.attr}"]
    return []


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_step_touches_nothing_but_its_arguments(path):
    allowed = FROM_MEMORY.get(path.relative_to(PACKAGE).as_posix(), [])
    assert faults(ast.parse(path.read_text("utf-8"))) == allowed


@pytest.mark.parametrize(
    "code",
    ["import os", "from pathlib import Path", "open('x')", "datetime.now()", "date.today()",
     "np.random.rand(3)", "import pickle", "pd.read_parquet('x')"],
)  # fmt: skip
def test_the_test_can_fail(code):
    assert faults(ast.parse(code))
