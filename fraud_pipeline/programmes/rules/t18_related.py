"""Claimant and institution with the same people, account or contact behind them.

How links are weighed stands in :mod:`fraud_pipeline.programmes.links`. The line is the
pack's holding limit where it has one, else ``related_share`` (25 %, as in the tax
definition of related parties of 2016).
"""

import pyarrow as pa

from fraud_pipeline.programmes.links import links
from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_STATEMENT = """
WITH strongest AS (
    SELECT a.claim_id, arg_max({'kind': l.kind, 'strength': l.strength, 'via': l.via},
                               (l.strength, l.kind, l.via)) AS b
      FROM claims_to_judge a JOIN links l USING (enterprise_id, institution_id)
     WHERE coalesce(l.since <= a.submitted_on, true) AND coalesce(l.until >= a.submitted_on, true)
     GROUP BY a.claim_id
)
SELECT a.claim_id, coalesce(s.b.strength, 0)::DOUBLE AS measured,
       coalesce(w.related_share_hard, $share) AS lim,
       measured > 0 AND measured >= lim AS hit,
       w.related_share_hard_clause AS clause,
       CASE s.b.kind WHEN 'account' THEN '银行账号相同' WHEN 'phone' THEN '电话相同'
            WHEN 'email' THEN '邮箱相同' WHEN 'namesake' THEN '法定代表人同名且地址或电话相同'
            WHEN 'person' THEN '有共同的控制人' ELSE '经第三方由控制人相连' END AS what_zh,
       CASE s.b.kind WHEN 'account' THEN 'the same bank account' WHEN 'phone' THEN 'the same phone'
            WHEN 'email' THEN 'the same e-mail'
            WHEN 'namesake' THEN 'legal representatives of one name with the same address or phone'
            WHEN 'person' THEN 'a person in common' ELSE 'controlling persons who meet in a third party'
       END AS what_en,
       CASE WHEN s.b IS NOT NULL THEN concat(s.b.kind, ' ', s.b.via) END AS evidence,
       CASE WHEN s.b IS NULL AND (e.enterprise_id IS NULL OR i.institution_id IS NULL)
                 AND NOT $relations THEN 'no_links' END AS why
  FROM claims_to_judge a JOIN law w USING (regime) LEFT JOIN strongest s USING (claim_id)
  LEFT JOIN enterprises e ON e.enterprise_id = a.enterprise_id
  LEFT JOIN institutions i ON i.institution_id = a.institution_id
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    known = {
        "share": context.settings.related_share,
        "relations": context.tables.supplied("relations"),
    }
    return context.query(_STATEMENT, known, links=links(context))


RULE = Rule(
    code="T18",
    severity="strong",
    typology="T18",
    title_zh=FLAG_TITLES["T18"].zh,
    title_en=FLAG_TITLES["T18"].en,
    hit_zh="企业与机构{what_zh}，关联强度{measured:pct}，限值{lim:pct}",
    hit_en="enterprise and institution have {what_en}: strength {measured:pct}, line {lim:pct}",
    scope=Scope(Level.SHARED, tables=("claims", "enterprises", "institutions", "relations")),
    feature=True,
    evaluate=evaluate,
)
