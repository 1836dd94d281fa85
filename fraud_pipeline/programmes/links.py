"""What ties an enterprise to the institution it bought from: people, accounts, contacts.

Strength of a link: a holding counts its share, a legal representative or executive 1, a
director 0.5, an employee 0.2; what a person links is the weaker of its two sides. A bank
account in common is 1, a phone or e-mail 0.5. A common NAME of the legal representative is
nothing by itself (namesakes) and 0.8 with the same address or phone. Two hops: a person of
the claimant and one of the institution who meet in a third party, each by control.
Links of values shared by more than ``_HUB_PARTIES`` parties are dropped, contacts
between an incubator and its tenants too.
"""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.programmes.rule import RuleContext

_HUB_PARTIES = 10  # a value of more parties is an agent's or an incubator's; an assumption

_LINKS = """
WITH party AS (
    SELECT enterprise_id AS id, legal_representative AS name, phone, lower(email) AS email,
           bank_account, address FROM enterprises
    UNION ALL
    SELECT institution_id, legal_representative, phone, lower(email), bank_account, address
      FROM institutions
), pair AS (
    SELECT DISTINCT c.enterprise_id, c.institution_id,
           coalesce(e.incubator_id = c.institution_id, false) AS tenant
      FROM claims c LEFT JOIN enterprises e USING (enterprise_id)
), hub AS (
    SELECT kind, value FROM (
        SELECT 'account' AS kind, bank_account AS value FROM party
        UNION ALL SELECT 'phone', phone FROM party
        UNION ALL SELECT 'email', email FROM party)
     WHERE value IS NOT NULL GROUP BY 1, 2 HAVING count(*) > $hub
), met AS (
    SELECT r.enterprise_id, r.institution_id, r.tenant, e.bank_account AS account,
           e.bank_account = i.bank_account AS same_account, e.phone, e.phone = i.phone AS same_phone,
           e.email, e.email = i.email AS same_email,
           e.name = i.name AND (e.address = i.address OR e.phone = i.phone) AS same_name
      FROM pair r JOIN party e ON e.id = r.enterprise_id JOIN party i ON i.id = r.institution_id
     WHERE same_account OR same_phone OR same_email OR same_name
), same AS (
    SELECT enterprise_id, institution_id, 'account' AS kind, account AS value, 1.0 AS strength
      FROM met WHERE same_account
    UNION ALL SELECT enterprise_id, institution_id, 'phone', phone, 0.5
      FROM met WHERE same_phone AND NOT tenant
    UNION ALL SELECT enterprise_id, institution_id, 'email', email, 0.5
      FROM met WHERE same_email AND NOT tenant
    UNION ALL SELECT enterprise_id, institution_id, 'namesake', 'name and address', 0.8
      FROM met WHERE same_name AND NOT tenant
), hold AS (
    SELECT party_id, person_id, since_on, until_on, role != 'employee' AS owns,
           CASE role WHEN 'shareholder' THEN coalesce(share, 0) WHEN 'director' THEN 0.5
                     WHEN 'employee' THEN 0.2 ELSE 1.0 END AS power
      FROM relations
), person AS (
    SELECT person_id FROM hold GROUP BY 1 HAVING count(DISTINCT party_id) BETWEEN 2 AND $hub
), linked AS (SELECT h.* FROM hold h SEMI JOIN person USING (person_id)
), one AS (
    SELECT r.enterprise_id, r.institution_id, x.person_id AS via, least(x.power, y.power) AS s,
           x.owns AND y.owns AS owns,
           greatest(x.since_on, y.since_on) AS since, least(x.until_on, y.until_on) AS until
      FROM pair r JOIN linked x ON x.party_id = r.enterprise_id
      JOIN linked y ON y.party_id = r.institution_id AND y.person_id = x.person_id
), two AS (
    SELECT r.enterprise_id, r.institution_id, m.party_id AS via,
           least(x.power, m.power, n.power, y.power) AS s,
           x.owns AND m.owns AND n.owns AND y.owns AS owns,
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
SELECT enterprise_id, institution_id, kind, strength, kind AS via, false AS owns,
       NULL::DATE AS since, NULL::DATE AS until
  FROM same WHERE (kind, value) NOT IN (SELECT (kind, value) FROM hub)
UNION ALL SELECT enterprise_id, institution_id, 'person', s, via, owns, since, until FROM one
UNION ALL SELECT enterprise_id, institution_id, 'two_hops', s, via, owns, since, until FROM two
ORDER BY ALL
"""


def links(context: RuleContext) -> pa.Table:
    """One row a link between the two parties of some claim.

    Columns: enterprise_id, institution_id, kind, strength, via, owns (by holdings and
    offices only, no contacts and no employees), since and until (open = always).
    """
    parameters = {"hub": _HUB_PARTIES, "share": context.settings.related_share}
    return context.cached("links", lambda: context.query(_LINKS, parameters))
