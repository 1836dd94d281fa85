"""Claimant and institution with the same people, account or contact behind them.

Strength of a link: a holding counts its share, a legal representative or executive 1, a
director 0.5, an employee 0.2; what a person links is the weaker of its two sides. A bank
account in common is 1, a phone or e-mail 0.5. A common NAME of the legal representative is
nothing by itself (namesakes) and 0.8 with the same address or phone. Two hops: a person of
the claimant and one of the institution who meet in a third party, each by control.
Links of values shared by more than ``related_hub_parties`` parties are dropped, contacts
between an incubator and its tenants too. The line is the pack's holding limit where it has
one, else ``related_share`` (25 %, as in the tax definition of related parties of 2016).
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.check import Case, Check
from fraud_pipeline.settings import ProgrammeSettings

_LINKS = """
WITH party AS (
    SELECT enterprise_id AS id, legal_representative AS name, phone, lower(email) AS email,
           bank_account, address FROM enterprises
    UNION ALL
    SELECT institution_id, legal_representative, phone, lower(email), bank_account, address
      FROM institutions
), pair AS (
    SELECT DISTINCT a.enterprise_id, a.institution_id,
           coalesce(e.incubator_id = a.institution_id, false) AS tenant
      FROM asked a LEFT JOIN enterprises e USING (enterprise_id)
), hub AS (
    SELECT kind, value FROM (
        SELECT 'account' AS kind, bank_account AS value FROM party
        UNION ALL SELECT 'phone', phone FROM party
        UNION ALL SELECT 'email', email FROM party)
     WHERE value IS NOT NULL GROUP BY 1, 2 HAVING count(*) > $hub
), same AS (
    SELECT r.enterprise_id, r.institution_id, unnest([
        {'kind': 'account', 'value': CASE WHEN e.bank_account = i.bank_account
                                     THEN e.bank_account END, 'strength': 1.0},
        {'kind': 'phone', 'value': CASE WHEN e.phone = i.phone AND NOT r.tenant
                                   THEN e.phone END, 'strength': 0.5},
        {'kind': 'email', 'value': CASE WHEN e.email = i.email AND NOT r.tenant
                                   THEN e.email END, 'strength': 0.5},
        {'kind': 'namesake', 'value': CASE WHEN e.name = i.name AND NOT r.tenant
                                       AND (e.address = i.address OR e.phone = i.phone)
                                      THEN 'name and address' END, 'strength': 0.8}
        ]) AS l
      FROM pair r JOIN party e ON e.id = r.enterprise_id JOIN party i ON i.id = r.institution_id
), hold AS (
    SELECT party_id, person_id, since_on, until_on,
           CASE role WHEN 'shareholder' THEN coalesce(share, 0) WHEN 'director' THEN 0.5
                     WHEN 'employee' THEN 0.2 ELSE 1.0 END AS power
      FROM relations
), person AS (
    SELECT person_id FROM hold GROUP BY 1 HAVING count(DISTINCT party_id) BETWEEN 2 AND $hub
), linked AS (SELECT h.* FROM hold h SEMI JOIN person USING (person_id)
), one AS (
    SELECT r.enterprise_id, r.institution_id, x.person_id AS via, least(x.power, y.power) AS s,
           greatest(x.since_on, y.since_on) AS since, least(x.until_on, y.until_on) AS until
      FROM pair r JOIN linked x ON x.party_id = r.enterprise_id
      JOIN linked y ON y.party_id = r.institution_id AND y.person_id = x.person_id
), two AS (
    SELECT r.enterprise_id, r.institution_id, m.party_id AS via,
           least(x.power, m.power, n.power, y.power) AS s,
           greatest(x.since_on, y.since_on, m.since_on, n.since_on) AS since,
           least(x.until_on, y.until_on, m.until_on, n.until_on) AS until
      FROM pair r JOIN linked x ON x.party_id = r.enterprise_id AND x.power >= $share
      JOIN linked m ON m.person_id = x.person_id AND m.party_id != r.enterprise_id
       AND m.party_id != r.institution_id AND m.power >= $share
      JOIN linked n ON n.party_id = m.party_id AND n.person_id != x.person_id
       AND n.power >= $share
      JOIN linked y ON y.person_id = n.person_id AND y.party_id = r.institution_id
       AND y.power >= $share
)
SELECT enterprise_id, institution_id, l.kind AS kind, l.strength AS strength, l.kind AS via,
       NULL::DATE AS since, NULL::DATE AS until
  FROM same WHERE l.value IS NOT NULL AND (l.kind, l.value) NOT IN (SELECT (kind, value) FROM hub)
UNION ALL SELECT enterprise_id, institution_id, 'person', s, via, since, until FROM one
UNION ALL SELECT enterprise_id, institution_id, 'two_hops', s, via, since, until FROM two
ORDER BY ALL
"""

_STATEMENT = """
WITH strongest AS (
    SELECT a.claim_id, arg_max({'kind': l.kind, 'strength': l.strength, 'via': l.via},
                               (l.strength, l.kind, l.via)) AS b
      FROM asked a JOIN links l USING (enterprise_id, institution_id)
     WHERE coalesce(l.since <= a.submitted_on, true) AND coalesce(l.until >= a.submitted_on, true)
     GROUP BY a.claim_id
)
SELECT a.claim_id, coalesce(s.b.strength, 0)::DOUBLE AS measured,
       coalesce(w.related_share_hard, $share) AS lim, measured >= lim AS hit,
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
  FROM asked a JOIN law w USING (regime) LEFT JOIN strongest s USING (claim_id)
  LEFT JOIN enterprises e ON e.enterprise_id = a.enterprise_id
  LEFT JOIN institutions i ON i.institution_id = a.institution_id
 ORDER BY a.claim_id
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"hub": settings.related_hub_parties, "share": settings.related_share}


def evaluate(case: Case) -> pa.Table:
    parameters = _parameters(case.settings)
    links = case.query(_LINKS, parameters)
    known = {"share": parameters["share"], "relations": case.tables.supplied("relations")}
    return case.query(_STATEMENT, known, links=links)


CHECK = Check(
    code="T18",
    severity="strong",
    typology="T18",
    title_zh="关联交易",
    title_en="Related parties",
    hit_zh="企业与机构{what_zh}，关联强度{measured:pct}，界线{lim:pct}",
    hit_en="enterprise and institution have {what_en}: strength {measured:pct}, line {lim:pct}",
    evaluate=evaluate,
)
