"""Writes the reference pages that are made from the code: commands, tables, features, rules, routes.

    python tools/reference.py           writes docs/reference/*.md
    python tools/reference.py --check   ends with 1 when a page is not up to date

`tests/docs/test_reference.py` keeps them current. Settings have a command of their own
(`python -m fraud_pipeline.settings`), sentences theirs (`tools/sentences.py`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from fraud_pipeline.cli.app import app
from fraud_pipeline.features.catalogue import ALL_RULES, FEATURES
from fraud_pipeline.schema import INPUT_TABLES, OUTPUT_TABLES, TableSchema
from fraud_pipeline.workbench.auth.permissions import API_ROUTES, GRANTED, ROLE_WORDS, ROUTES

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
MADE = "Made by `python tools/reference.py`; not edited by hand."
COMMON = {"lang", "quiet", "json_", "help"}


def commands_page() -> str:
    """Every command with its options and defaults."""
    lines = [
        "# Commands", "", MADE, "",
        "Every command also takes `--lang zh|en`, `--quiet` and `--json`. Exit status: 0 done, 1 something needs attention"
        " (`status`, `monitor`), 2 an error, said in one line.", "",
    ]  # fmt: skip
    for name, command in commands():
        lines += [f"## `fraud-pipeline {name}`", "", _text(command.help or ""), ""]
        rows = [_option(one) for one in command.params if one.name not in COMMON]
        if rows:
            lines += ["| option | default | meaning |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)


def commands() -> Iterator[tuple[str, Any]]:
    """(name, command) of every command that does something, groups by their parts."""
    root = typer.main.get_command(app)
    yield from _below(root, "")


def _below(group: Any, before: str) -> Iterator[tuple[str, Any]]:
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from _below(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def _option(option: Any) -> str:
    names = ", ".join(f"`{one}`" for one in [*option.opts, *option.secondary_opts])
    if option.param_type_name == "argument":
        names = f"`{option.name.upper()}`"
    default = "required" if option.required else _default(option.default)
    return f"| {names} | {default} | {_text(getattr(option, 'help', None) or '')} |"


def _default(value: Any) -> str:
    plain = isinstance(value, (str, int, float, Path)) and not isinstance(value, bool)
    return f"`{value}`" if plain and str(value) else "–"


def tables_page() -> str:
    """Every column of every table that is read and written."""
    lines = ["# Tables and columns", "", MADE, ""]
    for title, tables in (
        ("Input tables", INPUT_TABLES),
        ("Tables of a published run", OUTPUT_TABLES),
    ):
        lines += [f"## {title}", "", *_tables(tables)]
    return "\n".join(lines)


def _tables(tables: Mapping[str, TableSchema]) -> Iterator[str]:
    for table in tables.values():
        yield from (f"### `{table.name}` {table.zh}".rstrip(), "")
        if table.key:
            yield from (f"One row for each {', '.join(f'`{name}`' for name in table.key)}.", "")
        yield from ("| column | 中文 | kind | required | codes |", "|---|---|---|---|---|")
        for column in table.columns:
            required = "yes" if column.required else ""
            codes = ", ".join(column.codes)
            yield f"| `{column.name}` | {column.zh} | {column.kind.value} | {required} | {codes} |"
        yield ""


def features_page() -> str:
    """Every feature with its direction."""
    lines = ["# Features", "", MADE, "",
             "Direction +1: higher is more suspicious, -1: lower is, 0: neither by its meaning. Missing stays missing.", "",
             "| feature | 中文 | English | group | unit | direction | meaning |", "|---|---|---|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| `{f.name}` | {f.zh} | {f.en} | {f.group} | {f.unit} | {_direction(f.direction)} | {_text(f.doc)} |"
        for f in FEATURES
    ]
    return "\n".join([*lines, ""])


def _direction(direction: int) -> str:
    return f"{direction:+d}" if direction else "0"


def rules_page() -> str:
    """Every rule with its page."""
    lines = ["# Rules", "", MADE, "",
             "Each rule answers hit, pass, not applicable or error, with a reason. Its page has the definition and a worked example.", "",
             "| rule | 中文 | English | severity | law it must know |", "|---|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| [{r.code}](../flags/{r.code}.md) | {r.title_zh} | {r.title_en} | {r.severity} |"
        f" {', '.join(f'`{name}`' for name in r.law)} |"
        for r in ALL_RULES
    ]
    return "\n".join([*lines, ""])


def routes_page() -> str:
    """Every address of the workbench with who may use it."""
    lines = ["# Addresses of the workbench", "", MADE, "",
             "| method | address | name | who may |", "|---|---|---|---|"]  # fmt: skip
    for route in ROUTES:
        roles = [
            ROLE_WORDS[r][1] for r, may in GRANTED.items() if r is not None and route.needs in may
        ]
        who = "anyone" if route.needs.value == "anyone" else ", ".join(roles)
        lines.append(f"| {route.method} | `{route.path}` | `{route.name}` | {who} |")
    lines += ["", "## API", "", "Tokens have scopes; `/api/openapi.json` describes bodies and answers.", "",
              "| method | address | name | scope |", "|---|---|---|---|"]  # fmt: skip
    for api in API_ROUTES:
        scope = f"`{api.needs.value}`" if api.needs else "no token"
        lines.append(f"| {api.method} | `{api.path}` | `{api.name}` | {scope} |")
    return "\n".join([*lines, ""])


def _text(text: str) -> str:
    """One line that a table cell can hold."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()


PAGES = {
    "commands.md": commands_page, "tables.md": tables_page, "features.md": features_page,
    "rules.md": rules_page, "routes.md": routes_page,
}  # fmt: skip


def main() -> None:
    stale = []
    for name, page in PAGES.items():
        path, text = FOLDER / name, page()
        if not path.is_file() or path.read_text("utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, "utf-8")
    print("\n".join(f"docs/reference/{name}" for name in stale) or "all pages are current")
    sys.exit(1 if stale and "--check" in sys.argv else 0)


if __name__ == "__main__":
    main()
