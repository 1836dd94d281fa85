"""Tables behind the pages of enterprises, institutions, persons, phones, accounts and agents.

``entities``: one row a person, phone, account or agent. ``token`` stands in its address instead of
the text, which is personal data; it is derived from the installation's secret, so that nobody can
find the text by trying. ``regions``: where it may be seen, separated by ';'.
``entity_uses``: who uses it: a party or a claim, and as what. ``party_claims``: the latest claims
of a party, and the latest of an entity through its uses.
"""

from __future__ import annotations

MOST_CLAIMS = 400  # of a party or entity; the totals of parties count all
MOST_USES = 400  # of an entity

ENTITY_TABLES_SQL = f"""
    CREATE TEMP TABLE every_use AS
    SELECT kind || ' ' || value AS entity, kind, value, owner_kind, owner_id, used_as, enterprise_id,
        institution_id
    FROM (
        SELECT 'person' AS kind, legal_representative AS value, 'enterprise' AS owner_kind,
            enterprise_id AS owner_id, 'legal_representative' AS used_as, enterprise_id,
            NULL AS institution_id FROM enterprises
        UNION ALL SELECT 'person', legal_representative, 'institution', institution_id,
            'legal_representative', NULL, institution_id FROM institutions
        UNION ALL SELECT 'person', confirmed_by, 'claim', claim_id, 'confirmed_by', enterprise_id,
            institution_id FROM claims
        UNION ALL SELECT 'phone', phone, 'enterprise', enterprise_id, 'phone', enterprise_id, NULL
            FROM enterprises
        UNION ALL SELECT 'phone', phone, 'institution', institution_id, 'phone', NULL, institution_id
            FROM institutions
        UNION ALL SELECT 'phone', contact_phone, 'claim', claim_id, 'contact_phone', enterprise_id,
            institution_id FROM claims
        UNION ALL SELECT 'account', bank_account, 'enterprise', enterprise_id, 'bank_account',
            enterprise_id, NULL FROM enterprises
        UNION ALL SELECT 'account', bank_account, 'institution', institution_id, 'bank_account', NULL,
            institution_id FROM institutions
        UNION ALL SELECT 'account', p.payer_account, 'claim', c.claim_id, 'payer_account',
            c.enterprise_id, c.institution_id FROM payments p JOIN claims c USING (contract_id)
        UNION ALL SELECT 'account', p.payee_account, 'claim', c.claim_id, 'payee_account',
            c.enterprise_id, c.institution_id FROM payments p JOIN claims c USING (contract_id)
        UNION ALL SELECT 'agent', agent_id, 'claim', claim_id, 'agent_id', enterprise_id,
            institution_id FROM claims)
    WHERE value <> '';
    CREATE TEMP TABLE seen_in AS
    SELECT c.institution_id, coalesce(e.region, '') AS region
    FROM claims c LEFT JOIN enterprises e USING (enterprise_id)
    UNION SELECT institution_id, coalesce(region, '') FROM institutions;
    CREATE TABLE entities AS
    WITH places AS (
        SELECT u.entity, coalesce(e.region, '') AS region
        FROM every_use u LEFT JOIN enterprises e USING (enterprise_id) WHERE u.enterprise_id IS NOT NULL
        UNION SELECT u.entity, s.region FROM every_use u JOIN seen_in s USING (institution_id)
        WHERE u.owner_kind = 'institution')
    SELECT u.entity, any_value(u.kind) AS kind, any_value(u.value) AS value,
        substr(sha256(getvariable('secret') || u.entity), 1, 24) AS token,
        count(DISTINCT u.owner_kind || ' ' || u.owner_id) AS n_uses,
        (SELECT string_agg(p.region, ';' ORDER BY p.region) FROM places p WHERE p.entity = u.entity)
            AS regions
    FROM every_use u GROUP BY u.entity ORDER BY u.entity;
    CREATE TABLE entity_uses AS
    SELECT entity, owner_kind, owner_id, used_as FROM (
        SELECT DISTINCT entity, owner_kind, owner_id, used_as FROM every_use)
    QUALIFY row_number() OVER (PARTITION BY entity ORDER BY owner_kind DESC, owner_id, used_as) <= {MOST_USES}
    ORDER BY entity, owner_kind DESC, owner_id, used_as;
    CREATE TABLE party_claims AS
    SELECT party, claim_id FROM (
        SELECT 'enterprise ' || enterprise_id AS party, claim_id, submitted_on FROM claims
        UNION ALL SELECT 'institution ' || institution_id, claim_id, submitted_on FROM claims
        UNION ALL SELECT DISTINCT u.entity, c.claim_id, c.submitted_on
            FROM every_use u JOIN claims c ON u.owner_kind = 'claim' AND c.claim_id = u.owner_id)
    QUALIFY row_number() OVER (PARTITION BY party ORDER BY submitted_on DESC, claim_id) <= {MOST_CLAIMS}
    ORDER BY party, submitted_on DESC, claim_id;
    CREATE TABLE institution_scope AS
    SELECT institution_id, string_agg(region, ';' ORDER BY region) AS regions FROM seen_in GROUP BY ALL;
    DROP TABLE every_use;
    DROP TABLE seen_in;
"""  # noqa: S608 - numbers of ours
