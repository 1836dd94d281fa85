"""Money survives both directions exactly, signs, gaps and slices included."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from fraud_pipeline.core.money import MONEY, from_fen, to_fen

FEN = st.integers(min_value=-(10**17), max_value=10**17 - 1)


@given(st.lists(st.one_of(FEN, st.none())))
def test_yuan_and_fen_are_the_same_amount(amounts):
    exact = [None if a is None else Decimal(a).scaleb(-2) for a in amounts]
    column = pa.array(exact, type=MONEY)
    fen = to_fen(column)
    assert fen.tolist() == [a or 0 for a in amounts]
    back = from_fen(fen, np.array([a is None for a in amounts], dtype=bool))
    assert back.to_pylist() == exact


@given(st.lists(FEN, min_size=3), st.data())
def test_a_slice_and_chunks_read_the_same(amounts, data):
    whole = pa.array([Decimal(a).scaleb(-2) for a in amounts], type=MONEY)
    start = data.draw(st.integers(0, len(amounts)))
    assert to_fen(whole.slice(start)).tolist() == amounts[start:]
    chunked = pa.chunked_array([whole.slice(0, start), whole.slice(start)])
    assert to_fen(chunked).tolist() == amounts
