"""Whether a party was barred on the day of the claim; bars that had ended do not count.

An entry without an end runs as long as the programme bars for (``ban_years``), and where
that is not published until it is lifted.
"""

import pyarrow as pa

from fraud_pipeline.programmes.check import Case, Check

_STATEMENT = """
WITH barred AS (
    SELECT a.claim_id, count(*) AS n, min(s.starts_on) AS since,
           max(coalesce(s.ends_on, s.starts_on + to_years(l.ban_years::INTEGER) - INTERVAL 1 DAY,
                        DATE '9999-12-31')::DATE) AS until_day,
           arg_min(s.party_id, (s.starts_on, s.party_id)) AS party,
           string_agg(DISTINCT concat(s.party_id, ' ', s.authority, ' ', s.document_no), '; '
                      ORDER BY concat(s.party_id, ' ', s.authority, ' ', s.document_no)) AS rows
      FROM asked a JOIN sanctions s ON s.party_id IN (a.enterprise_id, a.institution_id)
       AND s.starts_on <= a.submitted_on
      JOIN law l USING (regime)
     WHERE coalesce(s.ends_on, s.starts_on + to_years(l.ban_years::INTEGER) - INTERVAL 1 DAY,
                    DATE '9999-12-31') >= a.submitted_on
     GROUP BY a.claim_id
)
SELECT a.claim_id, a.submitted_on, coalesce(b.n, 0)::DOUBLE AS measured, 0.0 AS lim,
       b.n IS NOT NULL AS hit, NULL::VARCHAR AS why, b.party, b.since,
       CASE WHEN year(b.until_day) < 9999 THEN b.until_day::VARCHAR END AS until_on,
       CASE WHEN b.n IS NOT NULL THEN 'sanctions: ' || b.rows END AS evidence
  FROM asked a LEFT JOIN barred b USING (claim_id)
 ORDER BY a.nth
"""


def evaluate(case: Case) -> pa.Table:
    return case.query(_STATEMENT)


CHECK = Check(
    code="L12",
    severity="hard",
    typology=None,
    title_zh="负面清单",
    title_en="Negative list",
    needs=("sanctions",),
    hit_zh="{party}自{since}起列入负面清单（至{until_on}），申请日{submitted_on}有效处分"
    "{measured:int}项，允许{lim:int}项",
    hit_en="{party} is on the negative list from {since} to {until_on}: {measured:int} sanctions "
    "in force on {submitted_on}, {lim:int} allowed",
    evaluate=evaluate,
)
