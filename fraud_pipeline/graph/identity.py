"""Ties by shared identity, each divided among those who share it."""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.graph import parameters
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import GraphSettings

# Ties with an innocent explanation keep their row with weight 0, so that they can be shown:
# a tenant and its own incubator or fellow tenant, a spin-off and its university.
_PAIRS = """
    WITH pairs AS (
        SELECT l.party_id AS left_id, l.party_kind AS left_kind,
               r.party_id AS right_id, r.party_kind AS right_kind,
               l.kind, l.value, l.n_sharing, greatest(l.known_on, r.known_on) AS known_on,
               CASE WHEN l.source = r.source THEN l.source
                    ELSE l.source || '+' || r.source END AS source
          FROM attributes l JOIN attributes r
            ON l.kind = r.kind AND l.value = r.value
           AND (l.party_kind, l.party_id) < (r.party_kind, r.party_id)
    ), judged AS (
        SELECT p.*,
               i.category = 'incubator' AND le.incubator_id = p.right_id AS own_incubator,
               p.kind = 'address' AND le.incubator_id = re.incubator_id AS fellow_tenants,
               i.category IN ('university', 'research_institute', 'industrial_research_institute')
                   AND p.kind IN ('address', 'legal_representative', 'phone') AS spin_off
          FROM pairs p
          LEFT JOIN enterprises le ON p.left_kind = 'enterprise' AND le.enterprise_id = p.left_id
          LEFT JOIN enterprises re ON p.right_kind = 'enterprise' AND re.enterprise_id = p.right_id
          LEFT JOIN institutions i
            ON p.right_kind = 'institution' AND i.institution_id = p.right_id
    ), corroborated AS (
        SELECT DISTINCT left_id, left_kind, right_id, right_kind FROM judged
         WHERE kind <> 'legal_representative'
         UNION SELECT left_id, left_kind, right_id, right_kind FROM persons
    )
    SELECT j.left_id, j.left_kind, j.right_id, j.right_kind, j.kind,
           CASE WHEN coalesce(own_incubator, false) OR coalesce(fellow_tenants, false)
                  OR coalesce(spin_off, false) THEN 0.0
                ELSE CASE j.kind
                       WHEN 'phone' THEN $phone WHEN 'email' THEN $email
                       WHEN 'bank_account' THEN $account WHEN 'address' THEN $address
                       WHEN 'device' THEN $device WHEN 'agent' THEN $agent
                       ELSE CASE WHEN c.left_id IS NULL THEN $namesake ELSE $same_name END
                     END / (j.n_sharing - 1) END AS weight,
           j.n_sharing, j.known_on, j.value AS detail, j.source,
           CASE WHEN own_incubator THEN 'own_incubator' WHEN fellow_tenants THEN 'fellow_tenants'
                WHEN spin_off THEN 'spin_off' END AS exempt
      FROM judged j
      LEFT JOIN corroborated c USING (left_id, left_kind, right_id, right_kind)
"""

# People behind parties. A party that itself holds shares in another is a person here too:
# it is tied to what it holds, and the holders of one company are tied to each other.
_PERSONS = """
    WITH kinds AS (
        SELECT enterprise_id AS party_id, 'enterprise' AS party_kind FROM enterprises
        UNION SELECT institution_id, 'institution' FROM institutions
        UNION SELECT party_id, party_kind FROM seen
    ), roles AS (
        SELECT r.party_id, k.party_kind, r.person_id, r.role,
               coalesce(r.since_on, s.day) AS since_on, r.until_on,
               CASE r.role
                 WHEN 'shareholder' THEN CASE WHEN r.share IS NULL THEN $soft_holding
                                              WHEN r.share >= $hard THEN $person
                                              WHEN r.share >= $soft THEN $soft_holding ELSE 0 END
                 WHEN 'legal_representative' THEN $person
                 WHEN 'employee' THEN $employee ELSE $executive END AS strength
          FROM relations r JOIN kinds k ON k.party_id = r.party_id
          LEFT JOIN seen s ON s.party_id = k.party_id AND s.party_kind = k.party_kind
        UNION ALL
        SELECT k.party_id, k.party_kind, k.party_id, 'itself', NULL, NULL, $person
          FROM kinds k WHERE k.party_id IN (SELECT person_id FROM relations)
    ), strong AS (
        SELECT *, count(DISTINCT (party_kind, party_id)) OVER (PARTITION BY person_id) AS n_sharing
          FROM roles WHERE strength > 0
    ), pairs AS (
        SELECT l.party_id AS left_id, l.party_kind AS left_kind,
               r.party_id AS right_id, r.party_kind AS right_kind,
               l.person_id, l.n_sharing, least(l.strength, r.strength) AS strength,
               l.role || '/' || r.role AS roles, greatest(l.since_on, r.since_on) AS known_on
          FROM strong l JOIN strong r
            ON l.person_id = r.person_id AND l.n_sharing BETWEEN 2 AND $cap
           AND (l.party_kind, l.party_id) < (r.party_kind, r.party_id)
           AND coalesce(l.until_on >= r.since_on, true) AND coalesce(r.until_on >= l.since_on, true)
    )
    SELECT p.left_id, p.left_kind, p.right_id, p.right_kind, 'person' AS kind,
           CASE WHEN i.category IN ('university', 'research_institute',
                                    'industrial_research_institute')
                  OR (i.category = 'incubator' AND e.incubator_id = p.right_id) THEN 0.0
                ELSE p.strength / (p.n_sharing - 1) END AS weight,
           p.n_sharing, p.known_on, p.person_id || ' ' || p.roles AS detail, 'relations' AS source,
           CASE WHEN i.category IN ('university', 'research_institute',
                                    'industrial_research_institute') THEN 'spin_off'
                WHEN i.category = 'incubator' AND e.incubator_id = p.right_id
                THEN 'own_incubator' END AS exempt
      FROM pairs p
      LEFT JOIN institutions i ON p.right_kind = 'institution' AND i.institution_id = p.right_id
      LEFT JOIN enterprises e ON p.left_kind = 'enterprise' AND e.enterprise_id = p.left_id
     ORDER BY ALL
"""


def person_pairs(tables: Tables, first_days: pa.Table, settings: GraphSettings) -> pa.Table:
    """Pairs of parties behind which one person (or one holder) stands."""
    names = ("relations", "enterprises", "institutions")
    return query(
        _PERSONS,
        {**{name: tables[name] for name in names}, "seen": first_days},
        {
            "hard": parameters.HARD_HOLDING_SHARE,
            "soft": parameters.SOFT_HOLDING_SHARE,
            "person": parameters.PERSON_WEIGHT,
            "soft_holding": parameters.SOFT_HOLDING_WEIGHT,
            "executive": parameters.EXECUTIVE_WEIGHT,
            "employee": parameters.EMPLOYEE_WEIGHT,
            "cap": settings.hub_cap,
        },
    )


def attribute_pairs(tables: Tables, attributes: pa.Table, persons: pa.Table) -> pa.Table:
    """Pairs of parties that carry one phone, account, address, device, agent or name.

    In no order: ``build_ties`` sorts all ties once.
    Bounded: a value shared by n parties gives n(n-1)/2 rows and n never exceeds the hub cap.
    """
    return query(
        _PAIRS,
        {
            "attributes": attributes,
            "persons": persons,
            "enterprises": tables["enterprises"],
            "institutions": tables["institutions"],
        },
        {
            "phone": parameters.PHONE_WEIGHT,
            "email": parameters.EMAIL_WEIGHT,
            "account": parameters.ACCOUNT_WEIGHT,
            "address": parameters.ADDRESS_WEIGHT,
            "device": parameters.DEVICE_WEIGHT,
            "agent": parameters.AGENT_WEIGHT,
            "namesake": parameters.NAMESAKE_WEIGHT,
            "same_name": parameters.SAME_NAME_WEIGHT,
        },
    )
