"""Several weak signs together that no service was rendered and no report written.

Counted are: no payment of the contract although payments were handed in; invoices that do not add up to the
claim; a contract whose amount is not the claim's; a deliverable issued before the service
began; no deliverable although deliverables were handed in. Each alone happens in every office, so one is
no lead. A claim off its contract by a power of ten has a digit or unit wrong (T11): its amounts are no signs.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.programmes.rules.t11_cross_documents import POWER_SLIP
from fraud_pipeline.schema.scope import Level, Scope

_LEAST = 2  # signs; one alone is ordinary disorder. An assumption

_STATEMENT = """
WITH paid AS (
    SELECT DISTINCT contract_id FROM payments WHERE contract_id IS NOT NULL
), billed AS (
    SELECT contract_id, sum(amount) FILTER (coalesce(status, '正常') = '正常')::DOUBLE AS amount
      FROM invoices WHERE contract_id IS NOT NULL GROUP BY contract_id
), delivered AS (
    SELECT claim_id, min(issued_on) AS issued_on FROM deliverables GROUP BY claim_id
), signs AS (
    SELECT a.nth, a.claim_id, log10(greatest(coalesce(greatest(a.contract_amount, k.amount)::DOUBLE
               / greatest(least(a.contract_amount, k.amount), 0.01)::DOUBLE, 1), 1)) AS power,
           round(power) >= 1 AND abs(power - round(power)) <= $slip AS slip,
           $payments AND a.contract_id IS NOT NULL AND p.contract_id IS NULL AS unpaid,
           coalesce(abs(b.amount - a.contract_amount) > $share * a.contract_amount, false)
               AND NOT slip AS billed_otherwise,
           coalesce(abs(k.amount - a.contract_amount) > $share * a.contract_amount, false)
               AND NOT slip AS agreed_otherwise,
           coalesce(d.issued_on < a.service_start_on - $days, false) AS early,
           $deliverables AND d.claim_id IS NULL AS undelivered
      FROM claims_to_judge a
      LEFT JOIN paid p ON p.contract_id = a.contract_id LEFT JOIN billed b ON b.contract_id = a.contract_id
      LEFT JOIN contracts k ON k.contract_id = a.contract_id LEFT JOIN delivered d USING (claim_id)
)
SELECT claim_id, (unpaid::INTEGER + billed_otherwise::INTEGER + agreed_otherwise::INTEGER + early::INTEGER
                  + undelivered::INTEGER)::DOUBLE AS measured, $least::DOUBLE AS lim,
       measured >= $least AS hit,
       concat_ws('、', CASE WHEN unpaid THEN '无付款记录' END, CASE WHEN billed_otherwise THEN '发票与合同金额不符' END,
                 CASE WHEN agreed_otherwise THEN '申请与合同金额不符' END, CASE WHEN early THEN '成果早于服务开始' END,
                 CASE WHEN undelivered THEN '无交付物' END) AS signs_zh,
       concat_ws(', ', CASE WHEN unpaid THEN 'no payment' END,
                 CASE WHEN billed_otherwise THEN 'invoices of another amount' END,
                 CASE WHEN agreed_otherwise THEN 'a contract of another amount' END,
                 CASE WHEN early THEN 'a deliverable before the service began' END,
                 CASE WHEN undelivered THEN 'no deliverable' END) AS signs_en,
       CASE WHEN NOT $any THEN 'no_numbers' END AS why
  FROM signs ORDER BY nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    known = {
        name: context.tables.supplied(name) for name in ("payments", "deliverables", "contracts")
    }
    return context.query(
        _STATEMENT,
        {
            "share": context.settings.amount_tolerance_share, "slip": POWER_SLIP,
            "days": context.settings.order_tolerance_days,
            "least": _LEAST, "payments": known["payments"], "deliverables": known["deliverables"],
            "any": any(known.values()),
        },
    )  # fmt: skip


RULE = Rule(
    code="T30",
    severity="weak",
    typology="T11",
    title_zh="多处迹象显示服务未曾提供",
    title_en="Several signs that nothing was delivered",
    hit_zh="{signs_zh}：共{measured:int}处（预警阈值{lim:int}处）",
    hit_en="{signs_en}: {measured:int} signs together (line: {lim:int})",
    scope=Scope(
        Level.CLAIM,
        tables=("contracts", "deliverables", "invoices", "payments"),
    ),
    feature=True,
    evaluate=evaluate,
)
