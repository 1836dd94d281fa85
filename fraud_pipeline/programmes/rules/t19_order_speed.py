"""Papers of contract, invoice and claim in an order that they should not have.

The worst of: invoiced before the contract was signed; contract signed after the claim; service ended only
after the claim. Measured in days beyond the tolerance. A service that ends after the claim and, a year earlier,
would have ended between its beginning and the claim has its year typed wrongly: that end is not judged. Offices that write contracts late make
most of these; what no office does by being late is T33.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_STATEMENT = """
WITH invoiced AS (
    SELECT contract_id, min(issued_on) AS issued_on FROM invoices GROUP BY contract_id
), faults AS (
    SELECT a.nth, a.claim_id,
           k.signed_on - v.issued_on - $tolerance AS invoiced,
           k.signed_on - a.submitted_on - $tolerance AS signed,
           CASE WHEN a.service_end_on > a.submitted_on AND a.service_end_on - INTERVAL 1 YEAR BETWEEN a.service_start_on AND a.submitted_on THEN NULL
                ELSE a.service_end_on - a.submitted_on - $tolerance END AS ended,
           greatest(invoiced, signed, ended) AS worst
      FROM claims_to_judge a LEFT JOIN contracts k USING (contract_id)
      LEFT JOIN invoiced v ON v.contract_id = a.contract_id
)
SELECT claim_id, worst::DOUBLE AS measured, 0.0 AS lim, worst > 0 AS hit,
       CASE worst WHEN invoiced THEN '开票早于签约' 
            WHEN signed THEN '签约晚于申请'
            WHEN ended THEN '服务结束晚于申请' END AS what_zh,
       CASE worst WHEN invoiced THEN 'invoiced before the contract was signed'
            WHEN signed THEN 'contract signed after the claim'
            WHEN ended THEN 'service ended after the claim'
            END AS what_en,
       CASE WHEN worst IS NULL THEN 'no_dates' END AS why
  FROM faults ORDER BY nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"tolerance": settings.order_tolerance_days}


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T19",
    severity="strong",
    typology="T19",
    title_zh=FLAG_TITLES["T19"].zh,
    title_en=FLAG_TITLES["T19"].en,
    hit_zh="{what_zh}，超出容许{measured:int}天（应为{lim:int}天）",
    hit_en="{what_en}: {measured:int} days beyond the tolerance ({lim:int} allowed)",
    scope=Scope(Level.CLAIM, tables=("contracts", "invoices")),
    feature=True,
    compares_days=True,
    evaluate=evaluate,
)
