"""The claim against its own contract: amount, and kind of service.

A difference of 10,000 times is 万元 read as 元 or the reverse, one of 10 or 100 times a digit too many or too
few: an error to be put right, not a lead.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

POWER_SLIP = 0.0044  # of a power of ten, in decimal logarithms: 1 %

_STATEMENT = """
SELECT a.claim_id, a.contract_amount, k.amount, a.service_type, k.service_type AS agreed,
       abs(a.contract_amount - k.amount)::DOUBLE / greatest(k.amount, 0.01)::DOUBLE AS measured,
       $share AS lim, measured > $share OR a.service_type != k.service_type AS hit,
       concat('contract ', k.contract_id) AS evidence,
       greatest(a.contract_amount, k.amount)::DOUBLE
         / greatest(least(a.contract_amount, k.amount), 0.01)::DOUBLE AS times,
       log10(greatest(times, 1)) AS power,
       CASE WHEN a.contract_id IS NULL THEN 'claims.contract_id'
            WHEN k.contract_id IS NULL THEN 'no_contract'
            WHEN round(power) >= 1 AND abs(power - round(power)) <= $slip THEN 'unit_error' END AS why
  FROM claims_to_judge a LEFT JOIN contracts k USING (contract_id)
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"share": settings.amount_tolerance_share, "slip": POWER_SLIP}


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
    scope=Scope(Level.CLAIM, tables=("contracts",)),
    feature=True,
    evaluate=evaluate,
)
