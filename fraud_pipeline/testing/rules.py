"""What every rule promises, shown on its golden case."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_type_hints

import pyarrow as pa

from fraud_pipeline.programmes import Pack, evaluate
from fraud_pipeline.programmes.rule import Rule
from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.testing.findings import refuse
from fraud_pipeline.testing.golden import OUTCOME_OF, GoldenCase, RuleResults, judge
from fraud_pipeline.testing.rows import AS_OF, tables

_CODE = re.compile(r"[A-Z]\d{2}")
_SHORT = {"zh": "sentence_zh", "en": "sentence_en"}
_FORMULA = tuple("=+-@\t\r")  # a spreadsheet would compute a text that begins so


def check_rule(rule: Rule, case: GoldenCase, packs: Mapping[str, Pack]) -> None:
    """Raises ConformanceError unless the rule keeps the contract of a red flag.

    The outcomes of the golden case are those its claims' names say, with the expected figures;
    hits have figures and a sentence in both languages, unjudged claims a reason; a table
    the rule needs and does not get is named; the order of rows changes nothing; a claim
    of which nothing is known is never hit; no claims give no results.
    """
    refuse(f"rule {rule.code}", _findings(rule, case, packs))


def _findings(rule: Rule, case: GoldenCase, packs: Mapping[str, Pack]) -> Iterator[str]:
    faults = list(declared(rule))
    yield from faults
    if faults:  # what is declared wrongly cannot be evaluated
        return
    results = judge(rule, case, packs)
    yield from outcomes(results)
    yield from figures(results, case.expected)
    for claim, row in results.items():
        yield from (f"{claim}: {fault}" for fault in sentences(row))
    yield from missing_tables(rule, packs)
    yield from row_order(rule, case, packs, results)
    yield from little_known(rule, packs)


def declared(rule: Rule) -> Iterator[str]:
    """Faults of what the rule says of itself."""
    if not _CODE.fullmatch(rule.code):
        yield f"code {rule.code!r} is no capital letter and two digits"
    severities = get_args(get_type_hints(Rule)["severity"])
    if rule.severity not in severities:
        yield f"severity {rule.severity!r} is none of {', '.join(severities)}"
    for name in ("title_zh", "title_en", "hit_zh", "hit_en"):
        if not getattr(rule, name).strip():
            yield f"{name} is empty"
    for name in rule.needs:
        if name not in INPUT_TABLES:
            yield f"it needs {name!r}, which is no input table"


def outcomes(results: RuleResults) -> Iterator[str]:
    """Claims whose outcome is not the one their name says."""
    for claim, row in results.items():
        wanted = OUTCOME_OF.get(claim[:1])
        if wanted is None:
            yield f"{claim}: the name of a claim begins with {', '.join(OUTCOME_OF)}"
        elif row["outcome"] != wanted:
            sentence = row["sentence_en"] or f"measured {row['measured']}, limit {row['limit']}"
            yield f"{claim}: expected {wanted}, found {row['outcome']} ({sentence})"
    if not {"F", "P"} <= {claim[:1] for claim in results}:
        yield "the golden case does not show both a hit (F…) and a pass (P…)"


def figures(results: RuleResults, expected: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Expected figures and sentences that are not there; floats to one millionth."""
    for claim, wanted in expected.items():
        row = results.get(claim)
        if row is None:
            yield f"{claim}: expected figures, but the case has no such claim"
            continue
        for key, value in wanted.items():
            actual = row.get(_SHORT.get(key, key))
            same = (
                actual is not None and math.isclose(actual, value, rel_tol=1e-6, abs_tol=1e-12)
                if isinstance(value, float)
                else actual == value
            )  # fmt: skip
            if not same:
                yield f"{claim}: {key} is {actual!r}, expected {value!r}"


def sentences(row: Mapping[str, Any]) -> Iterator[str]:
    """Faults of one result row: what a hit, a pass and an unjudged claim must and must not say."""
    if row["outcome"] == "hit" and (row["measured"] is None or row["limit"] is None):
        yield "a hit needs what was measured and its limit"
    if row["outcome"] == "not_applicable" and row["measured"] is not None:
        yield "nothing can be measured where the rule cannot be judged"
    texts = [row["sentence_zh"], row["sentence_en"]]
    if row["outcome"] == "pass":
        if any(texts) or row["evidence"] is not None:
            yield "a pass has no sentence and no evidence"
    elif not all(texts):
        yield f"{row['outcome']} needs a sentence in both languages"
    for text in (*texts, row["evidence"]):
        if (text or " ").startswith(_FORMULA):
            yield f"{text!r} would be a formula in a spreadsheet"
        if text is not None and "None" in text:
            yield f"{text!r} shows a missing value"


def missing_tables(rule: Rule, packs: Mapping[str, Pack]) -> Iterator[str]:
    """Without the tables it needs the rule says which one is missing, and nothing else."""
    if not rule.needs:
        return
    (row,) = _results_of(rule, tables(claims=[{"claim_id": "C1"}]), packs)
    if row["outcome"] != "not_applicable":
        yield f"without the table {rule.needs[0]} its outcome is {row['outcome']}"
    elif rule.needs[0] not in row["sentence_en"]:
        yield f"without the table {rule.needs[0]} it says {row['sentence_en']!r}"


def row_order(
    rule: Rule, case: GoldenCase, packs: Mapping[str, Pack], results: RuleResults
) -> Iterator[str]:
    """Every table backwards must give the same results."""
    backwards = {name: list(reversed(rows)) for name, rows in case.rows.items()}
    again = judge(rule, dataclasses.replace(case, rows=backwards), packs)
    for claim, row in results.items():
        differs = [name for name, value in row.items() if again[claim][name] != value]
        if differs:
            yield f"{claim}: {differs[0]} depends on the order of the rows"


def little_known(rule: Rule, packs: Mapping[str, Pack]) -> Iterator[str]:
    """No claims give no results; a bare claim, with every other table empty, is never hit."""
    others: dict[str, list[Any]] = {name: [] for name in INPUT_TABLES if name != "claims"}
    if _results_of(rule, tables(claims=[], **others), packs):
        yield "it gives results where there are no claims"
    (row,) = _results_of(rule, tables(claims=[{"claim_id": "C1"}], **others), packs)
    if row["outcome"] in ("hit", "error"):
        yield f"a claim of which nothing is known ends as {row['outcome']}: {row['sentence_en']}"


def _results_of(rule: Rule, tables_in: Tables, packs: Mapping[str, Pack]) -> list[dict[str, Any]]:
    results, _ = evaluate(tables_in, packs, AS_OF, rules=[rule], settings=GoldenCase({}).settings)
    listed: list[dict[str, Any]] = pa.Table.to_pylist(results)
    return listed
