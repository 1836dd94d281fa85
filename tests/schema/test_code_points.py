"""Characters out of a column's own buffer against Python's."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud_pipeline.core.code_points import encoded

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(deadline=None)  # the first is compiled
@given(st.lists(st.lists(st.none() | TEXT, max_size=6), max_size=4), st.integers(0, 3))
def test_code_points_are_pythons(chunks, skipped):
    column = pa.chunked_array(chunks, pa.string()).slice(skipped)
    texts = encoded(column)
    values = column.to_pylist()
    assert texts.codes.dtype == np.uint32 and len(texts.starts) == len(values) + 1
    for n, text in enumerate(values):
        codes = texts.codes[texts.starts[n] : texts.starts[n + 1]]
        assert "".join(map(chr, codes)) == (text or "")


def test_bytes_that_are_no_utf8_keep_within_their_bounds():
    broken = [b"\x80\xbf", b"a\xe4\xb8", b"\xffz", b""]
    column = pa.chunked_array([pa.array(broken, pa.binary()).view(pa.string())])
    texts = encoded(column)
    assert texts.starts.tolist() == [0, 0, 2, 4, 4]
    assert len(texts.codes) == 4
