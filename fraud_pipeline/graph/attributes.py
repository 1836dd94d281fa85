"""Who carries which phone, account, address, device, agent, person: one long table."""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.core.placeholders import NO_VALUE
from fraud_pipeline.core.sql import query
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import GraphSettings

_TABLES = ("claims", "vouchers", "contracts", "enterprises", "institutions", "payments")

# The first day a party was seen at all: what stands in a party table without a date
# was known from then on.
_FIRST_SEEN = """
    SELECT party_id, party_kind, min(day) AS day FROM (
        SELECT enterprise_id AS party_id, 'enterprise' AS party_kind, min(submitted_on) AS day
          FROM claims GROUP BY 1
        UNION ALL SELECT institution_id, 'institution', min(submitted_on) FROM claims GROUP BY 1
        UNION ALL SELECT enterprise_id, 'enterprise', min(issued_on) FROM vouchers GROUP BY 1
        UNION ALL SELECT enterprise_id, 'enterprise', min(signed_on) FROM contracts GROUP BY 1
        UNION ALL SELECT institution_id, 'institution', min(signed_on) FROM contracts GROUP BY 1
    ) GROUP BY ALL ORDER BY ALL
"""

# Punctuation and blanks do not make another phone or address; a placeholder is no value.
_ATTRIBUTES = """
    WITH raw AS (
        SELECT enterprise_id AS party_id, 'enterprise' AS party_kind, kind, value,
               NULL::DATE AS day, 'enterprises' AS source
          FROM (UNPIVOT (SELECT enterprise_id, legal_representative, phone, email, bank_account,
                                address FROM enterprises)
                ON legal_representative, phone, email, bank_account, address
                INTO NAME kind VALUE value)
        UNION ALL
        SELECT institution_id, 'institution', kind, value, NULL, 'institutions'
          FROM (UNPIVOT (SELECT institution_id, legal_representative, phone, email, bank_account,
                                address FROM institutions)
                ON legal_representative, phone, email, bank_account, address
                INTO NAME kind VALUE value)
        UNION ALL
        SELECT enterprise_id, 'enterprise', kind, value, min(submitted_on), 'claims'
          FROM (UNPIVOT (SELECT enterprise_id, submitted_on, contact_phone AS phone,
                                device_id AS device, agent_id AS agent FROM claims)
                ON phone, device, agent INTO NAME kind VALUE value)
         GROUP BY ALL
        UNION ALL
        SELECT p.party_id, s.party_kind, 'bank_account', p.account, min(p.paid_on), 'payments'
          FROM (SELECT payer_id AS party_id, payer_account AS account, paid_on FROM payments
                UNION ALL SELECT payee_id, payee_account, paid_on FROM payments) p
          JOIN seen s ON s.party_id = p.party_id
         WHERE p.account IS NOT NULL GROUP BY ALL
    ), clean AS (
        SELECT party_id, party_kind, kind, day, source,
               CASE kind
                 WHEN 'phone' THEN regexp_replace(regexp_replace(value, '[^0-9]', '', 'g'),
                                                  '^(0086|86)', '')
                 WHEN 'bank_account' THEN regexp_replace(value, '[^0-9A-Za-z]', '', 'g')
                 WHEN 'email' THEN lower(trim(value))
                 ELSE regexp_replace(upper(trim(value)), '[\\s,.;:，。；：、()（）-]', '', 'g')
               END AS value
          FROM raw
    ), carried AS MATERIALIZED (
    SELECT party_id, party_kind, kind, value, min(day) AS day, bool_or(day IS NULL) AS undated,
           min(source) AS source
      FROM clean
     WHERE length(value) >= CASE kind WHEN 'phone' THEN 7 WHEN 'bank_account' THEN 6
                                      WHEN 'email' THEN 5 WHEN 'address' THEN 4 ELSE 2 END
       AND NOT regexp_full_match(upper(value), $no_value)
     GROUP BY ALL
), shared AS (  -- most values are one party's own: they go before anything is joined
    SELECT kind, value, count(*) AS n_sharing FROM carried
     GROUP BY kind, value HAVING count(*) BETWEEN 2 AND $cap
)
SELECT c.party_id, c.party_kind, c.kind, c.value,
       CASE WHEN c.undated THEN least(c.day, s.day) ELSE c.day END AS known_on, c.source, n_sharing
  FROM carried c JOIN shared USING (kind, value) LEFT JOIN seen s USING (party_id, party_kind)
 ORDER BY c.kind, c.value, c.party_kind, c.party_id
"""


def first_seen(tables: Tables) -> pa.Table:
    """The first dated row that names each party: party_id, party_kind, day."""
    return query(_FIRST_SEEN, {name: tables[name] for name in ("claims", "vouchers", "contracts")})


def shared_attributes(tables: Tables, first_days: pa.Table, settings: GraphSettings) -> pa.Table:
    """Attribute values carried by 2 to ``hub_cap`` parties, one row a party and value.

    Columns: party_id, party_kind, kind, value, known_on, source, n_sharing.
    """
    source_tables = {name: tables[name] for name in _TABLES}
    return query(
        _ATTRIBUTES,
        {**source_tables, "seen": first_days},
        {"cap": settings.hub_cap, "no_value": NO_VALUE},
    )
