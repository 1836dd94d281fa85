"""Invoices voided or red-flushed and not replaced, or made out by or to somebody else."""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_STATEMENT = """
WITH bill AS (
    SELECT a.claim_id, count(*) AS n,
           coalesce(sum(abs(v.amount)) FILTER (v.status IN ('作废', '红冲')), 0) AS void,
           coalesce(sum(v.amount) FILTER (coalesce(v.status, '正常') = '正常'), 0) AS good,
           count(*) FILTER (v.seller_id != a.institution_id OR v.buyer_id != a.enterprise_id)
             AS foreign_n,
           max(v.status) FILTER (v.status IN ('作废', '红冲')) AS status,
           string_agg(DISTINCT v.invoice_no, '; ' ORDER BY v.invoice_no) FILTER (
               v.status IN ('作废', '红冲') OR v.seller_id != a.institution_id
               OR v.buyer_id != a.enterprise_id) AS numbers
      FROM claims_to_judge a JOIN invoices v ON v.contract_id = a.contract_id GROUP BY a.claim_id
)
SELECT a.claim_id, greatest(least(b.void, a.contract_amount - b.good), 0)::DOUBLE AS missing,
       CASE WHEN missing > 0 THEN missing ELSE b.foreign_n END::DOUBLE AS measured, 0.0 AS lim,
       missing > 0 OR b.foreign_n > 0 AS hit,
       CASE WHEN missing > 0 THEN concat('发票', b.status, '后未重开，缺')
            ELSE '购销方与申请双方不符的发票张数' END AS what_zh,
       CASE WHEN missing > 0 THEN 'invoices voided or red-flushed and not replaced, yuan missing'
            ELSE 'invoices made out by or to other parties' END AS what_en,
       CASE WHEN b.numbers IS NOT NULL THEN concat('invoices ', array_to_string(
            string_split(b.numbers, '; ')[:5], '; ')) END AS evidence,
       CASE WHEN b.claim_id IS NULL THEN 'no_invoice' END AS why
  FROM claims_to_judge a LEFT JOIN bill b USING (claim_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="T21",
    severity="strong",
    typology="T21",
    title_zh=FLAG_TITLES["T21"].zh,
    title_en=FLAG_TITLES["T21"].en,
    needs=("invoices",),
    hit_zh="{what_zh}：{measured:money}，应为{lim:int}",
    hit_en="{what_en}: {measured:money}, should be {lim:int}",
    scope=Scope(Level.CLAIM, tables=("invoices",)),
    feature=True,
    evaluate=evaluate,
)
