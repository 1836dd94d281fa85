"""Whether the party that asks for the money is the one the programme pays."""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
SELECT a.claim_id, (a.redeemer != l.redeemer)::INTEGER::DOUBLE AS measured, 0.0 AS lim,
       a.redeemer != l.redeemer AS hit, l.redeemer_clause AS clause,
       CASE a.redeemer WHEN 'enterprise' THEN '企业' ELSE '服务机构' END AS who_zh,
       CASE l.redeemer WHEN 'enterprise' THEN '企业' ELSE '服务机构' END AS must_zh,
       a.redeemer AS who_en, l.redeemer AS must_en,
       CASE WHEN a.redeemer IS NULL THEN 'claims.redeemer' END AS why
  FROM claims_to_judge a JOIN law l USING (regime)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L04",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="兑付主体",
    title_en="Who redeems",
    law=("redeemer",),
    hit_zh="由{who_zh}申请兑付，按规定应为{must_zh}（{clause}）",
    hit_en="redeemed by the {who_en}; the rule pays the {must_en}",
    scope=Scope(Level.CLAIM),
    evaluate=evaluate,
)
