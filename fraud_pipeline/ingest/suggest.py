"""Drafts a mapping file for foreign headers: by the words of a header and the shapes of its values.

A draft is for a person to correct: every column that was placed says how sure that is, and
what was not found stands there as a comment.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.optimize import linear_sum_assignment

from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest import headers
from fraud_pipeline.ingest.coded import Coded
from fraud_pipeline.ingest.grids import Grid
from fraud_pipeline.ingest.identifiers import phone_digits, uscc_valid
from fraud_pipeline.ingest.month_names import unaccented
from fraud_pipeline.ingest.parsers import PHONES
from fraud_pipeline.ingest.suggest_content import Content, content_of
from fraud_pipeline.ingest.suggest_languages import HEADER_WORDS_ABROAD
from fraud_pipeline.ingest.suggest_notices import parties_by_name
from fraud_pipeline.ingest.suggest_words import HINTS
from fraud_pipeline.ingest.words import code_words
from fraud_pipeline.schema import INPUT_TABLES, Column, Kind, TableSchema

if TYPE_CHECKING:
    from fraud_pipeline.ingest.suggest_payments import PaymentDraft

_SAMPLE = 300  # values of a column that are looked at
SURE, _LEAST = 0.75, 0.45  # a placement below the least is none
_WORD_WEIGHT = 0.7
_ALIKE = 0.8  # of a column's values that look like a date or an amount
_OWN_HEADERS = 4  # headers of one table of the contract from which on a sheet is that table
_PARTED_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].*)?", re.ASCII)
_PARTS = re.compile(r"[a-z]+")


class AnyName(frozenset[str]):
    """Stands for the names of all files: a draft is for files nobody has a name for yet."""

    def __contains__(self, name: object) -> bool:
        return True


@dataclass(frozen=True)
class Draft:
    """One grid as a table of the contract: column -> (header, how sure, 0 to 1).

    ``contents``: what the values of each header look like. ``payments``: what else was found
    where the grid is a plain list of payments.
    """

    table: str
    grid: Grid
    columns: dict[str, tuple[str, float]]
    contents: Mapping[str, Content] = field(default_factory=dict)
    payments: PaymentDraft | None = None
    whole_file: bool = False  # all sheets of the workbook that have these headers

    @property
    def worth(self) -> float:
        """How well the required columns are found, 0 to 1; the others break ties."""
        schema = INPUT_TABLES[self.table]
        needed = [self.columns.get(c, ("", 0.0))[1] for c in schema.required if c != "programme"]
        others = sum(sure for _, sure in self.columns.values())
        return sum(needed) / max(1, len(needed)) + 0.001 * others


def draft(grids: Sequence[Grid]) -> list[Draft]:
    """The best reading of every grid that reads as some table; one table once.

    A workbook none of whose sheets is a table of the contract is one list, of the sheets that are
    alike. Raises InputError where the first row holds values and no names of columns.
    """
    for grid in grids:
        _require_names(grid)
    alike = _one_list(grids)
    if alike is not None:
        return [replace(best(alike, INPUT_TABLES["claims"]), whole_file=True)]
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


def _require_names(grid: Grid) -> None:
    values = [h for h in grid.header if _PARTED_DATE.fullmatch(h.strip())]
    if values and not any(headers.is_known(h) for h in grid.header):
        raise InputError(
            f"the first row holds values ({values[0]}), not the names of columns; write a row of names above it",
            file=grid.file, sheet=grid.sheet, row=1,
        )  # fmt: skip


def _one_list(grids: Sequence[Grid]) -> Grid | None:
    """The sheets with equal headers that hold most rows, as one, in a workbook of lists."""
    if len(grids) < 2 or len({grid.file for grid in grids}) > 1:
        return None
    by_header: dict[tuple[str, ...], list[Grid]] = {}
    for grid in grids:
        by_header.setdefault(grid.header, []).append(grid)
        own = max(len(headers.place(grid.header, schema)) for schema in INPUT_TABLES.values())
        if own >= _OWN_HEADERS:
            return None
    alike = max(by_header.values(), key=lambda alike: sum(map(len, alike)))
    if len(alike) == 1:
        return alike[0]
    columns = (
        Coded.of(pa.concat_arrays([grid.columns[k].text() for grid in alike]))
        for k in range(len(alike[0].header))
    )
    return replace(
        alike[0], columns=tuple(columns), rows=np.concatenate([grid.rows for grid in alike])
    )


def best(grid: Grid, schema: TableSchema) -> Draft:
    """The assignment of headers to columns with the greatest sum of certainties.

    A required date or amount that no header names is the one column that holds such values.
    """
    columns = [c for c in schema.columns if not c.name.startswith("source_")]
    samples = [sample_of(cells) for cells in grid.columns]
    contents = [content_of(sample) for sample in samples]
    sure = np.array(
        [[_certainty(h, s, f, c) for h, s, f in zip(grid.header, samples, contents, strict=True)]
         for c in columns]
    )  # fmt: skip
    rows, at = linear_sum_assignment(-sure)
    matches = {columns[r].name: (grid.header[k], float(sure[r, k]))
             for r, k in zip(rows, at, strict=True) if sure[r, k] >= _LEAST and grid.header[k].strip()}  # fmt: skip
    by_header = dict(zip(grid.header, contents, strict=True))
    if schema.name == "claims":
        matches = _with_named_parties(matches, grid)
    return Draft(schema.name, grid, _by_content(matches, by_header, schema), by_header)


def _with_named_parties(
    matches: dict[str, tuple[str, float]], grid: Grid
) -> dict[str, tuple[str, float]]:
    """The matches of claims, with the names of both parties where no code names them."""
    by_name = parties_by_name(grid, matches)
    others = {n: m for n, m in matches.items() if n not in by_name and m[0] not in by_name.values()}
    return others | {name: (header, SURE) for name, header in by_name.items()}


def _by_content(
    matches: dict[str, tuple[str, float]], contents: Mapping[str, Content], schema: TableSchema
) -> dict[str, tuple[str, float]]:
    """The matches, with required dates and amounts that one unused column alone can be."""
    matched = dict(matches)
    for column in (c for c in schema.columns if c.required and c.name not in matched):
        share = {Kind.DATE: "parted_dates", Kind.MONEY: "fractions"}.get(column.kind)
        if share is None:
            continue
        used = {header for header, _ in matched.values()}
        alike = [header for header, content in contents.items()
                 if header.strip() and header not in used and getattr(content, share) >= _ALIKE]  # fmt: skip
        if len(alike) == 1:
            matched[column.name] = (alike[0], _LEAST)
        elif not alike and column.kind is Kind.MONEY:  # one amount is the price and the claim
            twin = next(
                (matched[n] for n in ("contract_amount", "claimed_amount") if n in matched), None
            )
            if twin is not None and column.name in ("contract_amount", "claimed_amount"):
                matched[column.name] = (twin[0], _LEAST)
    return matched


def sample_of(cells: Coded) -> list[str]:
    distinct = pc.unique(pc.utf8_trim_whitespace(cells.text(slice(0, 20_000))))
    return [v for v in distinct.slice(0, _SAMPLE).to_pylist() if v]


def _certainty(header: str, sample: list[str], content: Content, column: Column) -> float:
    word, shape = _by_words(header, column), _by_shape(sample, content, column)
    if shape is None:
        return word * SURE if sample else word * 0.6
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
    abroad = HEADER_WORDS_ABROAD.get(column.name, frozenset())
    if abroad & set(_PARTS.findall(unaccented(header))):
        return 0.8
    near = max(difflib.SequenceMatcher(None, bare, w).ratio() for w in (*known, *hints) if w)
    return near if near > 0.7 else 0.0


def _by_shape(sample: list[str], content: Content, column: Column) -> float | None:
    """The share of values that look like the column's; None where nothing can be said."""
    if not sample:
        return None
    if column.kind is Kind.CODE:
        words = code_words(column.name, column.codes)
        return max(0.5, _share(sample, lambda v: v.lower() in words))
    if column.name.endswith(("enterprise_id", "institution_id")):
        return max(0.5, float(uscc_valid(pa.array(sample, pa.string())).mean()))
    if column.kind in (Kind.MONEY, Kind.NUMBER, Kind.COUNT, Kind.SHARE):
        return content.amounts
    if column.kind in (Kind.DATE, Kind.INSTANT):
        return content.dates
    fits = _is_phone if column.name in PHONES else _is_short if column.kind is Kind.ID else None
    return None if fits is None else _share(sample, fits)


def _is_phone(text: str) -> bool:
    return phone_digits(text) is not None


def _is_short(text: str) -> bool:
    """An identifier: not long, and no words of a sentence in it."""
    return len(text) <= 64 and not re.search(r"[\u4e00-\u9fff]{3}", text)


def _share(sample: list[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, sample)) / len(sample)
