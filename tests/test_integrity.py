"""The gate before publication refuses each kind of broken promise."""

import pyarrow as pa
import pytest

from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.integrity import check_accounts, check_parts, check_table, promising
from fraud_pipeline.records import Column, Kind, TableSchema
from fraud_pipeline.records.loaded import Account
from fraud_pipeline.records.outputs import RULE_RESULTS

SCHEMA = TableSchema(
    "things",
    (
        Column("id", Kind.ID, True),
        Column("share", Kind.SHARE),
        Column("code", Kind.CODE, codes=("a", "b")),
    ),
    key=("id",),
)


def things(**columns):
    base = {"id": ["1", "2"], "share": [0.0, None], "code": ["a", None]}
    return SCHEMA.conform(pa.table({**base, **columns}))


def test_a_sound_table_passes():
    check_table(things(), SCHEMA)
    check_table(SCHEMA.empty(), SCHEMA)


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"id": ["1", None]}, "id: 1 values are missing"),
        ({"id": ["1", "1"]}, "id is not unique"),
        ({"share": [1.5, None]}, "share"),
        ({"share": [float("nan"), 0.5]}, "share"),
        ({"code": ["a", "c"]}, "unknown code 'c'"),
    ],
)
def test_each_fault_is_named(fault, named):
    with pytest.raises(IntegrityError, match=named):
        check_table(things(**fault), SCHEMA)


def test_other_types_are_refused():
    with pytest.raises(IntegrityError, match="types"):
        check_table(pa.table({"id": ["1"], "share": ["x"], "code": ["a"]}), SCHEMA)


def test_a_lost_row_is_found():
    check_accounts({"claims": Account(3, 2, 1)})
    with pytest.raises(IntegrityError, match="claims: 3 rows in"):
        check_accounts({"claims": Account(3, 2, 0)})


PAIRS = TableSchema(
    "pairs", (Column("claim", Kind.ID, True), Column("rule", Kind.ID, True)), ("claim", "rule")
)


def parts(*rows):
    return [
        PAIRS.conform(pa.table({"rule": [r for r, _ in part], "claim": [c for _, c in part]}))
        for part in rows
    ]


def test_a_long_table_is_checked_piece_by_piece():
    sound = parts([], ["A1", "A2"], ["A3"], [], ["B1", "B2"])
    check_parts(PAIRS.arrow, sound, PAIRS, ("rule", "claim"))
    check_parts(PAIRS.arrow, [], PAIRS, ("rule", "claim"))


@pytest.mark.parametrize(
    "rows",
    [
        (["A1", "A1"],),
        (["A1"], ["A1"]),  # twice, in two pieces
        (["A2", "A1"],),
        (["B1"], ["A2"]),
        (["A1"], [], ["A1"]),
    ],
)
def test_a_long_table_that_does_not_rise_is_refused(rows):
    with pytest.raises(IntegrityError, match="does not rise"):
        check_parts(PAIRS.arrow, parts(*rows), PAIRS, ("rule", "claim"))


def test_a_long_table_keeps_its_types_and_what_is_promised_of_its_values():
    assert promising(RULE_RESULTS, ("rule_code",)) == ["claim_id", "rule_code", "outcome"]
    with pytest.raises(IntegrityError, match="not the schema's"):
        check_parts(PAIRS.arrow.remove(0), [], PAIRS, ("rule", "claim"))
    bad = RULE_RESULTS.conform(
        pa.table({"claim_id": ["1"], "rule_code": ["T01"], "outcome": ["perhaps"]})
    )
    with pytest.raises(IntegrityError, match="unknown code 'perhaps'"):
        check_parts(bad.schema, [bad.select(["claim_id", "rule_code", "outcome"])], RULE_RESULTS,
                    ("rule_code", "claim_id"))  # fmt: skip
