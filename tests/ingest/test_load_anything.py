"""Generated tables and files: nothing is lost and nothing makes the loader stumble."""

import csv
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.ingest.mapping import SourceMapping, TableMapping
from fraud_pipeline.schema import INPUT_TABLES
from tests.ingest.helpers import (
    HEAD,
    ROW,
    accounts_hold,
    load,
)

CELL = st.one_of(
    st.sampled_from(["", "C1", "wuhan", "3万", "2016-07-01", "合计", "1.2E+17", "-1", "testing", "\u00a0", '"', "a,b",
                     "#REF!", "1\n2", "x\ny,z\n", "无", "３"]),
    st.text(max_size=8),
)  # fmt: skip
GOOD = ROW.split(",")


@settings(
    max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    st.lists(st.lists(st.one_of(CELL, st.none()), max_size=11), min_size=1, max_size=12),
    st.booleans(),
)
def test_whatever_stands_in_the_cells_every_row_is_accounted_for(tmp_path, rows, quoted):
    """Ragged rows of cell soup, honest cells among them (None), with and without quotation marks."""
    soup = [[GOOD[k % 9] if cell is None else cell for k, cell in enumerate(row)] for row in rows]
    if quoted:
        out = io.StringIO()
        csv.writer(out).writerows([HEAD.split(","), *soup])
        text = out.getvalue()
    else:
        text = "\n".join([HEAD, *(",".join(row) for row in soup)])
    (tmp_path / "claims.csv").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        loaded = load(tmp_path)
    except FraudPipelineError as error:
        assert "\n" not in str(error)
        return
    accounts_hold(loaded)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.binary(max_size=300), st.sampled_from([".csv", ".tsv", ".xlsx", ".xls"]), st.booleans())
def test_no_file_makes_the_loader_stumble(tmp_path, data, suffix, headed):
    """Arbitrary bytes, alone or under a good header, end loaded or in one line."""
    (tmp_path / f"claims{suffix}").write_bytes((HEAD.encode() + b"\n" if headed else b"") + data)
    try:
        loaded = load(tmp_path / f"claims{suffix}")
    except FraudPipelineError as error:
        assert "\n" not in str(error)
    else:
        accounts_hold(loaded)
    (tmp_path / f"claims{suffix}").unlink()


def test_the_synonyms_name_only_columns_that_exist():
    from fraud_pipeline.ingest.headers import HEADER_WORDS
    from fraud_pipeline.ingest.words import CODE_WORDS

    columns = {c.name for schema in INPUT_TABLES.values() for c in schema.columns}
    assert set(HEADER_WORDS) <= columns and set(CODE_WORDS) <= columns
    assert SourceMapping(tables={"claims": TableMapping(file="X")}).stem("claims") == "x"
