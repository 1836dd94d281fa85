"""Whether money was paid in the months the programme pays in.

Says something about the authority and nothing about the claim: described, never scored.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
SELECT a.claim_id, a.paid_on, month(a.paid_on)::DOUBLE AS measured,
       list_min(list_transform(l.redemption_months, lambda m: m::INTEGER))::DOUBLE AS lim,
       NOT list_contains(l.redemption_months, month(a.paid_on)::VARCHAR) AS hit,
       array_to_string(l.redemption_months, ', ') AS months, l.redemption_months_clause AS clause,
       CASE WHEN a.paid_on IS NULL THEN 'claims.paid_on' END AS why
  FROM claims_to_judge a JOIN law l USING (regime)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L28",
    severity="info",
    typology=None,
    title_zh="兑付月份",
    title_en="Months of payment",
    law=("redemption_months",),
    hit_zh="{paid_on}兑付（{measured:int}月），规定兑付月份为{months}月（自{lim:int}月起，{clause}）",
    hit_en="paid on {paid_on}, in month {measured:int}; the programme pays in month {months} "
    "(first: {lim:int})",
    scope=Scope(Level.CLAIM),
    evaluate=evaluate,
)
