"""The claim against its own contract: amount, and kind of service.

A difference of 10,000 times is 万元 read as 元 or the reverse, one of 10 or 100 times a digit too many or too
few: an error to be put right, not a lead. So is a difference of just the tax that the contract's own invoice
states: one of the two writes the price without it.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

POWER_SLIP = 0.0044  # of a power of ten, in decimal logarithms: 1 %
TAX_ROUNDING = 0.001  # of the amount: both papers round to the yuan at worst

_STATEMENT = """
WITH compared AS (
    SELECT a.nth, a.claim_id, a.contract_id, a.contract_amount, k.contract_id AS found, k.amount,
           a.service_type, k.service_type AS agreed,
           greatest(a.contract_amount, k.amount)::DOUBLE
             / greatest(least(a.contract_amount, k.amount), 0.01)::DOUBLE AS times,
           log10(greatest(times, 1)) AS power
      FROM claims_to_judge a LEFT JOIN contracts k USING (contract_id)
), taxed AS (
    SELECT c.claim_id, min(abs(c.times / (1 + i.tax_rate::DOUBLE) - 1)) AS off
      FROM compared c JOIN invoices i USING (contract_id) WHERE i.tax_rate > 0 GROUP BY ALL
)
SELECT claim_id, contract_amount, amount, service_type, agreed,
       abs(contract_amount - amount)::DOUBLE / greatest(amount, 0.01)::DOUBLE AS measured,
       $share AS lim, measured > $share OR service_type != agreed AS hit,
       concat('contract ', found) AS evidence,
       CASE WHEN contract_id IS NULL THEN 'claims.contract_id'
            WHEN found IS NULL THEN 'no_contract'
            WHEN round(power) >= 1 AND abs(power - round(power)) <= $slip THEN 'unit_error'
            WHEN measured > $share AND off <= $rounding AND service_type = agreed THEN 'tax_difference'
        END AS why
  FROM compared LEFT JOIN taxed USING (claim_id)
 ORDER BY nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"share": settings.amount_tolerance_share, "slip": POWER_SLIP, "rounding": TAX_ROUNDING}


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T11",
    severity="strong",
    typology="T11",
    title_zh=FLAG_TITLES["T11"].zh,
    title_en=FLAG_TITLES["T11"].en,
    needs=("contracts",),
    hit_zh="申请写合同金额{contract_amount:money}元、服务{service_type}，合同为{amount:money}元、{agreed}；"
    "金额相差{measured:pct}，容许{lim:pct}",
    hit_en="claim: {contract_amount:money} yuan, {service_type}; contract: {amount:money} yuan, "
    "{agreed}; they differ by {measured:pct}, tolerance {lim:pct}",
    scope=Scope(Level.CLAIM, tables=("contracts", "invoices")),
    feature=True,
    evaluate=evaluate,
)
