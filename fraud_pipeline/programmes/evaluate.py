"""Every check asked of every claim; one that breaks says so and stops nobody else."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.sql import beside, query
from fraud_pipeline.core.threads import N_THREADS
from fraud_pipeline.programmes import answers, words
from fraud_pipeline.programmes.law import Law, has_parts, law_of
from fraud_pipeline.programmes.pack import Pack
from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.artefacts import ChunkedTable
from fraud_pipeline.schema.outputs import RULE_OUTCOMES, RULE_RESULTS, RULES
from fraud_pipeline.schema.scope import LONG_COLUMNS
from fraud_pipeline.settings import ProgrammeSettings

MAX_IN_FLIGHT = 16  # answers that may wait for a long one before them: mostly a few columns each
CAUGHT = (duckdb.Error, pa.ArrowException, ValueError, KeyError, ArithmeticError)

# Of which class its voucher is and where its enterprise sits: rules may differ by both.
_PARTS = """
SELECT c.claim_id, v.voucher_class, coalesce(e.region, e.address) AS place
  FROM claims c LEFT JOIN vouchers v USING (voucher_id)
  LEFT JOIN enterprises e ON e.enterprise_id = c.enterprise_id
 ORDER BY c.claim_id
"""


@dataclass(frozen=True)
class Judgement:
    """``results``: RULE_RESULTS in parts, one a rule; once they were all read ``rules()`` and
    ``hits()``, the rows of ``results`` that hit."""

    results: ChunkedTable
    counts: dict[tuple[str, str], int]
    found: list[pa.Table]
    judged_by: Sequence[Rule]
    settings: ProgrammeSettings

    def rules(self) -> pa.Table:
        return tally(self.counts, self.settings, self.judged_by)

    def hits(self) -> pa.Table:
        return pa.concat_tables([RULE_RESULTS.empty(), *self.found])


def evaluate(
    tables: Tables,
    packs: Mapping[str, Pack],
    as_of: date,
    settings: ProgrammeSettings,
    checks: Sequence[Rule] = ALL_RULES,
    only: pa.Array | None = None,
) -> tuple[pa.Table, pa.Table]:
    """(rule_results, rules) as :func:`judge` says, in memory."""
    judged = judge(tables, packs, as_of, settings, checks, only)
    return judged.results.combined(), judged.rules()


def judge(
    tables: Tables,
    packs: Mapping[str, Pack],
    as_of: date,
    settings: ProgrammeSettings,
    checks: Sequence[Rule] = ALL_RULES,
    only: pa.Array | None = None,
) -> Judgement:
    """One row a claim and check, sorted by check, then claim, and how often each check hit.

    A claim is judged by the rules in force on the day it was submitted, for its class of
    voucher and region. What cannot be judged is not_applicable with the reason, never
    passed. A million claims have fifty million answers, so they come check by check.
    ``only``: ids of the claims asked about, all where None; every check still sees them all.
    """
    claims, law = _judged_claims(tables, packs)
    if only is not None:
        named = pc.is_in(claims["claim_id"], value_set=only)
        claims = claims.filter(named)
        law = dataclasses.replace(law, regime_of=law.regime_of[named.to_numpy()])
    builder = answers.ResultBuilder(claims["claim_id"].combine_chunks())
    context = RuleContext(tables, claims, law.table, settings, as_of)
    counts: dict[tuple[str, str], int] = {}
    found: list[pa.Table] = []

    def pieces() -> Iterator[pa.Table]:
        for check, answer in _answers(
            sorted(checks, key=lambda c: c.code), lambda check: _ask(check, context, law, builder)
        ):
            for item in pc.value_counts(answer["outcome"].combine_chunks()).to_pylist():
                counts[check.code, item["values"]] = item["counts"]
            told = RULE_RESULTS.conform(answer)
            found.append(told.filter(pc.equal(told["outcome"], "hit")))
            yield told

    return Judgement(ChunkedTable(RULE_RESULTS.arrow, pieces()), counts, found, checks, settings)


def _answers(
    checks: Sequence[Rule], ask: Callable[[Rule], pa.Table]
) -> Iterator[tuple[Rule, pa.Table]]:
    """In order, asked on several threads; some answers wait until it is their turn.

    One thread takes the long checks first, one after the other: so none waits for them alone at the
    end, and never are two of them held in memory together. The later comes before the
    earlier, because hits that were told fill memory and it needs more.
    """
    told: dict[str, Future[pa.Table]] = {check.code: Future() for check in checks}

    def ask_all(some: Sequence[Rule]) -> None:
        for check in some:
            try:
                told[check.code].set_result(ask(check))
            except BaseException as error:
                told[check.code].set_exception(error)

    short = (check for check in checks if not check.long)
    pool = ThreadPoolExecutor(N_THREADS)
    try:
        pool.submit(ask_all, [check for check in reversed(checks) if check.long])
        for check in islice(short, MAX_IN_FLIGHT):
            pool.submit(ask_all, [check])
        for check in checks:
            yield check, told[check.code].result()
            del told[check.code]  # and let go of it
            for other in islice(short, 1):
                pool.submit(ask_all, [other])
    finally:
        pool.shutdown(cancel_futures=True)


def _judged_claims(tables: Tables, packs: Mapping[str, Pack]) -> tuple[pa.Table, Law]:
    """The claims sorted by id, with the regime each is judged by, and the law."""
    claims = tables["claims"]
    # a rule that reads long columns joins `claims`
    claims = claims.select([n for n in claims.column_names if n not in LONG_COLUMNS["claims"]])
    claims = claims.take(pc.sort_indices(claims["claim_id"]))
    named = {n: packs[n] for n in pc.unique(claims["programme"]).to_pylist() if n in packs}
    placed = claims.select(["programme", "submitted_on"])
    if has_parts(named):
        parties = {name: tables[name] for name in ("vouchers", "enterprises")}
        parts = query(_PARTS, {"claims": claims, **parties})
        for name in ("voucher_class", "place"):
            placed = placed.append_column(name, parts[name])
    law = law_of(placed, named)
    claims = claims.append_column("nth", pa.array(np.arange(claims.num_rows)))
    return claims.append_column("regime", pa.array(law.regime_of)), law


def _ask(check: Rule, context: RuleContext, law: Law, builder: answers.ResultBuilder) -> pa.Table:
    for name in check.needs:
        if not context.tables.supplied(name):
            return builder.all_unjudged(check.code, "not_applicable", *words.absent(name))
    try:
        open_regimes, missing = _judged_regimes(check, law)
        judged = open_regimes[law.regime_of] if len(law.missing) else np.zeros(0, bool)
        if not judged.any():
            found = None
        else:
            with beside():  # another check is judged at the same time
                asked = context if judged.all() else context.of(pa.array(judged))
                found = check.evaluate(asked.within(check.scope))
        return builder.filled(check, found, judged, law, missing)
    except CAUGHT as error:
        line = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        return builder.all_unjudged(
            check.code, "error", f"检查出错：{line}", f"the check broke: {line}"
        )


def _judged_regimes(check: Rule, law: Law) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Which regimes know all the law a check needs, and the words for those that do not."""
    known, why = [], []
    for missing in law.missing:
        gaps = [missing[key] for key in check.law if key in missing]
        known.append(not gaps)
        why.append(gaps[0] if gaps else ("", ""))
    return np.array(known, bool), why


def tally(
    n: Mapping[tuple[str, str], int], settings: ProgrammeSettings, rules: Iterable[Rule] = ALL_RULES
) -> pa.Table:
    """RULES, sorted by code, from how often each (rule code, outcome) was answered."""
    rows = []
    for rule in sorted(rules, key=lambda r: r.code):
        counts = {f"n_{outcome}": n.get((rule.code, outcome), 0) for outcome in RULE_OUTCOMES}
        judged = counts["n_hit"] + counts["n_pass"]
        share = counts["n_hit"] / judged if judged else None
        rows.append({
            "rule_code": rule.code, "severity": rule.severity, "typology": rule.typology,
            "title_zh": rule.title_zh, "title_en": rule.title_en, **counts, "fire_share": share,
            "fires_often": share is not None and share > settings.fires_often_share,
        })  # fmt: skip
    return RULES.conform(pa.Table.from_pylist(rows, schema=RULES.arrow))
