"""Unrelated enterprises that file from one phone, device or agent to the same institutions.

Bookkeepers and agents honestly file for many enterprises, so sharing alone says nothing. What
marks a packaging ring is that those who share one contact also meet at the same one or two
institutions. A contact of more than ``contact_hub_enterprises`` enterprises is a hub and ties nobody.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_MIN_ENTERPRISES = 3  # two enterprises with one contact say too little; an assumption
_TOGETHER_SHARE = 0.7  # of their claims, at no more than two institutions; an assumption

_STATEMENT = """
WITH contact AS (
    SELECT 'phone' AS kind, contact_phone AS value, claim_id, enterprise_id, institution_id
      FROM claims WHERE contact_phone IS NOT NULL
    UNION ALL
    SELECT 'device', device_id, claim_id, enterprise_id, institution_id
      FROM claims WHERE device_id IS NOT NULL
    UNION ALL
    SELECT 'agent', agent_id, claim_id, enterprise_id, institution_id
      FROM claims WHERE agent_id IS NOT NULL
), shared AS (
    SELECT kind, value, count(DISTINCT enterprise_id) AS n_enterprises, count(*) AS n_claims
      FROM contact GROUP BY 1, 2 HAVING n_enterprises BETWEEN $least AND $hub
), meeting AS (
    SELECT kind, value, institution_id, count(*) AS n, count(DISTINCT enterprise_id) AS n_meeting,
           row_number() OVER (PARTITION BY kind, value
                              ORDER BY count(*) DESC, institution_id) AS place
      FROM contact SEMI JOIN shared USING (kind, value) GROUP BY 1, 2, 3
), top AS (
    SELECT kind, value, sum(n) FILTER (place <= 2) AS at_two FROM meeting GROUP BY 1, 2
), lead AS (
    SELECT kind, value, m.institution_id, s.n_enterprises, m.n_meeting,
           t.at_two / s.n_claims AS together
      FROM meeting m JOIN shared s USING (kind, value) JOIN top t USING (kind, value)
     WHERE m.place <= 2 AND m.n_meeting >= 2 AND t.at_two / s.n_claims >= $together
), best AS (
    SELECT c.claim_id, arg_max({'kind': l.kind, 'value': l.value, 'n_enterprises': l.n_enterprises,
                                'together': l.together},
                               (l.n_enterprises, l.kind, l.value)) AS b
      FROM contact c JOIN lead l USING (kind, value, institution_id) GROUP BY c.claim_id
), sharing AS (
    SELECT b.claim_id, string_agg(DISTINCT c.claim_id, '; ' ORDER BY c.claim_id)
               FILTER (c.claim_id != b.claim_id) AS others
      FROM best b JOIN contact c ON c.kind = b.b.kind AND c.value = b.b.value
     GROUP BY b.claim_id
)
SELECT a.claim_id, coalesce(b.b.n_enterprises, 0)::DOUBLE AS measured, $least::DOUBLE AS lim,
       b.b IS NOT NULL AS hit, b.b.together AS together,
       CASE b.b.kind WHEN 'phone' THEN '电话' WHEN 'device' THEN '设备' ELSE '代办机构' END AS kind_zh,
       b.b.kind AS kind_en,
       CASE WHEN n.others IS NOT NULL THEN 'claims ' || array_to_string(
            string_split(n.others, '; ')[:5], '; ') END AS evidence,
       CASE WHEN a.contact_phone IS NULL AND a.device_id IS NULL AND a.agent_id IS NULL
            THEN 'no_contacts' END AS why
  FROM claims_to_judge a LEFT JOIN best b USING (claim_id) LEFT JOIN sharing n USING (claim_id)
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {
        "least": _MIN_ENTERPRISES,
        "hub": settings.contact_hub_enterprises,
        "together": _TOGETHER_SHARE,
    }


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T13",
    severity="strong",
    typology="T13",
    title_zh=FLAG_TITLES["T13"].zh,
    title_en=FLAG_TITLES["T13"].en,
    hit_zh="{measured:int}家企业共用同一{kind_zh}（预警阈值{lim:int}家），其申请{together:pct}集中在两家机构以内",
    hit_en="{measured:int} enterprises share one {kind_en} (line: {lim:int}) and take {together:pct} of "
    "their claims to no more than two institutions",
    scope=Scope(Level.SHARED, tables=("claims",)),
    feature=True,
    evaluate=evaluate,
)
