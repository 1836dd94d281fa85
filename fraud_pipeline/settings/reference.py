"""The reference page of all settings, `docs/settings.md`, made from their descriptions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from pydantic.fields import FieldInfo

from fraud_pipeline.core.strict_models import plain
from fraud_pipeline.settings import Settings
from fraud_pipeline.settings.former import RENAMED
from fraud_pipeline.settings.model import described

_HEAD = """# Settings

All {n} settings of a run. This page is generated: `python -m fraud_pipeline.settings > docs/settings.md`.

A settings file is TOML, given with `--settings FILE`; what it does not name keeps its default:

    [audit]
    budget_share = 0.2

A value of another type or out of range, and a key that is not in these tables, end in one line that names
file and key, with exit status 2. The settings used stand in `manifest.json` of every run. Limits that a
programme's own text sets are no settings: they stand in its pack (`docs/programmes`). Numbers that tune a
method are constants beside the method, with the benchmark that chose them where there is one.

*Source* says where a default comes from: law, a published figure or rule, audit custom, a benchmark's
command, or nothing better than an assumption.
"""


def page() -> str:
    """The page in Markdown: one table of settings a step."""
    tables = [_table(name, info) for name, info in Settings.model_fields.items()]
    n = sum(len(_model(info).model_fields) for info in Settings.model_fields.values())
    return _HEAD.format(n=n) + "".join(tables)


def _model(info: FieldInfo) -> type[Settings]:
    return info.annotation  # type: ignore[return-value]


def _table(name: str, info: FieldInfo) -> str:
    model = _model(info)
    text = " ".join((model.__doc__ or "").split())
    rows = "\n".join(_row(name, key, field) for key, field in model.model_fields.items())
    return (
        f"\n## `[{name}]`\n\n{text}\n\n"
        "| setting | default | unit | range | meaning | source |\n|---|---|---|---|---|---|\n"
        f"{rows}\n"
    )


def _row(table: str, key: str, field: FieldInfo) -> str:
    about = described(field)
    before = "".join(f" Formerly `{old}`." for old in _former(table, key))
    shown = _default(field.default)
    cells = (f"`{key}`", f"`{shown}`", about.unit, about.range,
             f"{field.description}{before}", about.source)  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _former(table: str, key: str) -> Iterator[str]:
    return (
        old.partition(".")[2]
        for old, new in RENAMED.items()
        if new == key and old.startswith(f"{table}.")
    )


def _default(value: object) -> str:
    """The default as a settings file would write it."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(_default(v) for v in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{k} = {_default(v)}' for k, v in value.items())} }}"
    if isinstance(value, str | date):
        return json.dumps(str(value), ensure_ascii=False)
    return plain(value) if isinstance(value, int) else str(value)
