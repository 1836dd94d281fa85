"""Every rule judges every claim; one that fails is reported and stops no other."""

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

from fraud_pipeline.core.sql import query, single_threaded
from fraud_pipeline.core.threads import N_THREADS
from fraud_pipeline.programmes import answers, words
from fraud_pipeline.programmes.law import Law, has_parts, law_of
from fraud_pipeline.programmes.months import contexts_of_other_days, open_where_days_decide
from fraud_pipeline.programmes.pack import Pack
from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.artefacts import ChunkedTable
from fraud_pipeline.schema.outputs import RULE_OUTCOMES, RULE_RESULTS, RULES
from fraud_pipeline.schema.scope import LONG_COLUMNS
from fraud_pipeline.settings import ProgrammeSettings

UNREAD = "unread"
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
    hits_by_rule: list[pa.Table]
    judged_by: Sequence[Rule]
    settings: ProgrammeSettings

    def rules(self) -> pa.Table:
        return tally(self.counts, self.settings, self.judged_by)

    def hits(self) -> pa.Table:
        return pa.concat_tables([RULE_RESULTS.empty(), *self.hits_by_rule])


def evaluate(
    tables: Tables,
    packs: Mapping[str, Pack],
    as_of: date,
    settings: ProgrammeSettings,
    rules: Sequence[Rule] = ALL_RULES,
    only: pa.Array | None = None,
) -> tuple[pa.Table, pa.Table]:
    """(rule_results, rules) as :func:`judge` says, in memory."""
    judgement = judge(tables, packs, as_of, settings, rules, only)
    return judgement.results.combined(), judgement.rules()


def judge(
    tables: Tables,
    packs: Mapping[str, Pack],
    as_of: date,
    settings: ProgrammeSettings,
    rules: Sequence[Rule] = ALL_RULES,
    only: pa.Array | None = None,
) -> Judgement:
    """One row a claim and rule, sorted by rule, then claim, and how often each rule hit.

    A claim is judged by the rules in force on the day it was submitted, for its class of
    voucher and region. What cannot be judged is not_applicable with the reason, never
    passed. A million claims have fifty million answers, so they come rule by rule.
    ``only``: ids of the claims to judge, all where None; a rule sees the others too.
    """
    claims, law = _judged_claims(tables, packs)
    if only is not None:
        is_selected = pc.is_in(claims["claim_id"], value_set=only)
        claims = claims.filter(is_selected)
        law = dataclasses.replace(law, regime_of=law.regime_of[is_selected.to_numpy()])
    builder = answers.ResultBuilder(claims["claim_id"].combine_chunks())
    context = RuleContext(tables, claims, law.table, settings, as_of)
    other_days = contexts_of_other_days(context)
    counts: dict[tuple[str, str], int] = {}
    hits: list[pa.Table] = []

    def chunks() -> Iterator[pa.Table]:
        for rule, answer in _in_order(
            sorted(rules, key=lambda c: c.code),
            lambda rule: _judge_rule(rule, context, law, builder, other_days),
        ):
            for item in pc.value_counts(answer["outcome"].combine_chunks()).to_pylist():
                counts[rule.code, item["values"]] = item["counts"]
            rows = RULE_RESULTS.conform(answer)
            counts[rule.code, UNREAD] = unread(rows)
            hits.append(rows.filter(pc.equal(rows["outcome"], "hit")))
            yield rows

    return Judgement(ChunkedTable(RULE_RESULTS.arrow, chunks()), counts, hits, rules, settings)


def _in_order(
    rules: Sequence[Rule], judge_rule: Callable[[Rule], pa.Table]
) -> Iterator[tuple[Rule, pa.Table]]:
    """Rules and their answers in order; judged on several threads, at most MAX_IN_FLIGHT ahead.

    One thread judges the long rules first and one after the other, so that the others do not wait
    for them at the end and two of them are never in memory together. The last of them comes first:
    it needs most memory, and hits with their sentences fill memory as the work goes on.
    """
    answers_of: dict[str, Future[pa.Table]] = {rule.code: Future() for rule in rules}

    def judge_all(some: Sequence[Rule]) -> None:
        for rule in some:
            try:
                answers_of[rule.code].set_result(judge_rule(rule))
            except BaseException as error:
                answers_of[rule.code].set_exception(error)

    short = (rule for rule in rules if not rule.long)
    pool = ThreadPoolExecutor(N_THREADS)
    try:
        pool.submit(judge_all, [rule for rule in reversed(rules) if rule.long])
        for rule in islice(short, MAX_IN_FLIGHT):
            pool.submit(judge_all, [rule])
        for rule in rules:
            yield rule, answers_of[rule.code].result()
            del answers_of[rule.code]  # its memory is free once it was read
            for other in islice(short, 1):
                pool.submit(judge_all, [other])
    finally:
        pool.shutdown(cancel_futures=True)


def _judged_claims(tables: Tables, packs: Mapping[str, Pack]) -> tuple[pa.Table, Law]:
    """The claims sorted by id, with the regime each is judged by, and the law."""
    claims = tables["claims"]
    # a rule that reads long columns joins `claims`
    claims = claims.select([n for n in claims.column_names if n not in LONG_COLUMNS["claims"]])
    claims = claims.take(pc.sort_indices(claims["claim_id"]))
    used_packs = {n: packs[n] for n in pc.unique(claims["programme"]).to_pylist() if n in packs}
    placed = claims.select(["programme", "submitted_on"])
    if has_parts(used_packs):
        parties = {name: tables[name] for name in ("vouchers", "enterprises")}
        parts = query(_PARTS, {"claims": claims, **parties})
        for name in ("voucher_class", "place"):
            placed = placed.append_column(name, parts[name])
    law = law_of(placed, used_packs)
    claims = claims.append_column("nth", pa.array(np.arange(claims.num_rows)))
    return claims.append_column("regime", pa.array(law.regime_of)), law


def _judge_rule(
    rule: Rule, context: RuleContext, law: Law, builder: answers.ResultBuilder,
    other_days: list[RuleContext],
) -> pa.Table:  # fmt: skip
    for name in rule.needs:
        if not context.tables.supplied(name):
            return builder.all_unjudged(rule.code, "not_applicable", *words.absent(name))
    try:
        open_regimes, missing = _judged_regimes(rule, law)
        is_judged = open_regimes[law.regime_of] if len(law.missing) else np.zeros(0, bool)
        if not is_judged.any():
            result = None
        else:
            with single_threaded():  # another rule is judged at the same time
                judged_context = context if is_judged.all() else context.of(pa.array(is_judged))
                judged_context = judged_context.within(rule.scope)
                result = rule.evaluate(judged_context)
                if rule.compares_days and other_days:
                    result = open_where_days_decide(
                        result, judged_context, other_days, rule.evaluate
                    )
        return builder.filled(rule, result, is_judged, law, missing)
    except CAUGHT as error:
        line = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        return builder.all_unjudged(
            rule.code, "error", f"检查出错：{line}", f"the check broke: {line}"
        )


def _judged_regimes(rule: Rule, law: Law) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Which regimes know all the law a rule needs, and the words for those that do not."""
    known, why = [], []
    for missing in law.missing:
        gaps = [missing[key] for key in rule.law if key in missing]
        known.append(not gaps)
        why.append(gaps[0] if gaps else ("", ""))
    return np.array(known, bool), why


def unread(results: pa.Table) -> int:
    """How many of the answers were left open because the pack does not know a word of the register."""
    open_answers = results.filter(pc.equal(results["outcome"], "not_applicable"))["sentence_en"]
    return int(pc.sum(pc.is_in(open_answers, pa.array(words.UNREAD_SENTENCES))).as_py() or 0)


def tally(
    n: Mapping[tuple[str, str], int], settings: ProgrammeSettings, rules: Iterable[Rule] = ALL_RULES
) -> pa.Table:
    """RULES, sorted by code, from how often each (rule code, outcome) was answered.

    The outcome ``UNREAD`` counts some of those not applicable once more (:func:`unread`).
    """
    rows = []
    for rule in sorted(rules, key=lambda r: r.code):
        counts = {f"n_{outcome}": n.get((rule.code, outcome), 0) for outcome in RULE_OUTCOMES}
        n_judged = counts["n_hit"] + counts["n_pass"]
        share = counts["n_hit"] / n_judged if n_judged else None
        rows.append({
            "rule_code": rule.code, "severity": rule.severity, "typology": rule.typology,
            "title_zh": rule.title_zh, "title_en": rule.title_en, **counts, "fire_share": share,
            "fires_often": share is not None and share > settings.fires_often_share,
            "n_unread": n.get((rule.code, UNREAD), 0),
        })  # fmt: skip
    return RULES.conform(pa.Table.from_pylist(rows, schema=RULES.arrow))
