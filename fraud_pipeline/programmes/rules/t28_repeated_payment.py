"""One payment made again: the same payer, payee and amount within a few days, or the same document.

Judged only where a pack states ``repeat_days``, as packs for plain payments do. Where both
payments name a document, the same amount under another number is another payment, and the same
number with amount and day is one payment also when another payee received it. Acquitted are
patterns that explain themselves: an amount that recurs between two parties at a regular distance
(a tariff, a rent) or a month later, one that is paid several times on many days, one that a payee takes from many
payers (a price list), and a payment that an equal credit to the payee takes back. The later
payment is the lead.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.core.placeholders import NOBODY
from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings

# Assumptions, by cases made by hand in tests/programmes/golden/T28.toml.
_RECURS = 3  # days with the same amount, from which on they are a pattern
_REGULAR = 0.6  # of the usual distance: a payment that comes earlier breaks the pattern
_SEVERAL = 0.34  # of the days have the amount more than once: then that is usual
_TARIFF_DAYS, _TARIFF_GAP = 6, 5  # days with the amount, and the usual distance in days
_LIST_PAYERS = 5  # payers of one amount make it a price
_SHARING = 12  # payees with one document number, from which on it is no number
_MONTH = (26, 33)  # days after which an equal amount is the next month's
_DOC_CHARS = 4  # shorter document numbers come from too many counters
_DOC_DAYS = 730  # so far apart one document number is taken for the same

_STATEMENT = """
WITH written AS (
    SELECT claim_id, enterprise_id AS e, institution_id AS i, contract_amount AS amount, submitted_on AS d,
           nullif(upper(regexp_replace(contract_id, '[^0-9A-Za-z]', '', 'g')), '') AS doc
      FROM claims WHERE contract_amount > 0 AND NOT regexp_full_match(upper(trim(institution_id)), $nobody)
), common AS (  -- a number that so many payees share is written where there is none
    SELECT doc FROM written GROUP BY doc HAVING count(DISTINCT i) >= $sharing
), paid AS (
    SELECT w.* REPLACE (CASE WHEN c.doc IS NULL THEN w.doc END AS doc)
      FROM written w LEFT JOIN common c USING (doc)
), credited AS (
    SELECT payer_id AS e, payee_id AS i, -amount AS amount, count(*) AS n FROM payments
     WHERE amount < 0 GROUP BY ALL
), gaps AS (
    SELECT e, i, amount, doc, d, n, d - lag(d) OVER (PARTITION BY e, i, amount, doc ORDER BY d) AS gap
      FROM (SELECT e, i, amount, doc, d, count(*) AS n FROM paid GROUP BY ALL)
), usual AS (
    SELECT e, i, amount, doc, count(*) AS n_days, median(gap) AS gap, avg((n > 1)::INTEGER) AS several
      FROM gaps GROUP BY ALL
), pair_gaps AS (
    SELECT e, i, amount, d, d - lag(d) OVER (PARTITION BY e, i, amount ORDER BY d) AS gap
      FROM (SELECT DISTINCT e, i, amount, d FROM paid)
), tariff AS (  -- an equal amount on so many days is a tariff, whatever its documents are called
    SELECT e, i, amount, median(gap) AS pair_gap FROM pair_gaps GROUP BY ALL
    HAVING count(*) >= $tariff AND median(gap) >= $tariff_gap
), no_number AS (  -- S/N and the like: what stands on many days names no document
    SELECT e, doc FROM paid GROUP BY ALL HAVING count(DISTINCT d) >= $recurs
), listed AS (
    SELECT i, amount FROM paid GROUP BY ALL HAVING count(DISTINCT e) >= $payers
), placed AS (
    SELECT *, lag(claim_id) OVER pair AS before, lag(d) OVER pair AS before_d,
           lag(claim_id) OVER paper AS same, lag(d) OVER paper AS same_d,
           row_number() OVER pair AS nth_equal
      FROM paid
    WINDOW pair AS (PARTITION BY e, i, amount, doc ORDER BY d, claim_id),
           paper AS (PARTITION BY e, amount, doc, d ORDER BY i, claim_id)
), numbered AS (SELECT count(doc) > 0.5 * count(*) AS papers FROM written
), judged AS (
    SELECT p.*, t.pair_gap, g.gap AS since, n.doc IS NOT NULL AS unnumbered, u.n_days, u.gap, u.several, r.n AS reversed, l.i IS NOT NULL AS listed,
           q.i AS same_i
      FROM placed p JOIN usual u ON (u.e = p.e AND u.i = p.i AND u.amount = p.amount
                                     AND u.doc IS NOT DISTINCT FROM p.doc)
      LEFT JOIN pair_gaps g ON (g.e = p.e AND g.i = p.i AND g.amount = p.amount AND g.d = p.d)
      LEFT JOIN tariff t ON (t.e = p.e AND t.i = p.i AND t.amount = p.amount)
      LEFT JOIN no_number n ON (n.e = p.e AND n.doc = p.doc)
      LEFT JOIN credited r ON (r.e = p.e AND r.i = p.i AND r.amount = p.amount)
      LEFT JOIN listed l ON (l.i = p.i AND l.amount = p.amount) LEFT JOIN paid q ON q.claim_id = p.same
), found AS (
    SELECT j.claim_id, j.e, j.i, j.amount, j.d,
           CASE WHEN reversed IS NOT NULL THEN NULL
                WHEN pair_gap IS NOT NULL AND coalesce(since >= $regular * pair_gap, true)
                     AND (before_d IS NULL OR before_d < j.d) THEN NULL
                WHEN doc IS NOT NULL AND NOT unnumbered AND length(doc) >= $chars AND same IS NOT NULL AND same_i != j.i
                THEN {'kind': 3, 'claim': same, 'd': same_d}
                WHEN before IS NULL THEN NULL
                WHEN doc IS NOT NULL AND length(doc) >= $chars AND j.d - before_d <= $doc_days
                     AND NOT (n_days >= $recurs AND j.d - before_d >= $regular * j.gap)
                THEN {'kind': 2, 'claim': before, 'd': before_d}
                WHEN doc IS NOT NULL OR (SELECT papers FROM numbered) OR listed THEN NULL
                WHEN j.d - before_d BETWEEN $month_from AND $month_to THEN NULL
                WHEN n_days >= $recurs AND several >= $several THEN NULL
                WHEN n_days >= $recurs AND j.d - before_d >= $regular * j.gap THEN NULL
                ELSE {'kind': 1, 'claim': before, 'd': before_d} END AS f
      FROM judged j
)
SELECT a.claim_id, a.contract_amount AS amount, g.repeat_days::DOUBLE AS lim,
       abs(a.submitted_on - f.f.d)::DOUBLE AS measured,
       CASE WHEN a.contract_amount IS NOT NULL AND NOT regexp_full_match(upper(trim(a.institution_id)), $nobody)
            THEN f.f IS NOT NULL AND (f.f.kind > 1 OR a.submitted_on - f.f.d <= g.repeat_days) END AS hit,
       CASE f.f.kind WHEN 3 THEN '同一单据号、金额和日期，另付给' WHEN 2 THEN '同一单据号和金额，再次付给'
            ELSE '同一金额再次付给' END AS kind_zh,
       CASE f.f.kind WHEN 3 THEN 'the same document, amount and day were paid to another payee'
            WHEN 2 THEN 'the same document and amount were paid to the same payee'
            ELSE 'the same amount was paid to the same payee' END AS kind_en,
       a.institution_id AS payee, f.f.claim AS earlier, f.f.d AS earlier_on,
       CASE WHEN hit THEN concat('claims ', f.f.claim) END AS evidence,
       CASE WHEN a.contract_amount IS NULL THEN 'claims.contract_amount'
            WHEN regexp_full_match(upper(trim(a.institution_id)), $nobody) THEN 'no_payee' END AS why
  FROM claims_to_judge a JOIN law g USING (regime) LEFT JOIN found f USING (claim_id)
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {
        "tariff": _TARIFF_DAYS,
        "tariff_gap": _TARIFF_GAP,
        "payers": _LIST_PAYERS,
        "sharing": _SHARING,
        "month_from": _MONTH[0],
        "month_to": _MONTH[1],
        "chars": _DOC_CHARS,
        "doc_days": _DOC_DAYS,
        "recurs": _RECURS,
        "regular": _REGULAR,
        "several": _SEVERAL,
        "nobody": NOBODY,
    }


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T28",
    severity="strong",
    typology="T16",
    title_zh="重复付款",
    title_en="Repeated payment",
    law=("repeat_days",),
    hit_zh="{kind_zh}{payee}：{amount:money}元，与{earlier_on}的{earlier}相隔{measured:int}天（{lim:int}天内视为重复）",
    hit_en="{kind_en} before: {amount:money} yuan, {measured:int} days after {earlier} of {earlier_on} "
    "(a repeat within {lim:int} days)",
    scope=Scope(Level.SHARED, tables=("claims", "payments")),
    check_zh="请核对付款文件是否一笔多行，以及编号是否取对",
    check_en="check whether one payment stands in several lines, and which column is its number",
    feature=True,
    evaluate=evaluate,
)
