"""A service done faster, or a result issued earlier, than the work allows.

The worst of: deliverable issued before the contract was signed; before the service began; service shorter than
its kind can take. Measured in days beyond the tolerance. An end before the beginning is a slip of the pen: the two
dates are read in their order.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings

_STATEMENT = """
WITH delivered AS (
    SELECT claim_id, min(issued_on) AS issued_on FROM deliverables
     WHERE kind IN ('test_report', 'novelty_report', 'report') GROUP BY claim_id
), least_days AS (
    SELECT unnest($services) AS service_type, unnest($days) AS days
), faults AS (
    SELECT a.nth, a.claim_id,
           k.signed_on - d.issued_on - $tolerance AS delivered,
           CASE WHEN a.service_end_on < a.service_start_on THEN a.service_end_on
                ELSE a.service_start_on END - d.issued_on - $tolerance AS early,
           m.days - abs(a.service_end_on - a.service_start_on) AS hasty,
           greatest(delivered, early, hasty) AS worst
      FROM claims_to_judge a LEFT JOIN contracts k USING (contract_id)
      LEFT JOIN delivered d USING (claim_id) LEFT JOIN least_days m ON m.service_type = a.service_type
)
SELECT claim_id, worst::DOUBLE AS measured, 0.0 AS lim, worst > 0 AS hit,
       CASE worst WHEN delivered THEN '成果早于签约'
            WHEN early THEN '成果早于服务开始'
            WHEN hasty THEN '服务历时过短' END AS what_zh,
       CASE worst WHEN delivered THEN 'deliverable issued before the contract was signed'
            WHEN early THEN 'deliverable issued before the service began'
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
    code="T33",
    severity="strong",
    typology="T19",
    title_zh="服务或成果快得不合理",
    title_en="Work done faster than it can be",
    hit_zh="{what_zh}，超出容许{measured:int}天（应为{lim:int}天）",
    hit_en="{what_en}: {measured:int} days beyond the tolerance ({lim:int} allowed)",
    scope=Scope(Level.CLAIM, tables=("contracts", "deliverables")),
    feature=True,
    compares_days=True,
    evaluate=evaluate,
)
