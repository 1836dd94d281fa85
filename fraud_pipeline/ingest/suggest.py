"""Drafts a mapping file for foreign headers: by the words of a header and the shapes of its values.

A draft is for a person to correct: every column that was placed says how sure that is, and
what was not found stands there as a comment.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.optimize import linear_sum_assignment

from fraud_pipeline.ingest import headers
from fraud_pipeline.ingest.amounts import number
from fraud_pipeline.ingest.cells import BadCell, day
from fraud_pipeline.ingest.coded import Coded
from fraud_pipeline.ingest.grids import Grid
from fraud_pipeline.ingest.identifiers import phone_digits, uscc_valid
from fraud_pipeline.ingest.parsers import PHONES
from fraud_pipeline.ingest.suggest_words import HINTS
from fraud_pipeline.ingest.words import code_words
from fraud_pipeline.schema import INPUT_TABLES, Column, Kind, TableSchema

_SAMPLE = 300  # values of a column that are looked at
_SURE, _LEAST = 0.75, 0.45  # a placement below the least is none
_WORD_WEIGHT = 0.7


class AnyName(frozenset[str]):
    """Stands for the names of all files: a draft is for files nobody has a name for yet."""

    def __contains__(self, name: object) -> bool:
        return True


@dataclass(frozen=True)
class Draft:
    """One grid as a table of the contract: column -> (header, how sure, 0 to 1)."""

    table: str
    grid: Grid
    columns: dict[str, tuple[str, float]]

    @property
    def worth(self) -> float:
        """How well the required columns are found, 0 to 1; the others break ties."""
        schema = INPUT_TABLES[self.table]
        needed = [self.columns.get(c, ("", 0.0))[1] for c in schema.required if c != "programme"]
        others = sum(sure for _, sure in self.columns.values())
        return sum(needed) / max(1, len(needed)) + 0.001 * others


def draft(grids: Sequence[Grid]) -> list[Draft]:
    """The best reading of every grid that reads as some table; one table once."""
    every = [best(grid, schema) for grid in grids for schema in INPUT_TABLES.values() if len(grid)]
    if len(grids) == 1:  # a single file is handed in for its claims
        every = [d for d in every if d.table == "claims"]
    chosen: list[Draft] = []
    for one in sorted(every, key=lambda d: -d.worth):
        used = {d.table for d in chosen} | {id(d.grid) for d in chosen}
        if (
            one.table not in used
            and id(one.grid) not in used
            and (one.worth > 0.4 or len(grids) == 1)
        ):
            chosen.append(one)
    return sorted(chosen, key=lambda d: list(INPUT_TABLES).index(d.table))


def best(grid: Grid, schema: TableSchema) -> Draft:
    """The assignment of headers to columns with the greatest sum of certainties."""
    columns = [c for c in schema.columns if not c.name.startswith("source_")]
    samples = [_sample(cells) for cells in grid.columns]
    sure = np.array(
        [[_certainty(h, s, c) for h, s in zip(grid.header, samples, strict=True)] for c in columns]
    )
    rows, at = linear_sum_assignment(-sure)
    matches = {columns[r].name: (grid.header[k], float(sure[r, k]))
             for r, k in zip(rows, at, strict=True) if sure[r, k] >= _LEAST and grid.header[k].strip()}  # fmt: skip
    return Draft(schema.name, grid, matches)


def _sample(cells: Coded) -> list[str]:
    distinct = pc.unique(pc.utf8_trim_whitespace(cells.text(slice(0, 20_000))))
    return [v for v in distinct.slice(0, _SAMPLE).to_pylist() if v]


def _certainty(header: str, sample: list[str], column: Column) -> float:
    word, shape = _by_words(header, column), _by_shape(sample, column)
    if shape is None:
        return word * _SURE if sample else word * 0.6
    return 0.0 if shape < 0.5 else _WORD_WEIGHT * word + (1 - _WORD_WEIGHT) * shape


def _by_words(header: str, column: Column) -> float:
    bare = headers.simple(header)
    if not bare:
        return 0.0
    known = [
        headers.simple(w)
        for w in (column.name, column.zh, *headers.HEADER_WORDS.get(column.name, ()))
    ]
    if bare in known:
        return 1.0
    if any(len(w) > 1 and (w in bare or (len(bare) > 1 and bare in w)) for w in known if w):
        return 0.75
    parts = set(re.findall(r"[a-z]+|[\u4e00-\u9fff]+", header.lower()))
    hints = HINTS.get(column.name, ())
    if any(h in bare if len(h) > 3 or not h.isascii() else h in parts for h in hints):
        return 0.8
    near = max(difflib.SequenceMatcher(None, bare, w).ratio() for w in (*known, *hints) if w)
    return near if near > 0.7 else 0.0


def _by_shape(sample: list[str], column: Column) -> float | None:
    """The share of values that look like the column's; None where nothing can be said."""
    if not sample:
        return None
    if column.kind is Kind.CODE:
        words = code_words(column.name, column.codes)
        return max(0.5, _share(sample, lambda v: v.lower() in words))
    if column.name.endswith(("enterprise_id", "institution_id")):
        return max(0.5, float(uscc_valid(pa.array(sample, pa.string())).mean()))
    by_kind: dict[Kind, Callable[[str], bool]] = {
        **dict.fromkeys((Kind.MONEY, Kind.NUMBER, Kind.COUNT, Kind.SHARE), _is_number),
        **dict.fromkeys((Kind.DATE, Kind.INSTANT), _is_date),
        Kind.ID: _is_short,
    }
    fits = _is_phone if column.name in PHONES else by_kind.get(column.kind)
    return None if fits is None else _share(sample, fits)


def _is_phone(text: str) -> bool:
    return phone_digits(text) is not None


def _is_short(text: str) -> bool:
    """An identifier: not long, and no words of a sentence in it."""
    return len(text) <= 64 and not re.search(r"[\u4e00-\u9fff]{3}", text)


def _share(sample: list[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, sample)) / len(sample)


@cache
def _is_number(text: str) -> bool:
    try:
        number(text, percent=True)
    except BadCell:
        return False
    return True


@cache
def _is_date(text: str) -> bool:
    try:
        day(text)
    except BadCell:
        return False
    return True


def as_toml(drafts: Sequence[Draft]) -> str:
    """The drafts as a mapping file that can be read as it is, with comments where to look."""
    if not drafts:
        return "# no table was recognised; see docs/ingest.md, mapping files\n"
    return "\n".join(_section(d) for d in drafts)


def _section(one: Draft) -> str:
    schema = INPUT_TABLES[one.table]
    stem = one.grid.sheet or one.grid.file.rsplit(".", 1)[0]
    by_file = one.grid.file.rsplit(".", 1)[0]
    lines = [f"# {schema.zh} from {_comment(one.grid.place)}", f"[tables.{one.table}]",
             f"file = {_quoted(by_file if one.grid.sheet is None else stem)}", "", f"[tables.{one.table}.columns]"]  # fmt: skip
    for name, (header, sure) in one.columns.items():
        mark = "" if sure >= _SURE else "  # ? please check"
        lines.append(f"{name} = {_quoted(header)}{mark}")
    for name in schema.required:
        if name not in one.columns and name != "programme":
            lines.append(f'# {name} = ""  # required ({schema.column(name).zh}), and not found')
    unused = [
        h for h in one.grid.header if h.strip() and h not in {x for x, _ in one.columns.values()}
    ]
    lines += [f"# not used: {_comment(', '.join(unused))}"] if unused else []
    if "programme" in schema.names and "programme" not in one.columns:
        lines += [
            "",
            f"[tables.{one.table}.constants]",
            'programme = "generic"  # or the id of a programme pack',
        ]
    for name in one.columns:
        lines += _values(one, schema.column(name))
    return "\n".join(lines) + "\n"


def _values(one: Draft, column: Column) -> list[str]:
    """The source's own words of a code column, each with a place for its code."""
    if column.kind is not Kind.CODE or not column.codes:
        return []
    header = one.columns[column.name][0]
    known = code_words(column.name, column.codes)
    strange = [
        v
        for v in _sample(one.grid.columns[one.grid.header.index(header)])
        if v.lower() not in known
    ]
    if not strange:
        return []
    usual = "other" if "other" in column.codes else column.codes[0]
    lines = ["", f"[tables.{one.table}.values.{column.name}]  # one of: {', '.join(column.codes)}"]
    lines += [f"{_quoted(v)} = {_quoted(_guess(v, known) or usual)}  # ?" for v in strange[:40]]
    return [*lines, f'"*" = {_quoted(usual)}  # every other word']


def _guess(text: str, known: dict[str, str]) -> str | None:
    """The code of the longest known word that the text contains."""
    inside = [w for w in known if len(w) > 1 and w in text.lower()]
    return known[max(inside, key=len)] if inside else None


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
