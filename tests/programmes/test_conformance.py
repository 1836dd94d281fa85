"""What every check promises, whatever it measures: tried on a simulated world with all tables."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from fraud_pipeline.programmes import evaluate
from fraud_pipeline.programmes.rule import Rule
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.schema.asof import known_by
from fraud_pipeline.schema.outputs import RULE_RESULTS, RULES
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.simulate import simulate
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing.rows import tables

AS_OF = dt.date(2017, 7, 1)
PACKS = load_packs()
SETTINGS = ProgrammeSettings()
CODES = [check.code for check in ALL_RULES]


@pytest.fixture(scope="module")
def world() -> Tables:
    return simulate("wuhan", 400, 11).tables


@pytest.fixture(scope="module")
def answered(world):
    return evaluate(world, PACKS, AS_OF, SETTINGS)


def shuffled(given: Tables, seed: int) -> Tables:
    rng = np.random.default_rng(seed)
    mixed = {}
    for name in INPUT_TABLES:
        mixed[name] = given[name].take(pa.array(rng.permutation(given[name].num_rows)))
    return given.replaced(**mixed)


def test_one_row_a_claim_and_rule_and_a_known_outcome(world, answered):
    results, rules = answered
    assert results.schema.equals(RULE_RESULTS.arrow) and rules.schema.equals(RULES.arrow)
    assert results.num_rows == len(ALL_RULES) * world["claims"].num_rows
    keys = results.select(["rule_code", "claim_id"]).to_pylist()
    assert keys == sorted(keys, key=lambda k: (k["rule_code"], k["claim_id"]))
    assert len({tuple(k.values()) for k in keys}) == len(keys)
    assert set(pc.unique(results["outcome"]).to_pylist()) <= {"hit", "pass", "not_applicable"}
    assert pc.sum(rules["n_error"]).as_py() == 0


def test_row_order_changes_no_byte(world, answered):
    results, rules = evaluate(shuffled(world, 5), PACKS, AS_OF, SETTINGS)
    for column in results.column_names:
        differs = [
            code
            for code in CODES
            if not rows_of(results, code)[column].equals(rows_of(answered[0], code)[column])
        ]
        assert not differs, (column, differs)
    assert rules.equals(answered[1])


def rows_of(results: pa.Table, code: str) -> pa.Table:
    return results.filter(pc.equal(results["rule_code"], code))


def test_input_is_not_changed(world):
    before = {name: world[name].to_pylist() for name in INPUT_TABLES}
    evaluate(world, PACKS, AS_OF, SETTINGS)
    assert {name: world[name].to_pylist() for name in INPUT_TABLES} == before


def test_empty_tables_are_fine():
    for given in (tables(), tables(**{name: [] for name in INPUT_TABLES})):
        results, rules = evaluate(given, PACKS, AS_OF, SETTINGS)
        assert results.num_rows == 0 and rules["rule_code"].to_pylist() == CODES
        assert pc.all(pc.is_null(rules["fire_share"])).as_py()


def test_one_bare_claim_is_never_hit_and_never_an_error():
    given = tables(claims=[{"claim_id": "C1"}], **{n: [] for n in INPUT_TABLES if n != "claims"})
    _, rules = evaluate(given, PACKS, AS_OF, SETTINGS)
    assert pc.sum(rules["n_error"]).as_py() == 0
    assert pc.sum(rules["n_hit"]).as_py() == 0


def test_unknown_cells_never_hit_a_rule_that_needs_them(world):
    """Blanking every optional column leaves no limit hit: unknown is not a violation."""
    bare = {}
    for name, schema in INPUT_TABLES.items():
        table = world[name]
        for column in schema.columns:
            if not column.required:
                place = table.column_names.index(column.name)
                blank = pa.nulls(table.num_rows, column.kind.arrow)
                table = table.set_column(place, column.name, blank)
        bare[name] = table
    _, rules = evaluate(world.replaced(**bare), PACKS, AS_OF, SETTINGS)
    hit = {r["rule_code"]: r["n_hit"] for r in rules.to_pylist() if r["n_hit"]}
    # splitting and persons on both sides need only required columns; a bar without an end is in force
    assert set(hit) <= {"T17", "T31", "L12"}
    assert pc.sum(rules["n_error"]).as_py() == 0


def test_later_rows_do_not_reach_earlier_answers(world):
    early = dt.date(2016, 6, 30)
    cut = known_by(world, early)
    claims = world["claims"].filter(pc.less_equal(world["claims"]["submitted_on"], early))
    gone = world.replaced(claims=claims)
    again = known_by(gone, early)
    left, _ = evaluate(cut, PACKS, early, SETTINGS)
    right, _ = evaluate(again, PACKS, early, SETTINGS)
    assert left.equals(right)


def test_a_broken_check_is_an_error_of_its_own(world, answered):
    def broken(case):
        raise ValueError("no such thing\nand a second line")

    def forgetful(case):
        table = case.query(
            "SELECT claim_id, true AS hit, 1.0 AS measured, 0.0 AS lim, NULL::VARCHAR AS why "
            "FROM claims_to_judge ORDER BY claim_id LIMIT 3"
        )
        return table

    def misnamed(case):
        return case.query("SELECT nothing FROM claims_to_judge ORDER BY 1")

    bad = [
        Rule(code, "weak", "坏", "bad", "{x}", "{x}", evaluate=function)
        for code, function in (("X1", broken), ("X2", forgetful), ("X3", misnamed))
    ]
    results, rules = evaluate(world, PACKS, AS_OF, SETTINGS, [*ALL_RULES, *bad])
    n = world["claims"].num_rows
    errors = {r["rule_code"]: r["n_error"] for r in rules.to_pylist() if r["n_error"]}
    assert errors == {"X1": n, "X2": n, "X3": n}
    line = rows_of(results, "X1")["sentence_en"][0].as_py()
    assert line == "the check broke: no such thing"
    assert rows_of(results, "L02").equals(rows_of(answered[0], "L02"))


def test_a_bug_that_is_no_data_fault_keeps_its_traceback(world):
    def buggy(case):
        raise AttributeError("a bug of ours")

    with pytest.raises(AttributeError):
        evaluate(world, PACKS, AS_OF, SETTINGS, [Rule("X", "weak", "", "", "", "", buggy)])


def test_planted_cases_are_found_and_honest_claims_left_alone():
    """The promise of the flags, at reduced size: recall 0.8, false alarms 2 %."""
    found: dict[str, list[int]] = {}
    n_honest = 0
    for seed in (3, 4):
        made = simulate("wuhan", 1071, seed)
        results, _ = evaluate(made.tables, PACKS, AS_OF, SETTINGS)
        truth = dict(zip(made.truth["claim_id"].to_pylist(), made.truth["typology"].to_pylist(),
                         strict=True))  # fmt: skip
        honest = {claim for claim, typology in truth.items() if typology is None}
        n_honest += len(honest)
        for check in ALL_RULES:
            if check.severity == "info":
                continue
            hit = rows_of(results, check.code)
            hit = set(hit.filter(pc.equal(hit["outcome"], "hit"))["claim_id"].to_pylist())
            planted = {claim for claim, typology in truth.items() if typology == check.code}
            row = found.setdefault(check.code, [0, 0, 0])
            row[0] += len(planted)
            row[1] += len(planted & hit)
            row[2] += len(honest & hit)
    assert {code: n for code, (_, _, n) in found.items() if n > 0.02 * n_honest} == {}
    missed = {code: (n, k) for code, (n, k, _) in found.items() if k < 0.7 * n}
    assert missed == {}, "fewer than 70 % of the planted cases (small numbers) were found"
