"""The queries behind the behaviour features.

Windows count whole days strictly before the claim (1 to n days back), on integer
day numbers, because integer ranges mean the same to every engine.
"""

from fraud_pipeline.vocabulary.refunds import DECLARED_REFUNDS

HISTORY = """
WITH c AS (
    SELECT claim_id, enterprise_id AS e, institution_id AS i, agent_id AS a, contract_amount,
           quantity, service_type, datediff('day', DATE '1970-01-01', submitted_on) AS d,
           row_number() OVER (PARTITION BY institution_id, enterprise_id
                              ORDER BY submitted_on, claim_id) = 1 AS first_deal
    FROM claims
)
SELECT claim_id,
    count(*) OVER e90 AS enterprise_claims_90d,
    count(*) OVER e365 AS enterprise_claims_365d,
    count(*) OVER i30 AS institution_claims_30d,
    count(*) OVER i365 AS institution_claims_365d,
    count(*) OVER p365 AS pair_claims_365d,
    CASE WHEN count(*) OVER e365 > 0
         THEN (count(*) OVER p365) / (count(*) OVER e365) END AS pair_share_365d,
    CASE WHEN count(*) OVER i365 >= 6
         THEN (count(*) OVER i30) * 365.0 / 30.0 / (count(*) OVER i365) END AS institution_burst,
    CASE WHEN count(*) OVER i90 > 0
         THEN (sum(first_deal::INT) OVER i90) / (count(*) OVER i90) END AS first_client_share_90d,
    count(DISTINCT e) OVER i90 AS institution_clients_90d,
    CASE WHEN a IS NOT NULL THEN count(*) OVER a30 END AS agent_claims_30d,
    count(*) OVER (PARTITION BY e, d) - 1 AS same_day_enterprise,
    count(*) OVER (PARTITION BY i, d) - 1 AS same_day_institution,
    count(*) OVER (PARTITION BY i, contract_amount ORDER BY d RANGE BETWEEN 365 PRECEDING AND 1 PRECEDING)
        AS same_amount_365d
FROM c
WINDOW e90 AS (PARTITION BY e ORDER BY d RANGE BETWEEN 90 PRECEDING AND 1 PRECEDING),
       e365 AS (PARTITION BY e ORDER BY d RANGE BETWEEN 365 PRECEDING AND 1 PRECEDING),
       i30 AS (PARTITION BY i ORDER BY d RANGE BETWEEN 30 PRECEDING AND 1 PRECEDING),
       i90 AS (PARTITION BY i ORDER BY d RANGE BETWEEN 90 PRECEDING AND 1 PRECEDING),
       i365 AS (PARTITION BY i ORDER BY d RANGE BETWEEN 365 PRECEDING AND 1 PRECEDING),
       p365 AS (PARTITION BY e, i ORDER BY d RANGE BETWEEN 365 PRECEDING AND 1 PRECEDING),
       a30 AS (PARTITION BY a ORDER BY d RANGE BETWEEN 30 PRECEDING AND 1 PRECEDING)
ORDER BY claim_id
"""

PAPERS = f"""
WITH {DECLARED_REFUNDS}, inv AS (
    SELECT contract_id, min(issued_on) AS issued_on,
           max((status IN ('作废', '红冲'))::INT) AS spoiled
    FROM invoices WHERE contract_id IS NOT NULL GROUP BY 1
), number_uses AS (
    SELECT invoice_no, coalesce(invoice_code, '') AS code, count(DISTINCT contract_id) AS n
    FROM invoices GROUP BY 1, 2
), reused AS (
    SELECT v.contract_id, max(u.n) - 1 AS n FROM invoices v
    JOIN number_uses u ON u.invoice_no = v.invoice_no AND u.code = coalesce(v.invoice_code, '')
    WHERE v.contract_id IS NOT NULL GROUP BY 1
), reports AS (
    SELECT d.claim_id, max(u.n) - 1 AS n FROM deliverables d
    JOIN (SELECT reference_no, count(DISTINCT claim_id) AS n FROM deliverables
          WHERE reference_no IS NOT NULL GROUP BY 1) u USING (reference_no)
    GROUP BY 1
), paid AS (
    SELECT p.contract_id,
           sum(CASE WHEN p.payer_id = k.enterprise_id THEN p.amount END) AS forth,
           sum(CASE WHEN p.payee_id = k.enterprise_id THEN p.amount END) AS back
    FROM payments p JOIN contracts k USING (contract_id)
    ANTI JOIN declared_refunds r ON r.payment_id = p.payment_id GROUP BY 1
), spent AS (
    SELECT claim_id, sum(voucher_used) OVER (
        PARTITION BY voucher_id ORDER BY submitted_on, claim_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS used
    FROM claims WHERE voucher_id IS NOT NULL
)
SELECT c.claim_id,
    datediff('day', k.signed_on, c.submitted_on) AS days_contract_to_claim,
    datediff('day', k.signed_on, inv.issued_on) AS days_contract_to_invoice,
    abs(datediff('day', c.service_start_on, c.service_end_on)) AS service_days,
    datediff('day', c.service_end_on, c.confirmed_at::DATE) AS days_service_to_confirmation,
    datediff('day', c.submitted_on, v.expires_on) AS days_to_expiry,
    CASE WHEN v.face_value > 0 THEN s.used / v.face_value END AS voucher_spent_share,
    datediff('day', e.founded_on, c.submitted_on) AS enterprise_age_days,
    CASE WHEN e.employees > 0 THEN c.quantity / e.employees END AS quantity_per_employee,
    CASE WHEN e.rd_employees IS NOT NULL THEN c.quantity / (1 + e.rd_employees) END AS quantity_per_researcher,
    CASE WHEN e.annual_revenue > 0 THEN c.contract_amount / e.annual_revenue END AS contract_to_revenue,
    inv.spoiled AS invoice_spoiled,
    reused.n AS invoice_reused,
    reports.n AS report_reused,
    CASE WHEN paid.forth > 0 THEN coalesce(paid.back, 0) / paid.forth END AS money_back_share
FROM claims c
LEFT JOIN contracts k USING (contract_id)
LEFT JOIN inv USING (contract_id)
LEFT JOIN reused USING (contract_id)
LEFT JOIN reports ON reports.claim_id = c.claim_id
LEFT JOIN paid USING (contract_id)
LEFT JOIN vouchers v ON v.voucher_id = c.voucher_id
LEFT JOIN spent s ON s.claim_id = c.claim_id
LEFT JOIN enterprises e ON e.enterprise_id = c.enterprise_id
ORDER BY c.claim_id
"""  # noqa: S608 - put together from a constant
