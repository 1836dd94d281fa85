"""Keeps names out of the code that say nothing or belong to no field. Run by `make check`.

    python tools/check_names.py [FOLDER ...]

A name is a noun for a thing or a verb for an action, in the words of docs/glossary.md. This
script reads the syntax trees of the given folders (the product by default) and lists every
function, class, parameter, variable and attribute that is, as a whole, one of the words in
ALONE, or holds one of the words in ANYWHERE. It prints one line a name and ends with 1 if
there is any.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

# Bare participles and moods: what was told, found or given is not said by the name.
ALONE = frozenset({
    "asked", "beside", "chance", "drawn", "found", "given", "here", "judged", "kept", "made",
    "mended", "mine", "named", "said", "seen", "standing", "taken", "told",
})  # fmt: skip
# Private words for things that have a name in the field (docs/glossary.md).
ANYWHERE = frozenset({
    "bench", "dealing", "dealings", "desk", "fringe", "house", "houses", "night", "nights",
    "shelf", "shelves", "firm", "firms",
})  # fmt: skip
# A field that detectors written by others fill in; a parameter of saved addresses; a key of the API.
ALLOWED = frozenset({
    ("fraud_pipeline/benchmark/detection.py", "drawn"),
    ("fraud_pipeline/workbench/queue/filters.py", "mine"),
    ("fraud_pipeline/workbench/exchange/api_models.py", "from_last_night"),
})  # fmt: skip
FOLDERS = ("fraud_pipeline", "flows")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, name) of everything a module gives a name to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def is_banned(name: str) -> bool:
    """
    >>> is_banned("found"), is_banned("_found"), is_banned("found_rings"), is_banned("n_firms")
    (True, True, False, True)
    """
    words = [word.lower() for word in _WORD.findall(name)]
    return (len(words) == 1 and words[0] in ALONE) or not ANYWHERE.isdisjoint(words)


def main(folders: tuple[str, ...]) -> int:
    count = 0
    for folder in folders:
        for path in sorted(Path(folder).rglob("*.py")):
            for line, name in names(ast.parse(path.read_text("utf-8"))):
                if is_banned(name) and (path.as_posix(), name) not in ALLOWED:
                    count += 1
                    print(f"{path}:{line}: {name} is on the list of banned names")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:]) or FOLDERS))
