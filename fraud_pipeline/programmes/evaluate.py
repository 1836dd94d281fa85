"""Every check asked of every claim; one that breaks says so and stops nobody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.programmes import answers, words
from fraud_pipeline.programmes.check import Case, Check
from fraud_pipeline.programmes.checks import CHECKS
from fraud_pipeline.programmes.law import Law, law_of
from fraud_pipeline.programmes.pack import Pack
from fraud_pipeline.records import Tables
from fraud_pipeline.records.outputs import RULE_RESULTS, RULES
from fraud_pipeline.settings import ProgrammeSettings

# Long texts are left out of the claims a check joins; one that reads them asks `claims`.
_LONG = ("report_text", "service_title", "source_sheet")
_BREAKS = (duckdb.Error, pa.ArrowException, ValueError, KeyError, ArithmeticError)


def evaluate(
    tables: Tables,
    packs: Mapping[str, Pack],
    as_of: date,
    settings: ProgrammeSettings,
    checks: Sequence[Check] = CHECKS,
) -> tuple[pa.Table, pa.Table]:
    """(rule_results, rules): one row a claim and check, sorted by check, then claim.

    A claim is judged by the rules in force on the day it was submitted. What cannot be
    judged is not_applicable with the reason, never passed.
    """
    claims = tables["claims"]
    claims = claims.select([n for n in claims.column_names if n not in _LONG])
    claims = claims.take(pc.sort_indices(claims["claim_id"]))
    law = law_of(claims, packs)
    claims = claims.append_column("regime", pa.array(law.regime_of))
    book = answers.Book(claims["claim_id"].combine_chunks())
    results, rules = [], []
    for check in sorted(checks, key=lambda c: c.code):
        answer = _ask(check, Case(tables, claims, law.table, settings, as_of), law, book)
        results.append(answer)
        rules.append(_tally(check, answer, settings))
    table = pa.concat_tables(results) if results else RULE_RESULTS.empty()
    return RULE_RESULTS.conform(table), RULES.conform(
        pa.Table.from_pylist(rules, schema=RULES.arrow)
    )


def _ask(check: Check, case: Case, law: Law, book: answers.Book) -> pa.Table:
    for name in check.needs:
        if not case.tables.supplied(name):
            return book.nowhere(check.code, "not_applicable", *words.absent(name))
    try:
        open_regimes, missing = _judged_regimes(check, law)
        asked = open_regimes[law.regime_of] if len(law.missing) else np.zeros(0, bool)
        if not asked.any():
            found = None
        else:
            chosen = case.asked if asked.all() else case.asked.filter(pa.array(asked))
            found = check.evaluate(Case(case.tables, chosen, case.law, case.settings, case.as_of))
        return book.filled(check, found, asked, law.regime_of, missing)
    except _BREAKS as error:
        line = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        return book.nowhere(check.code, "error", f"检查出错：{line}", f"the check broke: {line}")


def _judged_regimes(check: Check, law: Law) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Which regimes know all the law a check needs, and the words for those that do not."""
    known, why = [], []
    for missing in law.missing:
        gaps = [missing[key] for key in check.law if key in missing]
        known.append(not gaps)
        why.append(gaps[0] if gaps else ("", ""))
    return np.array(known, bool), why


def _tally(check: Check, answer: pa.Table, settings: ProgrammeSettings) -> dict[str, object]:
    counted = pc.value_counts(answer["outcome"].combine_chunks()).to_pylist()
    n = {item["values"]: item["counts"] for item in counted}
    judged = n.get("hit", 0) + n.get("pass", 0)
    share = n.get("hit", 0) / judged if judged else None
    return {
        "rule_code": check.code,
        "severity": check.severity,
        "typology": check.typology,
        "title_zh": check.title_zh,
        "title_en": check.title_en,
        "n_hit": n.get("hit", 0),
        "n_pass": n.get("pass", 0),
        "n_not_applicable": n.get("not_applicable", 0),
        "n_error": n.get("error", 0),
        "fire_share": share,
        "fires_often": share is not None and share > settings.fires_often_share,
    }
