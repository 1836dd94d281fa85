"""Every attack of the list has a test, and every test that the list names exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = re.findall(r"^\| (\d+) \|(.*)$", (ROOT / "docs" / "attacks.md").read_text("utf-8"), re.M)
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", "\n".join(row for _, row in ROWS))


def test_the_rows_are_numbered_and_each_names_a_test():
    numbers = [int(number) for number, _ in ROWS]
    assert numbers == list(range(1, len(ROWS) + 1)) and len(ROWS) >= 35
    assert [number for number, row in ROWS if "::test_" not in row] == []


@pytest.mark.parametrize("path", sorted({path for path, _ in NAMED}))
def test_every_named_test_exists_and_is_not_skipped(path):
    functions = {
        node.name: node
        for node in ast.parse((ROOT / path).read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    wanted = {name for where, name in NAMED if where == path}
    assert wanted - set(functions) == set()
    marks = "".join(ast.dump(d) for name in wanted for d in functions[name].decorator_list)
    assert "skip" not in marks
