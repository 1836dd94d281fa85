"""Vouchers the programme issued in the year of the claim's voucher, against its budget.

A fact about the programme, not about the claim: described, never scored.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
WITH day AS (
    SELECT programme, issued_on, sum(face_value) OVER (
               PARTITION BY programme, year(issued_on) ORDER BY issued_on
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM (SELECT programme, issued_on, sum(face_value) AS face_value FROM vouchers GROUP BY ALL)
), issued AS (  -- within a day by number; a year is one long partition, a day a short one
    SELECT v.voucher_id, year(v.issued_on) AS in_year, coalesce(d.before, 0) + sum(v.face_value) OVER (
               PARTITION BY v.programme, v.issued_on ORDER BY v.voucher_id
               ROWS UNBOUNDED PRECEDING) AS running
      FROM vouchers v JOIN day d ON d.programme IS NOT DISTINCT FROM v.programme
       AND d.issued_on IS NOT DISTINCT FROM v.issued_on
)
SELECT a.claim_id, i.running::DOUBLE AS measured, l.annual_budget_amount::DOUBLE AS lim,
       i.in_year, i.running > l.annual_budget_amount AS hit,
       l.annual_budget_amount_clause AS clause,
       CASE WHEN i.voucher_id IS NULL THEN 'no_voucher' END AS why
  FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN issued i USING (voucher_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L13",
    severity="info",
    typology="T09",
    title_zh="年度发放总额",
    title_en="Annual budget",
    needs=("vouchers",),
    law=("annual_budget_amount",),
    hit_zh="发放该券时{in_year}年已累计发放{measured:money}元，超过年度总额{lim:money}元（{clause}）",
    hit_en="with this voucher {measured:money} yuan had been issued in {in_year}, above the "
    "year's {lim:money} yuan",
    scope=Scope(Level.PROGRAMME, tables=("vouchers",), before_payment=False),
    evaluate=evaluate,
)
