"""The rules step: by partition where the scope of a rule allows, else a task for all claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from fraud_pipeline import programmes
from fraud_pipeline.engine import scope
from fraud_pipeline.engine.spark.frames import (
    answered,
    gathered,
    of_tables,
    placed_schema,
    tasks,
    write,
)
from fraud_pipeline.engine.spark.lake import Lake, place_by_claim
from fraud_pipeline.engine.spark.routes import SparkSelection
from fraud_pipeline.engine.spark.spark_run import SparkRun
from fraud_pipeline.pipeline import Setup
from fraud_pipeline.programmes.evaluate import UNREAD
from fraud_pipeline.programmes.rule import Rule
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.programmes.words import UNREAD_SENTENCES
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.schema.artefacts import ChunkedTable
from fraud_pipeline.schema.outputs import RULE_RESULTS
from fraud_pipeline.schema.scope import Level
from fraud_pipeline.settings import ProgrammeSettings

_PLACED = placed_schema(RULE_RESULTS.arrow)


def rules(run: SparkRun, setup: Setup) -> dict[str, Any]:
    """rule_results and rules, as the embedded engine's step makes them."""
    judge = partial(
        _judge_partition, packs=dict(setup.packs), as_of=setup.as_of,
        settings=setup.settings.programmes, supplied=run.supplied,
    )  # fmt: skip
    plan = scope.plan(ALL_RULES)
    answers = _in_partitions(run, judge, plan.by_enterprise, Level.ENTERPRISE, "enterprise_id")
    by_institution = _in_partitions(
        run, judge, plan.by_institution, Level.INSTITUTION, "institution_id"
    )
    for name in INPUT_TABLES:
        run.provide(f"known/{name}")  # before the tasks read it from there
    together = [[rule.code for rule in group] for group in plan.together]
    everywhere = partial(_everywhere, lake=run.lake, groups=together, judge=judge)
    wide = tasks(run.session, len(together), everywhere, _PLACED)
    answers = answers.unionByName(by_institution).unionByName(wide)
    write(answers, run.lake, "rule_results", ["rule_code", "claim_id"], RULE_RESULTS.arrow)
    counted = run.read("rule_results").groupBy("rule_code", "outcome").count().collect()
    n = {(row["rule_code"], row["outcome"]): row["count"] for row in counted}
    n |= _unread(run)
    return {
        "rule_results": ChunkedTable(RULE_RESULTS.arrow, _rule_by_rule(run.lake)),
        "rules": programmes.tally(n, setup.settings.programmes),
    }


def _unread(run: SparkRun) -> dict[tuple[str, str], int]:
    """By rule, the answers left open because the pack does not know a word of the register."""
    answers = run.read("rule_results").filter("outcome = 'not_applicable'")
    answers = answers.filter(answers["sentence_en"].isin(list(UNREAD_SENTENCES)))
    rows = answers.groupBy("rule_code").count().collect()
    return {(row["rule_code"], UNREAD): row["count"] for row in rows}


def _in_partitions(run: SparkRun, judge: Any, rules: Sequence[Rule], level: Level, by: str) -> Any:
    """The answers of some rules, claims parted by one of their columns."""
    scopes = tuple(rule.scope for rule in rules)
    select = SparkSelection(run.known, by, run.parts, scopes)
    frames = scope.rows_within(level, select, scope.tables_read(scopes))
    return gathered(frames, partial(judge, codes=[rule.code for rule in rules]), _PLACED)


def _rule_by_rule(lake: Lake) -> Iterator[pa.Table]:
    """The answers in the run's order; the driver holds those of one rule at a time."""
    for code in (rule.code for rule in ALL_RULES):
        answers = lake.having("rule_results", "rule_code", code)
        yield RULE_RESULTS.conform(answers.sort_by("claim_id"))


def _judge_partition(
    partition: dict[str, pa.Table], codes: list[str], packs: dict[str, programmes.Pack], as_of: Any,
    settings: ProgrammeSettings, supplied: frozenset[str],
) -> pa.Table:  # fmt: skip
    """The named rules' answers about a part's own claims."""
    results = _evaluate(partition, codes, packs, as_of, settings, supplied)
    return answered(results, partition["claims"])


def _evaluate(
    partition: dict[str, pa.Table], codes: list[str], packs: dict[str, programmes.Pack], as_of: Any,
    settings: ProgrammeSettings, supplied: frozenset[str],
) -> pa.Table:  # fmt: skip
    chosen = [rule for rule in ALL_RULES if rule.code in codes]
    tables = of_tables(partition, supplied)
    return programmes.evaluate(tables, packs, as_of, settings, chosen)[0]


def _everywhere(number: int, lake: Lake, groups: list[list[str]], judge: Any) -> pa.Table:
    """One group of rules over all claims, read from the lake by the task itself."""
    chosen = [rule for rule in ALL_RULES if rule.code in groups[number]]
    scopes = [rule.scope for rule in chosen]
    whole = {
        name: lake.read(f"known/{name}", scope.columns_read(scopes, name))
        for name in scope.tables_read(scopes)
    }
    results = _evaluate(whole, groups[number], **judge.keywords)
    return place_by_claim(results, whole["claims"])
