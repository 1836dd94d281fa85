"""Rows of a grid that are no records: sums, remarks, headers again, shifted rows, and unwanted ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.ingest.cleaning import Cleaning
from fraud_pipeline.ingest.coded import Coded
from fraud_pipeline.ingest.notebook import ROW_LOST
from fraud_pipeline.ingest.placing import Placed
from fraud_pipeline.schema import Kind

_SUBTOTAL = (
    r"^\s*(小\s*[计計]|合\s*[计計]|[总總総]\s*[计計]|本[页月日季年期][合小累][计計]|累\s*[计計]|承前页|过次页|期[初末]余额|(balance )?(carried|brought) (forward|down)|[bc]/[fd]|(opening|closing) balance|übertrag|sub-?total(es)?|(grand |overall )?totals?( general| général| generale| geral)?|"
    r"(gesamt)?summe|gesamt|insgesamt|somme|suma|razem|ogółem|celkem|toplam|genel toplam|totaal|totalt|összesen|"
    r"итого|всего|разом|усього|общо|σύνολο|jumlah|tổng( cộng)?|합\s*계|총\s*계|소\s*계|รวม(ทั้งสิ้น)?|الإجمالي|المجموع)\s*[:：]?\s*$"
)
_GROUP_TOTAL = (
    r"(?i)[\s:：\-–—]*(sub-?totals?|totals?|summe|ergebnis|gesamt|小计|小計|合计|合計|汇总|計)$"
)
_SUBTOTAL_SEARCH = 6  # columns in which the word may stand
_REQUIRED_MANY = 3  # required columns from which on a lonely cell is a remark
_SHIFTED_FAULTS = 2  # one unreadable cell is a slip of its own


def drop_shifted(work: Cleaning) -> None:
    """Rows half of whose numbers, dates and codes cannot be read: their cells stand one column
    off, and the texts among them would be believed."""
    shifted = (work.n_faulty >= _SHIFTED_FAULTS) & (2 * work.n_faulty >= work.n_typed) & work.keep
    rows = np.flatnonzero(shifted)
    if len(rows):
        key = work.columns[work.schema.columns[0].name].take(pa.array(rows)).cast(pa.string())
        work.lose(rows, None, key, "cells_out_of_place")


def drop_subtotals(work: Cleaning, placed: Placed) -> None:
    """小计 and 合计 rows: the word stands alone in a cell and the key is no key.

    Where rows have no key of their own, a required date or party that is empty says so.
    """
    columns = work.grid.columns
    key = placed.at.get(work.schema.columns[0].name)
    if key is None:
        days = (c.name for c in work.schema.columns if c.required and c.kind is Kind.DATE)
        parties = (c.name for c in work.schema.columns if c.required and c.kind is Kind.ID)
        unfilled = (n for n in (*days, *parties) if n not in placed.mapping.fill_down)
        key = next((placed.at[name] for name in unfilled if name in placed.at), None)
    if key is None:
        return
    by = np.full(len(work.grid), -1)  # the last column in which the word stands
    no_key = columns[key].rows(columns[key].is_empty())
    for k in sorted({key, *range(min(_SUBTOTAL_SEARCH, len(columns)))}):
        word = columns[k].rows(_is_total(columns[k].words))
        by[word if k == key else word & no_key] = k
    rows = np.flatnonzero(by >= 0)
    work.lose(rows, None, _cells_at(columns, rows, by[rows]), "subtotal_row")


def _is_total(words: pa.Array) -> pa.Array:
    """Whether a word says that its row is a sum: alone, or after the label of a group of the column."""
    alone = pc.match_substring_regex(words, _SUBTOTAL, ignore_case=True)
    stripped = pc.utf8_trim_whitespace(words)
    ends = pc.match_substring_regex(stripped, _GROUP_TOTAL, ignore_case=True)
    if not pc.any(ends, min_count=0).as_py():
        return alone
    label = pc.replace_substring_regex(stripped, _GROUP_TOTAL, "")
    return pc.or_(alone, pc.and_(ends, pc.is_in(label, value_set=stripped)))


def _cells_at(columns: Sequence[Coded], rows: np.ndarray, at: np.ndarray) -> pa.Array:
    """One cell of each of the ``rows``, from the column whose number stands in ``at``."""
    shown = np.full(len(rows), "", dtype=object)
    for k in np.unique(at):
        shown[at == k] = columns[k].text(rows[at == k]).to_numpy(zero_copy_only=False)
    return pa.array(shown, pa.string())


def drop_remarks(work: Cleaning) -> None:
    """制表人：… and the like: one filled cell is no record where several are required."""
    if len(work.schema.required) < _REQUIRED_MANY or len(work.grid.columns) < _REQUIRED_MANY:
        return
    filled = np.zeros(len(work.grid), dtype=np.int64)
    first = np.zeros(len(work.grid), dtype=np.int64)
    for k, column in enumerate(work.grid.columns):
        there = column.rows(pc.not_equal(column.words, ""))
        first[there & (filled == 0)] = k
        filled += there
    rows = np.flatnonzero((filled == 1) & work.keep)
    work.lose(rows, None, _cells_at(work.grid.columns, rows, first[rows]), "remark_row")


def drop_headers(work: Cleaning) -> None:
    """The header again, as a page break in a printed list leaves it."""
    same = np.zeros(len(work.grid), dtype=np.int64)
    filled = np.zeros(len(work.grid), dtype=np.int64)
    for name, column in zip(work.grid.header, work.grid.columns, strict=True):
        words = pc.utf8_trim_whitespace(column.words)
        filled += column.rows(pc.not_equal(words, ""))
        if name.strip():
            same += column.rows(pc.equal(words, name.strip()))
    rows = np.flatnonzero((same >= _REQUIRED_MANY) & (2 * same > filled) & work.keep)
    work.lose(rows, None, work.grid.columns[0].text(rows), "repeated_header")


def drop_unwanted(work: Cleaning, placed: Placed) -> None:
    """Rows that the mapping does not want."""
    for header, at, wanted in placed.only:
        cells = work.grid.columns[at]
        cells = cells.with_words(pc.utf8_trim_whitespace(cells.words))
        unwanted = pc.invert(pc.is_in(cells.words, pa.array(list(wanted), pa.string())))
        rows = np.flatnonzero(cells.rows(unwanted) & work.keep)
        detail = f"{ROW_LOST}; the mapping wants only {', '.join(wanted)} in {header}"
        work.lose(rows, None, cells.text(rows), "left_out_by_mapping", detail)
