"""Values of an erased person are replaced in tables."""

import pyarrow as pa

from fraud_pipeline.core.erasure import Redaction


def test_a_value_is_replaced_as_a_whole_only():
    redaction = Redaction(3, ("张伟", "13812341234"), ("张伟明", "张伟商贸"))
    table = pa.table(
        {
            "a": ["张伟", "张伟明", None, "013812341234"],
            "b": ["张伟商贸的张伟，13812341234。", "", "x", "y"],
        }
    )
    changed, n_cells = redaction.in_table(table)
    assert n_cells == 2
    assert changed["a"].to_pylist() == ["ERASED-3-1", "张伟明", None, "013812341234"]
    assert changed["b"][0].as_py() == "张伟商贸的ERASED-3-1，ERASED-3-2。"
