"""Mandatory inspections and verifications, which a firm must pay for itself.

The Changping voucher measures of 2017 (article 6) exclude compulsory and statutory
testing; where a programme declares it eligible the flag passes.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.check import Case, Check
from fraud_pipeline.settings import ProgrammeSettings

_STATEMENT = """
WITH invoiced AS (
    SELECT contract_id, string_agg(DISTINCT item, '、' ORDER BY item) AS items
      FROM invoices WHERE contract_id IS NOT NULL GROUP BY contract_id
)
SELECT a.claim_id, concat_ws('、', c.service_title, i.items) AS words,
       regexp_extract(words, $statutory) AS word, (word != '')::INTEGER::DOUBLE AS measured,
       0.0 AS lim, word != '' AND NOT coalesce(l.statutory_testing_eligible, false) AS hit,
       l.statutory_testing_eligible_clause AS clause,
       CASE WHEN words = '' THEN 'claims.service_title' END AS why
  FROM asked a JOIN claims c USING (claim_id) JOIN law l USING (regime)
  LEFT JOIN invoiced i ON i.contract_id = a.contract_id
 ORDER BY a.claim_id
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"statutory": settings.statutory_words}


def evaluate(case: Case) -> pa.Table:
    return case.query(_STATEMENT, _parameters(case.settings))


CHECK = Check(
    code="T22",
    severity="strong",
    typology="T22",
    title_zh="强制检测",
    title_en="Statutory testing",
    hit_zh="“{words}”含“{word}”，属强制或法定检测（{measured:int}处，允许{lim:int}处）",
    hit_en="'{words}' names '{word}', a mandatory test ({measured:int} found, {lim:int} allowed)",
    evaluate=evaluate,
)
