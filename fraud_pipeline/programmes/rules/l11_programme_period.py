"""Whether the claim falls into the life of its programme."""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
SELECT a.claim_id, a.submitted_on, l.starts_on, coalesce(l.ends_on::VARCHAR, '…') AS ends,
       greatest(l.starts_on - a.submitted_on, a.submitted_on - l.ends_on, 0)::DOUBLE AS measured,
       0.0 AS lim, measured > 0 AS hit,
       CASE WHEN l.starts_on IS NULL THEN 'no_period' END AS why,
       concat(l.starts_on, ' – ', ends) AS clause
  FROM claims_to_judge a JOIN law l USING (regime)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L11",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="制度有效期",
    title_en="Programme period",
    hit_zh="申请日期{submitted_on}不在制度施行期{starts_on}至{ends}内，相差{measured:int}天，"
    "允许{lim:int}天",
    hit_en="submitted on {submitted_on}, {measured:int} days outside the programme's period "
    "{starts_on} to {ends} ({lim:int} allowed)",
    scope=Scope(Level.CLAIM),
    compares_days=True,
    evaluate=evaluate,
)
