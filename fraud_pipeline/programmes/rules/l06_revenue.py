"""Last year's revenue of the enterprise against the programme's size limit."""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
SELECT a.claim_id, e.annual_revenue::DOUBLE AS measured, l.revenue_max_amount::DOUBLE AS lim,
       e.annual_revenue > l.revenue_max_amount AS hit, l.revenue_max_amount_clause AS clause,
       CASE WHEN e.enterprise_id IS NULL THEN 'no_enterprise'
            WHEN e.annual_revenue IS NULL THEN 'enterprises.annual_revenue' END AS why
  FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN enterprises e USING (enterprise_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L06",
    severity="hard",
    feature=True,
    typology="T24",
    title_zh="营业收入上限",
    title_en="Revenue limit",
    needs=("enterprises",),
    law=("revenue_max_amount",),
    hit_zh="上年度营业收入{measured:money}元，超过{lim:money}元（{clause}）",
    hit_en="last year's revenue of {measured:money} yuan is above {lim:money} yuan",
    scope=Scope(Level.CLAIM, tables=("enterprises",)),
    evaluate=evaluate,
)
