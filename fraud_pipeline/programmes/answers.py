"""A rule's answers as rule results, at a few bytes a claim.

A million claims times thirty checks are thirty million rows. Columns that are the same
for every check (the claim ids) or constant within one are made once and shared, and
sentences are written for hits and unjudged claims only.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.programmes import words
from fraud_pipeline.programmes.law import Law
from fraud_pipeline.programmes.rule import Rule
from fraud_pipeline.schema.outputs import RULE_OUTCOMES, RULE_RESULTS

_TEXT = pa.string()
_OUTCOMES = pa.array(RULE_OUTCOMES)
_HIT, _PASS, _OPEN = range(3)


class ResultBuilder:
    """Makes rule results over one sorted array of claim ids."""

    def __init__(self, claim_ids: pa.Array):
        self._ids = claim_ids
        self._n = len(claim_ids)
        self._constants: dict[tuple[str | None, pa.DataType], pa.Array] = {}

    def all_unjudged(self, code: str, outcome: str, zh: str, en: str) -> pa.Table:
        """The same unjudged answer for every claim."""
        return self._table(
            code,
            outcome=self._constant(outcome),
            sentence_zh=self._constant(zh),
            sentence_en=self._constant(en),
        )

    def filled(
        self,
        check: Rule,
        result: pa.Table | None,
        is_judged: np.ndarray,
        law: Law,
        missing: list[tuple[str, str]],
    ) -> pa.Table:
        """``found`` for the judged claims, the regime's reason for the others.

        Raises ValueError when ``found`` is not exactly one row for each judged claim.
        """
        regime_of = law.regime_of
        gaps = sorted(set(missing[r] for r in np.unique(regime_of[~is_judged])))
        if result is None and len(gaps) == 1:
            return self.all_unjudged(check.code, "not_applicable", *gaps[0])
        state = np.full(self._n, _OPEN, np.int8)
        line = np.full(self._n, -1, np.int64)
        of_regime = np.array([gaps.index(m) if m in gaps else -1 for m in missing], np.int64)
        line[~is_judged] = of_regime[regime_of[~is_judged]]
        pool_zh = [pa.array([zh for zh, _ in gaps], pa.string())]
        pool_en = [pa.array([en for _, en in gaps], pa.string())]
        numbers: dict[str, pa.Array] = {}
        if result is not None:
            where = np.flatnonzero(is_judged)
            self._refuse_wrong_rows(result, where)
            result = _open_where_unsure(result)
            money = [law.money[regime] for regime in _of_hits(result, regime_of[where])]
            state[where], answer_line, zh, en = _read(check, result, money)
            line[where] = np.where(answer_line >= 0, answer_line + len(gaps), -1)
            pool_zh += zh
            pool_en += en
            for name, column in (("measured", "measured"), ("limit", "lim")):
                numbers[name] = _scattered(result[column].cast(pa.float64()), where, self._n)
            hits = where[result["hit"].fill_null(False).to_numpy(zero_copy_only=False)]
            for name in ("clause", "evidence"):
                if name in result.column_names and len(hits):
                    numbers[name] = self._on_hits(result, name, hits)
        index = pa.array(line, mask=line < 0)
        return self._table(
            check.code,
            outcome=_OUTCOMES.take(pa.array(state)),
            sentence_zh=pa.concat_arrays(pool_zh).take(index),
            sentence_en=pa.concat_arrays(pool_en).take(index),
            **numbers,
        )

    def _on_hits(self, result: pa.Table, name: str, hits: np.ndarray) -> pa.Array:
        texts = result.filter(result["hit"].fill_null(False))[name].cast(pa.string())
        place = np.full(self._n, -1, np.int64)
        place[hits] = np.arange(len(hits))
        return texts.combine_chunks().take(pa.array(place, mask=place < 0))

    def _refuse_wrong_rows(self, result: pa.Table, where: np.ndarray) -> None:
        expected = self._ids if len(where) == self._n else self._ids.take(pa.array(where))
        if not result["claim_id"].combine_chunks().equals(expected):
            raise ValueError("the check did not answer exactly once for each claim, in order")

    def _constant(self, value: str | None, kind: pa.DataType = _TEXT) -> pa.Array:
        if (value, kind) not in self._constants:
            scalar = pa.scalar(value, kind)
            self._constants[value, kind] = pa.repeat(scalar, self._n)
        return self._constants[value, kind]

    def _table(self, code: str, **columns: pa.Array) -> pa.Table:
        columns |= {"claim_id": self._ids, "rule_code": self._constant(code)}
        arrays = [
            columns[field.name] if field.name in columns else self._constant(None, field.type)
            for field in RULE_RESULTS.arrow
        ]
        return pa.table(arrays, schema=RULE_RESULTS.arrow)


def _open_where_unsure(result: pa.Table) -> pa.Table:
    """``found`` with no verdict and no figure in the rows that say why they are open."""
    known = result["why"].is_null()
    for name in ("hit", "measured"):
        column = result[name]
        blank = pa.scalar(None, type=column.type)
        place = result.column_names.index(name)
        result = result.set_column(place, name, pc.if_else(known, column, blank))
    return result


def _of_hits(result: pa.Table, regimes: np.ndarray) -> np.ndarray:
    """The regimes of the rows that hit."""
    return regimes[result["hit"].fill_null(False).to_numpy()]


def _read(
    check: Rule, result: pa.Table, money: list[tuple[str, str]]
) -> tuple[np.ndarray, np.ndarray, list[pa.Array], list[pa.Array]]:
    """States, line of each row in the pool of sentences (or -1), and the pool."""
    unsure = result["hit"].is_null().to_numpy()
    hit = result["hit"].fill_null(False).to_numpy()
    state = np.where(unsure, _OPEN, np.where(hit, _HIT, _PASS)).astype(np.int8)
    why = result["why"].cast(pa.string()).combine_chunks().dictionary_encode()
    reasons = [words.reason(code) for code in why.dictionary.to_pylist()]
    line = np.full(result.num_rows, -1, np.int64)
    codes = why.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    line[unsure] = codes[unsure]
    if (unsure & (codes < 0)).any():
        raise ValueError("the check left a claim open without saying why")
    line[hit] = len(reasons) + np.arange(hit.sum())
    rows = result.filter(pa.array(hit))
    zh = pa.array([zh for zh, _ in reasons], pa.string())
    en = pa.array([en for _, en in reasons], pa.string())
    if rows.num_rows == 0:
        return state, line, [zh], [en]
    return (
        state,
        line,
        [zh, words.in_money(words.sentences(rows, check.hit_zh), money, 0)],
        [en, words.in_money(words.sentences(rows, check.hit_en), money, 1)],
    )


def _scattered(column: pa.ChunkedArray, where: np.ndarray, n: int) -> pa.Array:
    values = column.combine_chunks()
    if len(where) == n:
        return values
    place = np.full(n, -1, np.int64)
    place[where] = np.arange(len(where))
    return values.take(pa.array(place, mask=place < 0))
