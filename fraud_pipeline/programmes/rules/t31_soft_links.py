"""A person on both sides whom T18 does not count: a small holding, a former post, an employee.

Weak: a person who once worked for both sides explains itself often enough. It asks for one look at who
agreed the contract.
"""

import pyarrow as pa

from fraud_pipeline.programmes.links import links
from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
WITH soft AS (
    SELECT a.claim_id, max(l.strength) AS strength, min(l.via) AS via,
           max((coalesce(l.since <= a.submitted_on, true) AND coalesce(l.until >= a.submitted_on, true)
                AND l.strength >= coalesce(w.related_share_hard, $share))::INTEGER) AS hard
      FROM claims_to_judge a JOIN law w USING (regime) JOIN links l USING (enterprise_id, institution_id)
     WHERE l.kind = 'person' AND l.strength > 0 GROUP BY a.claim_id
)
SELECT a.claim_id, coalesce(s.strength, 0)::DOUBLE AS measured, 0.0 AS lim,
       coalesce(s.hard, 1) = 0 AS hit,
       CASE WHEN s.via IS NOT NULL THEN concat('person ', s.via) END AS evidence, NULL::VARCHAR AS why
  FROM claims_to_judge a LEFT JOIN soft s USING (claim_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(
        _STATEMENT, {"share": context.settings.related_share}, links=links(context)
    )


RULE = Rule(
    code="T31",
    severity="weak",
    typology="T18",
    title_zh="双方有共同的人员",
    title_en="A person on both sides",
    needs=("relations",),
    hit_zh="企业与机构有共同人员（任职、持股或曾任职），关联强度{measured:pct}（预警阈值{lim:pct}）",
    hit_en="enterprise and institution have or had a person in common: strength {measured:pct} (line: {lim:pct})",
    scope=Scope(Level.SHARED, tables=("claims", "enterprises", "institutions", "relations")),
    feature=True,
    evaluate=evaluate,
)
