"""Columns as words and places: whatever way they came, the cells are the same."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud_pipeline.ingest.coded import Coded
from fraud_pipeline.ingest.grids import typed, without_blank_rows

CELLS = st.lists(st.one_of(st.none(), st.sampled_from(["", " ", "a", "合计", "1.0"])), max_size=30)


@given(CELLS)
def test_plain_and_coded_text_give_the_same_cells(cells):
    text = pa.array(cells, pa.string())
    for given_as in (text, text.dictionary_encode(), text.cast(pa.large_string())):
        coded = Coded.of(given_as)
        assert coded.text().to_pylist() == [cell or "" for cell in cells]
        assert coded.words.null_count == coded.at.null_count == 0


@given(CELLS)
def test_what_is_asked_of_words_is_answered_for_rows(cells):
    coded = Coded.of(pa.array(cells, pa.string()))
    empty = [not (cell or "").strip() for cell in cells]
    assert coded.rows(coded.is_empty()).tolist() == empty
    kept = np.flatnonzero(~np.array(empty, bool))
    assert coded.moved(kept).text().to_pylist() == [cells[k] for k in kept]
    upper = coded.with_words(pc.utf8_upper(coded.words))
    assert upper.text(kept).to_pylist() == [cells[k].upper() for k in kept]


def test_a_word_that_is_used_nowhere_or_twice_does_no_harm():
    coded = pa.DictionaryArray.from_arrays(pa.array([0, 2, None], pa.int8()), ["x", "y", "x"])
    assert Coded.of(coded).text().to_pylist() == ["x", "x", ""]


def test_rows_without_a_cell_are_left_out_whatever_the_columns_are():
    columns = [Coded.of(pa.array(c)) for c in (["", " ", "a"], [None, "", ""], ["", "b", ""])]
    kept, rows = without_blank_rows(columns, np.array([2, 3, 4]))
    assert rows.tolist() == [3, 4]
    assert [c.text().to_pylist() for c in kept] == [[" ", "a"], ["", ""], ["b", ""]]


@pytest.mark.parametrize(
    ("values", "kind", "text"),
    [
        ([Decimal("1.50"), None, Decimal("1.50")], pa.decimal128(18, 2), ["1.50", "", "1.50"]),
        ([1e15, 0.1, None], pa.float64(), ["1000000000000000.0", "0.1", ""]),
        ([12345678901234.0, 1.0, 1.0], pa.float64(), ["12345678901234", "1", "1"]),
        ([1704153600000000, None, 1704164400000000], pa.timestamp("us"),
         ["2024-01-02", "", "2024-01-02 03:00:00.000000"]),
        ([True, None, False], pa.bool_(), ["true", "", "false"]),
        ([None, None, None], pa.null(), ["", "", ""]),
        (["z", "", None], pa.dictionary(pa.int8(), pa.string()), ["z", "", ""]),
    ],
)  # fmt: skip
def test_typed_columns_are_written_out_as_they_stand(values, kind, text):
    rows = [pa.array([k], kind) for k in values]
    column = pa.chunked_array(rows, type=kind)  # in pieces with dictionaries of their own
    keys = pa.array(["k1", "k2", "k3"])
    grid = typed("claims", pa.table({"key": keys, "cell": column}))
    assert grid.columns[1].text().to_pylist() == text
