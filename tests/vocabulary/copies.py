"""Finds codes that stand beside a label outside the catalogue, in Python and in templates."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

from fraud_pipeline import vocabulary
from fraud_pipeline.vocabulary.term import Term
from fraud_pipeline.vocabulary.verdicts import Reason

_CHINESE = re.compile("[\u4e00-\u9fff]")
_T_CODE = re.compile(r"T\d\d")
_SEVERAL = 2  # codes of one list as keys of one mapping
# Lists whose codes are nothing but codes; others (phone, report, text) are names of columns too.
_ONLY_CODES = (
    "typologies.TYPOLOGIES", "typologies.RED_FLAGS", "services.SERVICES", "verdicts.STATUSES",
    "verdicts.VERDICTS", "verdicts.REASONS", "verdicts.STRATA", "rules.SEVERITIES",
    "rules.OUTCOMES", "parties.INSTITUTION_CATEGORIES", "parties.QUALIFICATIONS",
)  # fmt: skip
# The simulator writes what applicants write: titles of services sold, spellings, company names.
_DATA = ("simulate",)


def catalogue() -> dict[str, dict[str, Term | Reason]]:
    """'module.NAME' -> the list, for every list of the catalogue."""
    found = {}
    for module in pkgutil.iter_modules(vocabulary.__path__):
        lists = vars(importlib.import_module(f"{vocabulary.__name__}.{module.name}"))
        for name, value in lists.items():
            if (
                name.isupper()
                and isinstance(value, dict)
                and isinstance(next(iter(value.values())), Term | Reason)
            ):
                found[f"{module.name}.{name}"] = value
    return found


def in_python(source: str, lists: dict[str, dict[str, Term | Reason]]) -> list[tuple[int, str]]:
    """(line, what) of every copy in a module: see :func:`_mapping` and :func:`_pair`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Dict):
            found += _mapping(node, lists)
        for code, labels in _pairs(node):
            found += _pair(code, labels, lists)
    return sorted(set(found))


def _mapping(
    node: ast.Dict, lists: dict[str, dict[str, Term | Reason]]
) -> Iterator[tuple[int, str]]:
    """A mapping whose keys are codes of one list and whose values are words, right or wrong."""
    keys = {
        k.value: v
        for k, v in zip(node.keys, node.values, strict=True)
        if isinstance(k, ast.Constant) and isinstance(k.value, str)
    }
    for name, codes in lists.items():
        worded = [k for k in keys if k in codes and _is_words(keys[k])]
        if len(worded) >= _SEVERAL and 2 * len(worded) > len(keys):
            yield node.lineno, f"{name}: {', '.join(worded[:3])}"


def _is_words(value: ast.expr) -> bool:
    """A text with Chinese in it, or a tuple that begins with one."""
    if isinstance(value, ast.Tuple | ast.List) and value.elts:
        value = value.elts[0]
    return (
        isinstance(value, ast.Constant)
        and isinstance(value.value, str)
        and bool(_CHINESE.search(value.value))
    )


def _pairs(node: ast.AST) -> Iterator[tuple[ast.expr, list[ast.expr]]]:
    """A code and what stands beside it: in a mapping, a tuple, a list, a call."""
    if isinstance(node, ast.Dict):
        yield from ((k, [v]) for k, v in zip(node.keys, node.values, strict=True) if k)
    elif isinstance(node, ast.Tuple | ast.List) and node.elts:
        yield node.elts[0], node.elts[1:]
    elif isinstance(node, ast.Call):
        values = [*node.args, *(word.value for word in node.keywords)]
        yield from ((value, [v for v in values if v is not value]) for value in values)


def _pair(
    code: ast.expr, beside: list[ast.expr], lists: dict[str, dict[str, Term | Reason]]
) -> Iterator[tuple[int, str]]:
    """A code beside its own Chinese label."""
    if not (isinstance(code, ast.Constant) and isinstance(code.value, str)):
        return
    texts = {
        v.value
        for item in beside
        for v in (item.elts if isinstance(item, ast.Tuple | ast.List) else [item])
        if isinstance(v, ast.Constant) and isinstance(v.value, str)
    }
    for name in _ONLY_CODES:
        codes = lists[name]
        if code.value in codes and codes[code.value].zh in texts:
            yield code.lineno, f"{name}: {code.value}"


_IN_TEMPLATE = re.compile(r"""["']([a-z_]+|T\d\d)["']\s*:\s*(?:t\()?\(?\s*["']([^"']*)["']""")
_COMPARED = re.compile(r"""==\s*["']([a-z_]+|T\d\d)["']\s*%}\s*{{\s*t\(["']([^"']*)["']""")


def in_template(source: str, lists: dict[str, dict[str, Term | Reason]]) -> list[tuple[int, str]]:
    """(line, what) of every code that a template writes beside Chinese words of its own."""
    found = []
    for pattern in (_IN_TEMPLATE, _COMPARED):
        for match in pattern.finditer(source):
            code, words = match.groups()
            for name, codes in lists.items():
                wrong = _T_CODE.fullmatch(code) and _CHINESE.search(words)
                if code in codes and (wrong or codes[code].zh == words):
                    line = source.count("\n", 0, match.start()) + 1
                    found.append((line, f"{name}: {code}"))
    return sorted(set(found))


def in_folder(folder: Path) -> list[str]:
    """'path:line list: codes' of every copy below ``folder``, the catalogue itself left out."""
    lists, found = catalogue(), []
    for path in sorted(folder.rglob("*")):
        if {"vocabulary", *_DATA} & set(path.parts) or not path.is_file():
            continue
        look = {".py": in_python, ".html": in_template, ".j2": in_template, ".js": in_template}
        if path.suffix in look:
            text = path.read_text("utf-8")
            found += [
                f"{path.relative_to(folder).as_posix()}:{line} {what}"
                for line, what in look[path.suffix](text, lists)
            ]
    return found
