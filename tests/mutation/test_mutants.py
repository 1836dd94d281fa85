"""The mutation check itself: which changes it makes, and that tests see them."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.mutants import mutants_of, mutated

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("a < b", ["a <= b"]), ("a is b", ["a is not b"]), ("a in b", ["a not in b"]),
        ("a + b", ["a - b"]), ("a ** b", ["a * b"]), ("a and b", ["a or b"]),
        ("not a", ["not not a"]), ("-a", ["+a"]), ("True", ["False"]), ("f(2)", ["f(3)"]),
        ("math.ceil(a)", ["math.floor(a)"]), ("min(a)", ["max(a)"]), ("x: Literal[3] = a", []),
        ("'text'", []), ("a < b < c", ["a <= b < c", "a < b <= c"]),
        ("def f(a: int = 1) -> Literal[2]: ...", ["def f(a: int=2) -> Literal[2]: ..."]),
    ],
)  # fmt: skip
def test_each_operator_makes_its_change_and_leaves_texts_and_annotations_alone(source, wanted):
    made = [ast.unparse(mutated(source, mutant)) for mutant in mutants_of(source)]
    assert [" ".join(text.split()) for text in made] == wanted


def test_equal_changes_of_one_line_have_names_of_their_own():
    keys = [mutant.key for mutant in mutants_of("a = b + c + d\n")]
    assert keys == ["a = b + c + d :: Add to Sub", "a = b + c + d :: Add to Sub #2"]


MODULE = """
from dataclasses import dataclass
LIMIT = 3
def double(x):
    return x * 2
@dataclass(frozen=True)
class Span:
    low: int
    @property
    def high(self):
        return self.low + 1
def unseen(x):
    return x > 5
"""
TESTS = """
from toy import LIMIT, Span, double
import toy
def test_all():
    assert double(3) == 6 and toy.LIMIT == 3 and Span(1).high == 2
"""


def test_imported_functions_methods_and_constants_change_and_survivors_are_told(tmp_path):
    (tmp_path / "toy.py").write_text(MODULE)
    (tmp_path / "test_toy.py").write_text(TESTS)
    program = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; " \
              "import json; from tests.mutation.runner import main; " \
              "print(json.dumps(main(['toy', 'test_toy.py'])))"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True,
                          text=True, check=True)  # fmt: skip
    found = json.loads(done.stdout)
    assert [key.split(" :: ")[1] for key in found["killed"]] == [
        "3 to 4", "Mult to Div", "2 to 3", "Add to Sub", "1 to 2",
    ]  # fmt: skip
    assert [key.split(" :: ")[1] for key in found["survived"]] == [
        "Gt to GtE",
        "5 to 6",
    ]
