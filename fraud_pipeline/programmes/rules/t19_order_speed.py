"""Documents in an order, or a service at a speed, that real work does not have.

The worst of: invoiced before the contract was signed; deliverable issued before it;
contract signed after the claim; service ended before it began, or only after the claim;
service shorter than its kind can take. Measured in days beyond the tolerance.
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
), delivered AS (
    SELECT claim_id, min(issued_on) AS issued_on FROM deliverables
     WHERE kind IN ('test_report', 'novelty_report', 'report') GROUP BY claim_id
), least_days AS (
    SELECT unnest($services) AS service_type, unnest($days) AS days
), faults AS (
    SELECT a.nth, a.claim_id,
           k.signed_on - v.issued_on - $tolerance AS invoiced,
           k.signed_on - d.issued_on - $tolerance AS delivered,
           k.signed_on - a.submitted_on - $tolerance AS signed,
           a.service_start_on - a.service_end_on AS reversed,
           a.service_end_on - a.submitted_on - $tolerance AS ended,
           m.days - (a.service_end_on - a.service_start_on) AS hasty,
           greatest(invoiced, delivered, signed, reversed, ended, hasty) AS worst
      FROM claims_to_judge a LEFT JOIN contracts k USING (contract_id)
      LEFT JOIN invoiced v ON v.contract_id = a.contract_id
      LEFT JOIN delivered d USING (claim_id) LEFT JOIN least_days m ON m.service_type = a.service_type
)
SELECT claim_id, worst::DOUBLE AS measured, 0.0 AS lim, worst > 0 AS hit,
       CASE worst WHEN invoiced THEN '开票早于签约' WHEN delivered THEN '成果早于签约'
            WHEN signed THEN '签约晚于申请' WHEN reversed THEN '服务结束早于开始'
            WHEN ended THEN '服务结束晚于申请' WHEN hasty THEN '服务历时过短' END AS what_zh,
       CASE worst WHEN invoiced THEN 'invoiced before the contract was signed'
            WHEN delivered THEN 'deliverable issued before the contract was signed'
            WHEN signed THEN 'contract signed after the claim'
            WHEN reversed THEN 'service ended before it began'
            WHEN ended THEN 'service ended after the claim'
            WHEN hasty THEN 'service done in too short a time' END AS what_en,
       CASE WHEN worst IS NULL THEN 'no_dates' END AS why
  FROM faults ORDER BY nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    least = sorted(settings.service_min_days.items())
    return {
        "tolerance": settings.order_tolerance_days,
        "services": [name for name, _ in least],
        "days": [days for _, days in least],
    }


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
    scope=Scope(Level.CLAIM, tables=("contracts", "deliverables", "invoices")),
    feature=True,
    evaluate=evaluate,
)
