"""Writes docs/reference/sentences.md: every sentence of the pages in Chinese and English.

    python tools/sentences.py           writes the file
    python tools/sentences.py --check   ends with 1 when the file is not up to date

A pair is a Chinese text followed by its English one, as arguments of a call, items of a tuple or the two sides of a choice,
in the workbench's templates and modules, in the vocabulary and in the words of explanations, or
one text ``中文 / English``.
The test `tests/workbench/pages/test_sentences.py` keeps the file complete.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import jinja2
from jinja2 import nodes

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "reference" / "sentences.md"
TEMPLATES = ROOT / "fraud_pipeline" / "workbench" / "templates"
MODULES = ("fraud_pipeline/workbench", "fraud_pipeline/vocabulary", "fraud_pipeline/explain")
MESSAGES = ROOT / "fraud_pipeline" / "vocabulary"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
_BOTH = re.compile(
    r"^(?P<zh>[^/]*[\u4e00-\u9fff][^/]*) / (?P<en>[^\u4e00-\u9fff]*[a-z][^\u4e00-\u9fff]*)$",
    re.DOTALL,
)

Pair = tuple[str, str]


def pairs_of(texts: Sequence[str | None]) -> Iterator[Pair]:
    """Adjacent (Chinese, English) texts of a sequence; None stands for what is no text."""
    for zh, en in pairwise(texts):
        if (
            zh
            and en
            and CHINESE.search(zh)
            and not CHINESE.search(en)
            and re.search("[A-Za-z]", en)
        ):
            yield zh, en


def template_pairs(source: str) -> list[Pair]:
    """The pairs of one template, in order."""
    tree = jinja2.Environment(autoescape=True).parse(source)
    pairs: list[Pair] = []
    for node in tree.find_all((nodes.Call, nodes.Tuple)):
        items = node.args if isinstance(node, nodes.Call) else node.items
        pairs += _of_items(items)
    for block in _language_blocks(tree):
        pairs += pairs_of([_block_text(block.body), _block_text(block.else_)])
    return pairs


def _of_items(items: Sequence[nodes.Node]) -> Iterator[Pair]:
    """The pairs among arguments; of ``a if x else b`` both alternatives."""
    yield from pairs_of([_text(item) for item in items])
    choices = [item for item in items if isinstance(item, nodes.CondExpr)]
    if len(choices) == 2:
        for name in ("expr1", "expr2"):
            yield from pairs_of([_text(getattr(choice, name)) for choice in choices])


def _text(node: nodes.Node | None) -> str | None:
    """The text of a constant, of ``constant % values`` or of ``constant ~ …``."""
    if isinstance(node, nodes.Const):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, nodes.Mod):
        return _text(node.left)
    if isinstance(node, nodes.Concat):
        return "".join(_text(part) or "…" for part in node.nodes)
    return None


def loose_chinese(source: str) -> list[str]:
    """Chinese that a template prints without an English counterpart."""
    tree = jinja2.Environment(autoescape=True).parse(source)
    paired = {
        id(data) for block in _language_blocks(tree) for data in block.find_all(nodes.TemplateData)
    }
    texts = [data.data for data in tree.find_all(nodes.TemplateData) if id(data) not in paired]
    return [text.strip() for text in texts if CHINESE.search(text)]


def _language_blocks(tree: nodes.Node) -> list[nodes.If]:
    """The parts ``{% if lang == "zh" %} … {% else %} … {% endif %}`` of a template."""
    return [
        block for block in tree.find_all(nodes.If)
        if block.else_ and any(name.name == "lang" for name in block.test.find_all(nodes.Name))
    ]  # fmt: skip


def _block_text(parts: Sequence[nodes.Node]) -> str:
    data = [d.data for part in parts for d in part.find_all(nodes.TemplateData)]
    return re.sub(r"<[^>]*>", " ", " ".join(data)).strip()


def module_pairs(source: str) -> list[Pair]:
    """The pairs of one Python module, in order."""
    pairs: list[Pair] = []
    tree = ast.parse(source)
    parts = {
        id(v) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for v in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List):
            pairs += pairs_of([_string(item) for item in node.elts])
        elif isinstance(node, ast.Call):
            pairs += pairs_of([_string(item) for item in node.args])
        elif isinstance(node, ast.IfExp):
            pairs += _of_choice(node)
        text = None if id(node) in parts else _string(node)
        if text and (both := _BOTH.match(text)):
            pairs.append((both["zh"], both["en"]))
    return pairs


def _of_choice(node: ast.IfExp) -> list[Pair]:
    """The pairs of ``"中文" if zh else "English"``, or of two tuples of texts of one length."""
    sides = [
        side.elts if isinstance(side, ast.Tuple) else [side] for side in (node.body, node.orelse)
    ]
    return [
        pair
        for zh, en in zip(*sides, strict=False)
        for pair in pairs_of([_string(zh), _string(en)])
    ]


def _string(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    return None


def message_pairs() -> list[Pair]:
    """The catalogue of messages: sentences of rules and their parts."""
    zh, en = (
        dict(_leaves(tomllib.loads((MESSAGES / f"messages.{name}.toml").read_text("utf-8"))))
        for name in ("zh", "en")
    )
    return [(zh[key], en[key]) for key in zh if key in en]


def _leaves(tree: dict[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def sections() -> list[tuple[str, list[Pair]]]:
    """(where, pairs) of every source that has any; each pair once a source."""
    parts: list[tuple[str, list[Pair]]] = [
        (f"Page {path.stem}", template_pairs(path.read_text("utf-8")))
        for path in sorted(TEMPLATES.glob("*.html"))
    ]
    parts += [
        (f"Module {path.relative_to(ROOT / 'fraud_pipeline').as_posix()}", module_pairs(path.read_text("utf-8")))
        for folder in MODULES for path in sorted((ROOT / folder).rglob("*.py"))
    ]  # fmt: skip
    parts.append(("Catalogue of messages", message_pairs()))
    return [(where, list(dict.fromkeys(pairs))) for where, pairs in parts if pairs]


def page() -> str:
    """The whole file."""
    parts = sections()
    total = sum(len(pairs) for _, pairs in parts)
    lines = [
        "# Every sentence of the pages, in Chinese and English", "",
        f"{total} pairs, written by `python tools/sentences.py`; do not edit. `…` and `%s` stand for values.", "",
    ]  # fmt: skip
    for where, pairs in parts:
        lines += [f"## {where}", "", "| 中文 | English |", "|---|---|"]
        lines += [f"| {_cell(zh)} | {_cell(en)} |" for zh, en in pairs]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def main() -> int:
    text = page()
    if "--check" in sys.argv[1:]:
        return int(TARGET.read_text("utf-8") != text)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
