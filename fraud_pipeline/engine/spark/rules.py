"""The rules: checks that look near in parts, checks that look everywhere a task each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import pyarrow as pa

from fraud_pipeline import programmes
from fraud_pipeline.engine.spark import reach
from fraud_pipeline.engine.spark.frames import (
    answered,
    gathered,
    of_tables,
    placed_schema,
    tasks,
    write,
)
from fraud_pipeline.engine.spark.lake import Lake, place_by_claim
from fraud_pipeline.engine.spark.routes import enterprise_neighbourhood, of_institutions
from fraud_pipeline.engine.spark.spark_run import Night
from fraud_pipeline.pipeline import Setup
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.schema.artefacts import ChunkedTable
from fraud_pipeline.schema.outputs import RULE_RESULTS, RULES
from fraud_pipeline.settings import ProgrammeSettings

_PLACED = placed_schema(RULE_RESULTS.arrow)
_BASE = ("claims", "vouchers", "enterprises")


def rules(night: Night, setup: Setup) -> dict[str, Any]:
    """rule_results and rules, as the embedded engine's step makes them."""
    judge = partial(
        _judged, packs=dict(setup.packs), as_of=setup.as_of,
        settings=setup.settings.programmes, supplied=night.supplied,
    )  # fmt: skip
    enterprise, institution, together = reach.parted([check.code for check in ALL_RULES])
    near = gathered(
        enterprise_neighbourhood(night.known, night.parts),
        partial(judge, codes=enterprise),
        _PLACED,
    )
    beside = gathered(
        of_institutions(night.known, night.parts), partial(judge, codes=institution), _PLACED
    )
    for name in INPUT_TABLES:
        night.provide(f"known/{name}")  # before the tasks read it from there
    everywhere = partial(_everywhere, lake=night.lake, groups=together, judge=judge)
    wide = tasks(night.session, len(together), everywhere, _PLACED)
    found = near.unionByName(beside).unionByName(wide)
    write(found, night.lake, "rule_results", ["rule_code", "claim_id"], RULE_RESULTS.arrow)
    counted = night.read("rule_results").groupBy("rule_code", "outcome").count().collect()
    n = {(row["rule_code"], row["outcome"]): row["count"] for row in counted}
    return {
        "rule_results": ChunkedTable(RULE_RESULTS.arrow, _check_by_check(night.lake)),
        "rules": tally(n, setup.settings.programmes),
    }


def _check_by_check(lake: Lake) -> Iterator[pa.Table]:
    """The answers in the run's order; the driver holds those of one check at a time."""
    for code in sorted(check.code for check in ALL_RULES):
        answers = lake.having("rule_results", "rule_code", code)
        yield RULE_RESULTS.conform(answers.sort_by("claim_id"))


def tally(n: Mapping[tuple[str, str], int], settings: ProgrammeSettings) -> pa.Table:
    """RULES from how often each (rule_code, outcome) was answered."""
    rows = []
    for check in sorted(ALL_RULES, key=lambda c: c.code):
        hit, passed, absent, broken = (
            n.get((check.code, o), 0) for o in ("hit", "pass", "not_applicable", "error")
        )
        share = hit / (hit + passed) if hit + passed else None
        rows.append({
            "rule_code": check.code, "severity": check.severity, "typology": check.typology,
            "title_zh": check.title_zh, "title_en": check.title_en,
            "n_hit": hit, "n_pass": passed, "n_not_applicable": absent, "n_error": broken,
            "fire_share": share,
            "fires_often": share is not None and share > settings.fires_often_share,
        })  # fmt: skip
    return RULES.conform(pa.Table.from_pylist(rows, schema=RULES.arrow))


def _judged(
    given: dict[str, pa.Table], codes: list[str], packs: dict[str, programmes.Pack], as_of: Any,
    settings: ProgrammeSettings, supplied: frozenset[str],
) -> pa.Table:  # fmt: skip
    """The named checks' answers about a part's own claims."""
    results = _asked(given, codes, packs, as_of, settings, supplied)
    return answered(results, given["claims"])


def _asked(
    given: dict[str, pa.Table], codes: list[str], packs: dict[str, programmes.Pack], as_of: Any,
    settings: ProgrammeSettings, supplied: frozenset[str],
) -> pa.Table:  # fmt: skip
    chosen = [check for check in ALL_RULES if check.code in codes]
    tables = of_tables(given, supplied)
    return programmes.evaluate(tables, packs, as_of, settings, chosen)[0]


def _everywhere(
    number: int, lake: Lake, groups: list[tuple[list[str], list[str]]], judge: Any
) -> pa.Table:
    """One group of checks over all claims, read from the lake by the task itself."""
    codes, further = groups[number]
    names = list(INPUT_TABLES) if "*" in further else [*_BASE, *further]
    whole = {
        name: lake.read(f"known/{name}", _columns(name, codes, every="*" in further))
        for name in names
    }
    results = _asked(whole, codes, **judge.keywords)
    return place_by_claim(results, whole["claims"])


def _columns(name: str, codes: list[str], every: bool) -> list[str] | None:
    if every or reach.READS_TEXTS & set(codes):
        return None
    unread = reach.UNREAD.get(name, ())
    return [c for c in INPUT_TABLES[name].names if c not in unread]
