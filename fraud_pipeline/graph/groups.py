"""Groups of companies held openly: one buyer with several names."""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.schema import Tables

# A holder that is a company (a party here, or a unified social credit code after GB 32100-2015)
# and holds the majority decides for what it holds; that this stands in the register is what
# tells a group from shells. A common natural person is no such excuse. One tie from the first
# member to each other one: linear, so no hub cap is needed.
_GROUPS = """
    WITH held AS (
        SELECT r.party_id, r.person_id AS holder, max(r.share) AS share, min(r.since_on) AS since_on
          FROM relations r
         WHERE r.role = 'shareholder' AND r.share >= 0.5 AND r.until_on IS NULL
           AND r.party_id IN (SELECT enterprise_id FROM enterprises)
           AND r.party_id <> r.person_id
           AND (r.person_id IN (SELECT enterprise_id FROM enterprises)
                OR regexp_full_match(r.person_id, '9[0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}'))
           AND r.person_id NOT IN (SELECT institution_id FROM institutions
                                    WHERE institution_id IS NOT NULL)
         GROUP BY 1, 2
    ), members AS (
        SELECT holder, party_id, since_on FROM held
         UNION ALL
        SELECT DISTINCT holder, holder, NULL FROM held
         WHERE holder IN (SELECT enterprise_id FROM enterprises)
    ), led AS (
        SELECT *, min(party_id) OVER (PARTITION BY holder) AS leader,
               count(*) OVER (PARTITION BY holder) AS n_sharing,
               max(since_on) OVER (PARTITION BY holder, party_id) AS own_since FROM members
    )
    SELECT least(leader, l.party_id) AS left_id, 'enterprise' AS left_kind,
           greatest(leader, l.party_id) AS right_id, 'enterprise' AS right_kind,
           'group' AS kind, 0.0 AS weight, n_sharing,
           coalesce(l.own_since, s.day) AS known_on,
           holder AS detail, 'relations' AS source, 'own_group' AS exempt
      FROM led l LEFT JOIN seen s ON s.party_id = l.party_id AND s.party_kind = 'enterprise'
     WHERE leader <> l.party_id
     ORDER BY ALL
"""


def group_ties(tables: Tables, first_days: pa.Table) -> pa.Table:
    """Enterprises that one company holds by the majority, it included if it is one: weight 0."""
    names = ("relations", "enterprises", "institutions")
    return query(_GROUPS, {**{name: tables[name] for name in names}, "seen": first_days})
