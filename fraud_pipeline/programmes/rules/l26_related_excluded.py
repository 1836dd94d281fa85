"""Links of ownership and office that the programme's own text excludes.

Only holdings, directors, executives and legal representatives count, directly or through
one party between; a phone in common is a lead (T18) and no breach of a rule.
"""

import pyarrow as pa

from fraud_pipeline.programmes.links import links
from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
WITH strongest AS (
    SELECT a.claim_id, max(l.strength) AS s, arg_max(l.via, (l.strength, l.kind, l.via)) AS via
      FROM claims_to_judge a JOIN links l USING (enterprise_id, institution_id)
     WHERE l.owns AND l.strength > 0 AND coalesce(l.since <= a.submitted_on, true)
       AND coalesce(l.until >= a.submitted_on, true)
     GROUP BY a.claim_id
)
SELECT a.claim_id, coalesce(s.s, 0)::DOUBLE AS measured, w.related_share_hard AS lim,
       w.related_share_hard_clause AS clause, s.s IS NOT NULL AND s.s >= lim AS hit,
       CASE WHEN s.s IS NOT NULL THEN concat('relations ', s.via) END AS evidence,
       NULL::VARCHAR AS why
  FROM claims_to_judge a JOIN law w USING (regime) LEFT JOIN strongest s USING (claim_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, links=links(context))


RULE = Rule(
    code="L26",
    severity="hard",
    feature=True,
    typology="T18",
    title_zh="关联方不得用券",
    title_en="Related parties are excluded",
    needs=("relations",),
    law=("related_share_hard",),
    hit_zh="企业与机构存在产权或任职关联，强度{measured:pct}，限值{lim:pct}（{clause}）",
    hit_en="enterprise and institution are linked by ownership or office: {measured:pct}, "
    "line {lim:pct}",
    scope=Scope(Level.SHARED, tables=("claims", "enterprises", "institutions", "relations")),
    evaluate=evaluate,
)
