"""A holding too small to make the parties related, yet large enough to be asked about.

From ``related_soft_share`` (5 %) to the line at which parties are related (25 %); both may
stand in the pack. Weak: it never makes a lead alone.
"""

import pyarrow as pa

from fraud_pipeline.programmes.links import links
from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
WITH strongest AS (
    SELECT a.claim_id, max(l.strength) AS s, arg_max(l.via, (l.strength, l.via)) AS via
      FROM claims_to_judge a JOIN links l USING (enterprise_id, institution_id)
     WHERE l.owns AND coalesce(l.since <= a.submitted_on, true)
       AND coalesce(l.until >= a.submitted_on, true)
     GROUP BY a.claim_id
)
SELECT a.claim_id, coalesce(s.s, 0)::DOUBLE AS measured,
       coalesce(w.related_share_soft, $soft) AS lim,
       coalesce(w.related_share_hard, $hard) AS upper,
       s.s IS NOT NULL AND s.s >= lim AND s.s < upper AS hit,
       w.related_share_soft_clause AS clause,
       CASE WHEN s.s IS NOT NULL THEN concat('relations ', s.via) END AS evidence,
       NULL::VARCHAR AS why
  FROM claims_to_judge a JOIN law w USING (regime) LEFT JOIN strongest s USING (claim_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    known = {"soft": context.settings.related_soft_share, "hard": context.settings.related_share}
    return context.query(_STATEMENT, known, links=links(context))


RULE = Rule(
    code="L27",
    severity="weak",
    feature=True,
    typology="T18",
    title_zh="参股关系提示",
    title_en="Minority holding",
    needs=("relations",),
    hit_zh="企业与机构有同一股东，持股{measured:pct}，在{lim:pct}至{upper:pct}之间，请核对",
    hit_en="one holder stands behind both sides with {measured:pct}, between {lim:pct} and "
    "{upper:pct}: please look",
    scope=Scope(Level.SHARED, tables=("claims", "enterprises", "institutions", "relations")),
    evaluate=evaluate,
)
