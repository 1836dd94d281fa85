"""Sentences of a run in the money of its programmes; they are written in yuan where they are made."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.currency import CURRENCIES, HOME, shared_currency
from fraud_pipeline.programmes.words import in_money
from fraud_pipeline.steps.interface import Setup


def currencies(claims: pa.Table, setup: Setup) -> dict[str, str]:
    """The currency of each programme that a claim belongs to; ``claims`` has a column programme."""
    distinct = pc.unique(claims["programme"]).drop_null().to_pylist()
    return {name: setup.packs[name].currency for name in sorted(distinct) if name in setup.packs}


def by_claim(table: pa.Table, columns: dict[str, int], claims: pa.Table, setup: Setup) -> pa.Table:
    """``table`` with texts in the money of its claims' programmes.

    ``columns``: name -> 0 Chinese, 1 English, 2 both. ``claims``: claim_id and programme.
    """
    codes = currencies(claims, setup)
    if set(codes.values()) <= {HOME} or not table.num_rows:
        return table
    at = pc.index_in(table["claim_id"], value_set=claims["claim_id"].combine_chunks())
    programmes = claims["programme"].take(at).to_pylist()
    return _in_words(table, columns, [codes.get(name, HOME) for name in programmes])


def by_run(table: pa.Table, columns: dict[str, int], claims: pa.Table, setup: Setup) -> pa.Table:
    """``table`` with texts in the one currency of the run."""
    code = shared_currency(currencies(claims, setup).values())
    return table if code == HOME else _in_words(table, columns, [code] * table.num_rows)


def _in_words(table: pa.Table, columns: dict[str, int], codes: list[str]) -> pa.Table:
    money = [CURRENCIES.get(code, (code, code)) for code in codes]
    for name, language in columns.items():
        texts = table[name].combine_chunks()
        for which in (0, 1) if language == 2 else (language,):
            texts = in_money(texts, money, which)
        table = table.set_column(table.schema.get_field_index(name), table.field(name), texts)
    return table
