"""A declared scope is enough: what lies outside it may be gone or be noise, and nothing changes."""

import dataclasses
import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from fraud_pipeline import programmes
from fraud_pipeline.engine import scope
from fraud_pipeline.engine.scope import ArrowSelection, ClaimView, own_claims, rows_within
from fraud_pipeline.engine.single_claim.papers import PassageIndex, text_corpus_for
from fraud_pipeline.engine.single_claim.related_rows import related_rows
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.schema.scope import LONG_COLUMNS, Level, Scope
from fraud_pipeline.settings import Settings
from fraud_pipeline.simulate import simulate
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing.rows import AS_OF, tables

TABLES = simulate("wuhan", 320, 9).tables
CLAIMS = TABLES["claims"]
GOLDEN = Path(__file__).parent / "golden"
DAY = pc.max(CLAIMS["submitted_on"]).as_py() + timedelta(days=1)
PACKS, SETTINGS = load_packs(None), Settings()
BY_CODE = {rule.code: rule for rule in ALL_RULES}
TRIED = {"hit": 2, "pass": 1, "not_applicable": 1}  # claims of a world tried for each outcome


def evaluate_rules(tables, rules, only=None, day=DAY, settings=SETTINGS.programmes):
    return programmes.evaluate(tables, PACKS, day, settings, rules, only)[0]


@pytest.fixture(scope="module")
def whole():
    return evaluate_rules(TABLES, ALL_RULES)


def some_of_each_outcome(results, code):
    """Ids of a few claims that hit, passed and could not be judged."""
    rows = results.filter(pc.equal(results["rule_code"], code))
    chosen = []
    for outcome, n in TRIED.items():
        ids = rows.filter(pc.equal(rows["outcome"], outcome))["claim_id"]
        chosen += [ids[k].as_py() for k in np.linspace(0, len(ids) - 1, n).astype(int) if len(ids)]
    return sorted(set(chosen))


@cache
def noise(name, rows):
    """``rows`` of an input table with the values of others of its rows, column by column, and keys
    and contacts that no other row has."""
    table, rng = TABLES[name], np.random.default_rng(5)
    made = table.take(pa.array(rng.integers(0, table.num_rows, rows)))
    for place, field in enumerate(made.schema):
        column = made[field.name].take(pa.array(rng.permutation(rows)))
        if field.name.endswith("_id") or field.name in ("contact_phone", "phone", "email"):
            column = pa.array([f"other {field.name} {n}" for n in range(rows)])
        made = made.set_column(place, field, column.cast(field.type))
    return made


def without_the_rest(rows, declared: Scope, strange):
    """``rows`` with what the scope does not name emptied, and undeclared long columns changed."""
    changed = {}
    for name in INPUT_TABLES:
        table = rows[name]
        if name not in {*declared.tables, *scope.BASE_TABLES}:
            table = table.slice(0, 0)
        elif strange and TABLES[name].num_rows:
            table = pa.concat_tables([table, noise(name, 20)])
        for column in LONG_COLUMNS.get(name, ()):
            if f"{name}.{column}" not in declared.long_columns:
                at = table.schema.get_field_index(column)
                kind = table.schema.field(at)
                other = pa.nulls(table.num_rows, kind.type)
                table = table.set_column(at, kind, other)
        changed[name] = table
    return rows.replaced(**changed)


def cut(tables, claim_id, declared: Scope):
    """The rows of the declared level around one claim, and nothing else."""
    if declared.level <= Level.INSTITUTION:
        own = own_claims(tables, claim_id, declared.level)
        rows = rows_within(
            declared.level, ArrowSelection(tables, own), scope.tables_read([declared])
        )
        return tables.replaced(**{n: rows.get(n, tables[n].slice(0, 0)) for n in INPUT_TABLES})
    near = related_rows(tables, claim_id)
    corpus = text_corpus_for(tables, PassageIndex.none(), claim_id, near)
    return ClaimView(claim_id, near, tables, corpus).tables(declared)


def outcome_of(answer):
    """The answer; a limit that nothing was measured against says nothing."""
    return [
        row if row["measured"] is not None else row | {"limit": None} for row in answer.to_pylist()
    ]


def differing(tables, whole, ids, rule, **how):
    """Those of the claims that the rule answers otherwise where its scope is all there is."""
    wrong = []
    for claim_id in ids:
        rows = cut(tables, claim_id, rule.scope)
        mine = pc.and_(
            pc.equal(whole["claim_id"], claim_id), pc.equal(whole["rule_code"], rule.code)
        )
        noisy = (
            rule.scope.level < Level.INSTITUTION
        )  # what comes in by a shared value may be any row
        only = None if rule.scope.joint else pa.array([claim_id])
        answer = evaluate_rules(without_the_rest(rows, rule.scope, noisy), [rule], only, **how)
        if outcome_of(answer.filter(pc.equal(answer["claim_id"], claim_id))) != outcome_of(
            whole.filter(mine)
        ):
            wrong.append(claim_id)
    return wrong


def golden(code):
    """(tables, settings) of the golden case of a rule."""
    case = tomllib.loads((GOLDEN / f"{code}.toml").read_text("utf-8"))
    del case["expected"]
    settings = SETTINGS.programmes.model_copy(update=case.pop("settings", {}))
    return tables(**{**{name: [] for name in BY_CODE[code].needs}, **case}), settings


@pytest.mark.parametrize("code", BY_CODE)
def test_a_rule_answers_the_same_where_its_scope_is_all_there_is(whole, code):
    rule = BY_CODE[code]
    assert differing(TABLES, whole, some_of_each_outcome(whole, code), rule) == []


def differing_in_golden(code, declared):
    given, settings = golden(code)
    rule, how = BY_CODE[code], {"day": AS_OF, "settings": settings}
    expected = evaluate_rules(given, [rule], **how)
    ids = some_of_each_outcome(expected, code)
    return differing(given, expected, ids, dataclasses.replace(rule, scope=declared), **how)


@pytest.mark.parametrize("code", BY_CODE)
def test_a_golden_case_answers_the_same_where_the_scope_is_all_there_is(code):
    assert differing_in_golden(code, BY_CODE[code].scope) == []


@pytest.mark.parametrize(("code", "declared"), [
    ("L02", Scope(Level.CLAIM, ("claims",))),
    ("L05", Scope(Level.CLAIM)),
    ("L14", Scope(Level.CLAIM, ("claims", "contracts", "vouchers"))),
    ("L22", Scope(Level.CLAIM, ("claims", "contracts", "invoices", "payments", "deliverables"))),
    ("L24", Scope(Level.CLAIM, ("vouchers",))),
    ("T06", Scope(Level.CLAIM, ())),
    ("T08", Scope(Level.CLAIM, ("claims", "vouchers"))),
    ("T10", Scope(Level.CLAIM, ("claims",))),
    ("T13", Scope(Level.ENTERPRISE, ("claims",))),
    ("T16", Scope(Level.ENTERPRISE, ("claims", "contracts", "deliverables", "invoices"))),
    ("T17", Scope(Level.ENTERPRISE)),
    ("T18", Scope(Level.CLAIM, ("claims", "enterprises", "institutions"))),
    ("T20", Scope(Level.ENTERPRISE, ("claims", "market_prices"))),
    ("T23", Scope(Level.ENTERPRISE, ("enterprises", "payments"))),
    ("T26", Scope(Level.ENTERPRISE, ("claims",))),
])  # fmt: skip
def test_too_narrow_a_scope_is_noticed(code, declared):
    assert differing_in_golden(code, declared), code
