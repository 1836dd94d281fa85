"""The gate before publication refuses each kind of broken promise."""

import pyarrow as pa
import pytest

from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.schema import Column, Kind, TableSchema
from fraud_pipeline.schema.loaded import Account
from fraud_pipeline.schema.outputs import RULE_RESULTS
from fraud_pipeline.store import runs
from fraud_pipeline.store.integrity import check_accounts, check_run, check_table, checked_columns
from fraud_pipeline.store.staged_inputs import StagedInputs
from fraud_pipeline.store.staging import Staged

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
    check_table(SCHEMA.arrow, [things()], SCHEMA)
    check_table(SCHEMA.arrow, [SCHEMA.empty()], SCHEMA)


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
        check_table(SCHEMA.arrow, [things(**fault)], SCHEMA)


def test_other_types_are_refused():
    with pytest.raises(IntegrityError, match="types"):
        table = pa.table({"id": ["1"], "share": ["x"], "code": ["a"]})
        check_table(table.schema, [table], SCHEMA)


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
    check_table(PAIRS.arrow, sound, PAIRS, ("rule", "claim"))
    check_table(PAIRS.arrow, [], PAIRS, ("rule", "claim"))


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
        check_table(PAIRS.arrow, parts(*rows), PAIRS, ("rule", "claim"))


def test_a_long_table_keeps_its_types_and_what_is_promised_of_its_values():
    assert checked_columns(RULE_RESULTS, ("rule_code",)) == ["claim_id", "rule_code", "outcome"]
    with pytest.raises(IntegrityError, match="not the schema's"):
        check_table(PAIRS.arrow.remove(0), [], PAIRS, ("rule", "claim"))
    bad = RULE_RESULTS.conform(
        pa.table({"claim_id": ["1"], "rule_code": ["T01"], "outcome": ["perhaps"]})
    )
    with pytest.raises(IntegrityError, match="unknown code 'perhaps'"):
        check_table(bad.schema, [bad.select(["claim_id", "rule_code", "outcome"])], RULE_RESULTS,
                    ("rule_code", "claim_id"))  # fmt: skip


@pytest.fixture(scope="module")
def run(tiny_run):
    return runs.find(tiny_run)


class Damaged:
    """A run one of whose tables is another than the one published."""

    def __init__(self, run, name, table):
        self._run, self._name, self._table = StagedInputs([Staged(run.folder, {})]), name, table

    def types(self, name):
        return self._table.schema if name == self._name else self._run.types(name)

    def chunks(self, name, columns):
        if name == self._name:
            yield self._table.select(columns)
        else:
            yield from self._run.chunks(name, columns)


def _first_row(table, name, value):
    column = table[name].combine_chunks()
    changed = pa.concat_arrays([pa.array([value], column.type), column.slice(1)])
    return table.set_column(table.column_names.index(name), table.schema.field(name), changed)


@pytest.mark.parametrize(
    ("name", "damage", "expected"),
    [
        ("ranked_claims", lambda t: _first_row(t, "rank", 5000), "ranks are not 1 to n"),
        ("ranked_claims", lambda t: pa.concat_tables([t, t.slice(0, 1)]), "is not unique"),
        ("ranked_claims", lambda t: _first_row(t, "log_odds", 99.0), "miss its score"),
        ("ranked_claims", lambda t: t.drop_columns(["rank"]), "not the schema's"),
        ("audit_plan", lambda t: _first_row(t, "claim_id", "NOBODY"), "a claim that is not there"),
        ("ring_claims", lambda t: _first_row(t, "claim_id", "NOBODY"), "a claim that is not there"),
        (
            "rule_results",
            lambda t: t.slice(1).append_column("x", t["outcome"].slice(1)),
            "schema's",
        ),
        ("rule_results", lambda t: _first_row(t, "claim_id", "zzzz"), "does not rise"),
        ("clean/claims", lambda t: _first_row(t, "programme", None), "1 values are missing"),
    ],
)
def test_the_gate_refuses_a_run_with_a_broken_promise(run, name, damage, expected):
    with pytest.raises(IntegrityError, match=expected):
        check_run(Damaged(run, name, damage(run.table(name))))
