"""A document number that already stood in an earlier claim of another contract.

Compared are invoice number with its code (or its seller, where there is no code), the
reference of reports, patents and certificates, the registration number of technology
contracts, and the contract's own number; in all programmes and years that are known.
Spelling is folded away first (:mod:`fraud_pipeline.programmes.numbers`). Then numbers with one
character exchanged or two neighbours changed round, where party, amount, date or text agree
too and the institution's own counting does not explain it. The later claim is the lead. Several
claims on one contract share their invoice honestly, as do contracts that one invoice pays
together, and a claim that was sent back and its new filing; short numbers (under ``_MIN_CHARS``) come from too many counters to mean
anything.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.numbers import DOCS, NEAR
from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.programmes.standing import UNPAID
from fraud_pipeline.programmes.texts import MIN_CHARS
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

# Assumptions, by cases made by hand in tests/programmes/test_numbers.py.
_MIN_CHARS = 8  # shorter document numbers repeat by chance
_TAIL_CHARS = 2  # numbers that differ only here may be consecutive
# An institution counts on when this share of its numbers, at least so many, rise with time.
_ORDER_LEAST = 8
_ORDER_SHARE = 0.9
_ORDER_DAYS = 30  # papers may be dated so far out of order

_STATEMENT = (
    f"WITH {DOCS}, {NEAR}"  # noqa: S608 - put together from constants
    """, twice AS (  -- most numbers occur once: they are excluded by their hash, which is cheap
    SELECT mark FROM docs GROUP BY mark HAVING min(hash(work)) != max(hash(work))
), filed_again AS (  -- numbers of a claim that was sent back and of the claim that took its place
    SELECT d.id FROM known k JOIN docs d USING (claim_id) JOIN docs n ON n.mark = d.mark
      JOIN known a ON a.claim_id = n.claim_id
     WHERE NOT k.stands AND a.stands AND a.filing = k.filing
       AND (a.submitted_on, a.claim_id) > (k.submitted_on, k.claim_id)
), by_work AS (
    SELECT mark, kind, whole, work, count(DISTINCT claim_id) AS n, max(amount) AS billed,
           max(contract_amount) AS agreed, min((submitted_on, claim_id)) AS since,
           arg_min(claim_id, (submitted_on, claim_id)) AS claim
      FROM docs SEMI JOIN twice USING (mark) ANTI JOIN filed_again USING (id) GROUP BY ALL
), first AS (  -- one invoice over the sum of several contracts pays them all
    SELECT mark, kind, whole, sum(n)::BIGINT AS n_claims, arg_min(claim, since) AS claim,
           arg_min(work, since) AS work
      FROM by_work GROUP BY ALL
    HAVING count(*) > 1 AND NOT (kind = 'invoice' AND max(billed) >= sum(agreed))
), again AS (
    SELECT d.claim_id, d.kind, d.shown, f.claim AS earlier,
           concat('已用于较早的申请', f.claim, '（共', f.n_claims, '笔申请）') AS told_zh,
           concat('already stood in the earlier claim ', f.claim, ' (', f.n_claims,
                  ' claims in all)') AS told_en
      FROM docs d JOIN first f USING (mark, kind, whole) ANTI JOIN filed_again USING (id)
     WHERE d.work != f.work
    UNION ALL
    SELECT claim_id, kind, shown, earlier,
           concat('与较早的申请', earlier, '的', other, '相比仅一处不同，且', agreed_zh, '相同'),
           concat('is one slip away from ', other, ' of the earlier claim ', earlier, ', with the same ',
                  agreed_en)
      FROM near
), worst AS (  -- an equal number is reported before one that is only similar
    SELECT claim_id, count(DISTINCT (kind, shown)) AS n,
           arg_min({'kind': kind, 'shown': shown, 'earlier': earlier, 'zh': told_zh, 'en': told_en},
                   (told_zh NOT LIKE '已用于%', CASE kind WHEN 'invoice' THEN 0 WHEN 'reference' THEN 1
                    ELSE 2 END, kind, shown, earlier)) AS d
      FROM again GROUP BY claim_id
), numbered AS (SELECT DISTINCT claim_id FROM docs WHERE kind != 'contract')
SELECT a.claim_id, coalesce(g.n, 0)::DOUBLE AS measured, 0.0 AS lim, g.n IS NOT NULL AS hit,
       CASE g.d.kind WHEN 'invoice' THEN '发票' WHEN 'reference' THEN '成果编号'
            WHEN 'contract' THEN '合同编号' ELSE '技术合同登记号' END AS kind_zh,
       CASE g.d.kind WHEN 'invoice' THEN 'invoice' WHEN 'reference' THEN 'deliverable'
            WHEN 'contract' THEN 'contract number' ELSE 'contract registration' END AS kind_en,
       g.d.shown AS number, g.d.zh AS told_zh, g.d.en AS told_en,
       CASE WHEN g.n IS NOT NULL THEN concat('claims ', g.d.earlier) END AS evidence,
       CASE WHEN m.claim_id IS NULL AND g.n IS NULL THEN 'no_numbers' END AS why
  FROM claims_to_judge a LEFT JOIN worst g USING (claim_id) LEFT JOIN numbered m USING (claim_id)
 ORDER BY a.nth
"""
)


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {
        "chars": _MIN_CHARS,
        "text_chars": MIN_CHARS,
        "tail": _TAIL_CHARS,
        "slack": _ORDER_DAYS,
        "least": _ORDER_LEAST,
        "share": _ORDER_SHARE,
        **UNPAID,
    }


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T16",
    severity="strong",
    typology="T16",
    title_zh=FLAG_TITLES["T16"].zh,
    title_en=FLAG_TITLES["T16"].en,
    hit_zh="{kind_zh}{number}{told_zh}，重复{measured:int}处，允许{lim:int}处",
    hit_en="{kind_en} {number} {told_en}; {measured:int} numbers used again, {lim:int} allowed",
    scope=Scope(
        Level.SHARED,
        tables=("claims", "contracts", "deliverables", "invoices"),
        long_columns=("claims.report_text", "contracts.text", "deliverables.text"),
    ),
    feature=True,
    evaluate=evaluate,
    long=True,
)
