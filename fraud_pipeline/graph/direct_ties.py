"""Direct ties: claims between an enterprise and an institution, money that came back, tenancy."""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.graph import parameters
from fraud_pipeline.schema import Tables
from fraud_pipeline.vocabulary.refunds import DECLARED_REFUNDS

# Column weights 1 / ln(c + degree) after Hooi et al. 2016 (FRAUDAR): to have bought at an
# institution that serves hundreds says less than to have bought where few do. The enterprise's region
# goes along: chance keeps it, because a town buys from the suppliers it has.
_CLAIMS = """
    WITH dealt AS (
        SELECT enterprise_id, institution_id, count(*) AS n_claims, sum(claimed_amount) AS amount,
               min(submitted_on) AS known_on, min(claim_id) AS first_claim
          FROM claims GROUP BY 1, 2
    ), regions AS (
        SELECT enterprise_id, min(region) AS region FROM enterprises GROUP BY 1
    )
    SELECT enterprise_id AS left_id, 'enterprise' AS left_kind,
           institution_id AS right_id, 'institution' AS right_kind, 'claim' AS kind,
           1.0 / ln($c + count(*) OVER (PARTITION BY institution_id)) AS weight,
           count(*) OVER (PARTITION BY institution_id) AS n_sharing,
           n_claims, amount, known_on, nullif(trim(region), '') AS detail,
           'claims ' || first_claim AS source
      FROM dealt LEFT JOIN regions USING (enterprise_id) ORDER BY ALL
"""

_MONEY_BACK = f"""
    WITH {DECLARED_REFUNDS}
    SELECT p.payee_id AS left_id, 'enterprise' AS left_kind,
           p.payer_id AS right_id, 'institution' AS right_kind, 'money_back' AS kind,
           $weight::DOUBLE AS weight, count(*) AS n_claims, sum(p.amount) AS amount,
           min(p.paid_on) AS known_on, NULL AS detail,
           'payments ' || string_agg(p.payment_id, ' ' ORDER BY p.payment_id) AS source
      FROM payments p ANTI JOIN declared_refunds USING (payment_id)
     WHERE p.payer_id IN (SELECT institution_id FROM claims)
       AND p.payee_id IN (SELECT enterprise_id FROM claims)
       AND p.payer_id <> p.payee_id
     GROUP BY p.payee_id, p.payer_id ORDER BY ALL
"""  # noqa: S608 - put together from constants

# The other direction is what a service is paid by and says nothing alone: weight 0, and only
# where money came back does it show that money went round.
_PAID = """
    SELECT b.left_id, b.left_kind, b.right_id, b.right_kind, 'payment' AS kind,
           0.0 AS weight, count(*) AS n_claims, sum(p.amount) AS amount,
           min(p.paid_on) AS known_on,
           'payments ' || string_agg(p.payment_id, ' ' ORDER BY p.payment_id) AS source
      FROM payments p JOIN back b ON p.payer_id = b.left_id AND p.payee_id = b.right_id
     GROUP BY ALL ORDER BY ALL
"""

_TENANCY = """
    SELECT DISTINCT e.enterprise_id AS left_id, 'enterprise' AS left_kind,
           e.incubator_id AS right_id, 'institution' AS right_kind, 'tenancy' AS kind,
           0.0 AS weight, min(c.submitted_on) AS known_on, 'enterprises' AS source
      FROM enterprises e JOIN claims c
        ON c.enterprise_id = e.enterprise_id AND c.institution_id = e.incubator_id
     GROUP BY 1, 3 ORDER BY 1, 3
"""


def claim_ties(tables: Tables) -> pa.Table:
    """One tie an enterprise and institution that have claims together.

    n_sharing = clients of the institution; detail = the enterprise's region, if known.
    """
    source_tables = {name: tables[name] for name in ("claims", "enterprises")}
    return query(_CLAIMS, source_tables, {"c": parameters.COLUMN_CONSTANT})


def money_back_ties(tables: Tables) -> pa.Table:
    """Money an institution paid to one of the programme's enterprises, but for declared refunds; n_claims = payments."""
    return query(
        _MONEY_BACK,
        {"claims": tables["claims"], "payments": tables["payments"]},
        {"weight": parameters.MONEY_BACK_WEIGHT},
    )


def payment_ties(tables: Tables, money_back: pa.Table) -> pa.Table:
    """What enterprises paid to the institutions that paid them back; n_claims = payments, weight 0."""
    return query(_PAID, {"payments": tables["payments"], "back": money_back})


def tenancy_ties(tables: Tables) -> pa.Table:
    """Enterprises with claims at the incubator they sit in: weight 0, an innocent reason to deal."""
    names = ("enterprises", "claims")
    return query(_TENANCY, {name: tables[name] for name in names})
