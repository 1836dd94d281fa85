"""A voucher used by an enterprise that does not hold it, or a contract paid by somebody else.

Programmes forbid transfer, sale and gift of vouchers. A payment by a third party is
counted from ``transfer_paid_share`` of the money paid on the contract.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_STATEMENT = """
WITH paid AS (
    SELECT k.contract_id, sum(p.amount) AS total,
           sum(p.amount) FILTER (p.payer_id != k.enterprise_id) AS by_others,
           min(p.payer_id) FILTER (p.payer_id != k.enterprise_id) AS payer
      FROM contracts k JOIN payments p USING (contract_id)
     WHERE p.payee_id = k.institution_id AND p.payer_id IS NOT NULL
     GROUP BY k.contract_id
)
SELECT a.claim_id, v.enterprise_id AS holder, d.payer,
       CASE WHEN holder != a.enterprise_id THEN 1.0
            ELSE coalesce(d.by_others::DOUBLE / nullif(d.total, 0)::DOUBLE, 0) END AS measured,
       CASE WHEN holder != a.enterprise_id THEN 0.0 ELSE $share END AS lim,
       coalesce(holder != a.enterprise_id, false) OR coalesce(measured >= $share, false) AS hit,
       CASE WHEN holder != a.enterprise_id THEN concat('创新券属于', holder, '，不是申请企业')
            ELSE concat('合同款由', d.payer, '支付') END AS what_zh,
       CASE WHEN holder != a.enterprise_id
            THEN concat('the voucher belongs to ', holder, ', not to the claimant')
            ELSE concat('the contract was paid by ', d.payer) END AS what_en,
       CASE WHEN holder != a.enterprise_id THEN concat('voucher ', v.voucher_id)
            ELSE concat('contract ', a.contract_id) END AS evidence,
       CASE WHEN hit THEN NULL
            WHEN v.voucher_id IS NULL AND d.contract_id IS NULL THEN 'no_voucher' END AS why
  FROM claims_to_judge a LEFT JOIN vouchers v USING (voucher_id) LEFT JOIN paid d
    ON d.contract_id = a.contract_id
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"share": settings.transfer_paid_share}


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T05",
    severity="strong",
    typology="T05",
    title_zh=FLAG_TITLES["T05"].zh,
    title_en=FLAG_TITLES["T05"].en,
    hit_zh="{what_zh}，他人份额{measured:pct}，预警阈值{lim:pct}",
    hit_en="{what_en}: {measured:pct} by others, line {lim:pct}",
    scope=Scope(Level.CLAIM, tables=("contracts", "payments", "vouchers")),
    feature=True,
    evaluate=evaluate,
)
