"""Small changes of a module's source, each of which some test should notice.

Comparisons, arithmetic, numbers, truth values, ``and``/``or``/``not`` and a few pairs of functions
are changed, one place at a time. Texts (SQL, sentences) and annotations are left alone.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}  # fmt: skip
FUNCTIONS = {
    "ceil": "floor", "floor": "ceil", "min": "max", "max": "min", "minimum": "maximum",
    "maximum": "minimum", "any": "all", "all": "any",
}  # fmt: skip

Change = tuple[str, Callable[[], None]]  # what is changed, and the doing of it


@dataclass(frozen=True)
class Mutant:
    """One change. ``key`` names it by the text of its line, so that moved lines keep it."""

    key: str
    line: int
    number: int  # of the change, in the order of the source


def mutants_of(source: str) -> list[Mutant]:
    """Every mutant in the order of the source; the same source gives the same list."""
    lines = source.splitlines()
    counted: Counter[str] = Counter()
    found = []
    for number, (node, (what, _)) in enumerate(_changes(ast.parse(source))):
        key = f"{' '.join(lines[node.lineno - 1].split())} :: {what}"
        counted[key] += 1
        named = key if counted[key] == 1 else f"{key} #{counted[key]}"
        found.append(Mutant(named, node.lineno, number))
    return found


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """The module with this one change."""
    tree = ast.parse(source)
    changes = list(_changes(tree))
    _, (_, make) = changes[mutant.number]
    make()
    return ast.fix_missing_locations(tree)


def _changes(tree: ast.Module) -> Iterator[tuple[ast.expr, Change]]:
    for node in _expressions(tree):
        for change in _of(node):
            yield node, change


def _expressions(node: ast.AST) -> Iterator[ast.expr]:
    """Expressions outside annotations and decorators, depth first."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.expr):
                yield child
            if isinstance(child, ast.AST):
                yield from _expressions(child)


def _of(node: ast.expr) -> Iterator[Change]:
    if isinstance(node, ast.Compare):
        for k, op in enumerate(node.ops):
            other = COMPARISONS[type(op)]
            yield _named(op, other), partial(node.ops.__setitem__, k, other())
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        swapped = ARITHMETIC[type(node.op)]
        yield _named(node.op, swapped), partial(setattr, node, "op", swapped())
    elif isinstance(node, ast.BoolOp):
        junction = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield _named(node.op, junction), partial(setattr, node, "op", junction())
    elif isinstance(node, ast.UnaryOp):
        yield f"{type(node.op).__name__} dropped", partial(_drop, node)
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)


def _named(before: ast.AST, after: type[ast.AST]) -> str:
    return f"{type(before).__name__} to {after.__name__}"


def _drop(node: ast.UnaryOp) -> None:
    """``not x`` and ``-x`` become ``x``: the operator is replaced by the one without effect."""
    if isinstance(node.op, ast.Not):
        node.operand = ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node.op, ast.Invert):
        node.operand = ast.UnaryOp(ast.Invert(), node.operand)
    else:
        node.op = ast.UAdd()


def _of_constant(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield f"{value} to {not value}", partial(setattr, node, "value", not value)
    elif isinstance(value, (int, float)):
        more = value + 1
        yield f"{value} to {more}", partial(setattr, node, "value", more)


def _of_call(node: ast.Call) -> Iterator[Change]:
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if name in FUNCTIONS:
        where = "attr" if isinstance(called, ast.Attribute) else "id"
        yield f"{name} to {FUNCTIONS[name]}", partial(setattr, called, where, FUNCTIONS[name])
