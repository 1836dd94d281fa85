"""A golden case: a small input for one rule, whose outcomes can be judged by reading it.

    [[claims]]
    claim_id = "F1"          # F: the rule hits; P: it passes; N: it cannot be judged
    contract_amount = 90000
    [expected.F1]            # optional, a figure or sentence of the result
    measured = 90000.0

Tables of the input are lists of rows; columns that are left out are filled in (see
:mod:`fraud_pipeline.testing.rows`). ``[settings]`` changes thresholds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fraud_pipeline.programmes import Pack, evaluate
from fraud_pipeline.programmes.rule import Rule
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.testing.rows import AS_OF, Row, tables

OUTCOME_OF = {"F": "hit", "P": "pass", "N": "not_applicable"}
RuleResults = dict[str, dict[str, Any]]  # claim id -> row of RULE_RESULTS


@dataclass(frozen=True)
class GoldenCase:
    """Rows of input tables, what is expected of some claims, and settings that differ."""

    rows: Mapping[str, list[Row]]
    expected: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    settings: ProgrammeSettings = field(default_factory=ProgrammeSettings)

    def tables_for(self, rule: Rule) -> Tables:
        """The input; a table that the rule needs and the case leaves out has no rows."""
        return tables(**{**{name: [] for name in rule.needs}, **self.rows})


def read_golden(path: Path) -> GoldenCase:
    """The case of a TOML file. Raises OSError or tomllib.TOMLDecodeError."""
    tree = tomllib.loads(path.read_text("utf-8"))
    expected = tree.pop("expected", {})
    settings = ProgrammeSettings.model_validate(tree.pop("settings", {}))
    return GoldenCase(tree, expected, settings)


def judge(rule: Rule, case: GoldenCase, packs: Mapping[str, Pack]) -> RuleResults:
    """What the one rule says of each claim of the case, as of the end of 2018."""
    results, _ = evaluate(case.tables_for(rule), packs, AS_OF, case.settings, [rule])
    return {row["claim_id"]: row for row in results.to_pylist()}
