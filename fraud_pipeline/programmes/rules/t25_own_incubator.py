"""A tenant that spends its voucher at its own incubator.

The incubator may have issued the voucher it now takes. Mostly legal: described, not scored.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_STATEMENT = """
SELECT a.claim_id, coalesce(e.incubator_id = a.institution_id, false)::INTEGER::DOUBLE AS measured,
       0.0 AS lim, measured > 0 AS hit, a.institution_id,
       CASE WHEN e.enterprise_id IS NULL THEN 'no_enterprise' END AS why
  FROM claims_to_judge a LEFT JOIN enterprises e USING (enterprise_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="T25",
    severity="info",
    typology="T25",
    title_zh=FLAG_TITLES["T25"].zh,
    title_en=FLAG_TITLES["T25"].en,
    needs=("enterprises",),
    hit_zh="企业是机构{institution_id}的在孵企业（{measured:int}项，参照{lim:int}）",
    hit_en="the claimant is a tenant of {institution_id} ({measured:int}, reference {lim:int})",
    scope=Scope(Level.CLAIM, tables=("enterprises",)),
    evaluate=evaluate,
)
