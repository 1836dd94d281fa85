"""Unit price against the price catalogue, as a reviewer would do it by hand.

Described, never scored: the price model judges prices against the market, with its own
evidence and its own place in the risk. The catalogue row must be of the service and the
unit, in force on the day of the claim, and of the enterprise's region or of none.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.check import Case, Check
from fraud_pipeline.settings import ProgrammeSettings

_STATEMENT = """
WITH listed AS (
    SELECT a.claim_id, max(coalesce(m.high, m.reference)) AS high, count(*) AS n,
           arg_max(m.source, coalesce(m.high, m.reference)) AS source
      FROM asked a JOIN market_prices m
        ON m.service_type = a.service_type AND m.unit = a.unit
       AND coalesce(m.valid_from <= a.submitted_on, true)
       AND coalesce(m.valid_to >= a.submitted_on, true)
      LEFT JOIN enterprises e USING (enterprise_id)
     WHERE m.region IS NULL OR contains(concat(e.region, e.address), m.region)
     GROUP BY a.claim_id
)
SELECT a.claim_id, a.contract_amount::DOUBLE / a.quantity AS unit_price, l.high,
       unit_price / nullif(l.high, 0)::DOUBLE AS measured, $times AS lim,
       measured >= $times AS hit, a.service_type,
       CASE WHEN l.source IS NOT NULL THEN concat('catalogue ', l.source) END AS evidence,
       CASE WHEN a.unit IS NULL THEN 'claims.unit' WHEN a.quantity IS NULL THEN 'claims.quantity'
            WHEN l.claim_id IS NULL OR l.high <= 0 OR a.quantity <= 0 THEN 'no_price' END AS why
  FROM asked a LEFT JOIN listed l USING (claim_id)
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"times": settings.overprice_times}


def evaluate(case: Case) -> pa.Table:
    return case.query(_STATEMENT, _parameters(case.settings))


CHECK = Check(
    code="T04",
    severity="info",
    typology="T04",
    title_zh="高于目录价",
    title_en="Above the catalogue",
    needs=("market_prices",),
    hit_zh="{service_type}单价{unit_price:money}元，为目录上限{high:money}元的{measured:num}倍"
    "（提示线{lim:num}倍）",
    hit_en="{service_type} at {unit_price:money} yuan a unit is {measured:num} times the catalogue's "
    "upper price of {high:money} yuan (line: {lim:num})",
    evaluate=evaluate,
)
