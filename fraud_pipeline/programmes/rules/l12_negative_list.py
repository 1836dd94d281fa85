"""Whether a party was barred on the day of the claim; bars that had ended do not count.

An entry without an end runs as long as the programme bars for (``ban_years``), and where
that is not published until it is lifted.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
WITH bar AS (  -- with its last day, which the law of the claim may decide
    SELECT s.party_id, s.starts_on, concat(s.party_id, ' ', s.authority, ' ', s.document_no) AS listing,
           l.regime, coalesce(s.ends_on, s.starts_on + to_years(l.ban_years::INTEGER)
                              - INTERVAL 1 DAY, DATE '9999-12-31')::DATE AS last_day
      FROM sanctions s CROSS JOIN law l
), party AS (  -- one side at a time: a join on either of two columns compares all with all
    SELECT claim_id, submitted_on, regime, enterprise_id AS party_id FROM claims_to_judge
    UNION ALL
    SELECT claim_id, submitted_on, regime, institution_id FROM claims_to_judge
     WHERE institution_id IS DISTINCT FROM enterprise_id
), barred AS (
    SELECT p.claim_id, count(*) AS n, min(b.starts_on) AS since, max(b.last_day) AS until_day,
           arg_min(b.party_id, (b.starts_on, b.party_id)) AS party,
           string_agg(DISTINCT b.listing, '; ' ORDER BY b.listing) AS rows
      FROM party p JOIN bar b ON b.party_id = p.party_id AND b.regime = p.regime
     WHERE b.starts_on <= p.submitted_on AND b.last_day >= p.submitted_on
     GROUP BY p.claim_id
)
SELECT a.claim_id, a.submitted_on, coalesce(b.n, 0)::DOUBLE AS measured, 0.0 AS lim,
       b.n IS NOT NULL AS hit, NULL::VARCHAR AS why, b.party, b.since,
       CASE WHEN year(b.until_day) < 9999 THEN b.until_day::VARCHAR END AS until_on,
       CASE WHEN b.n IS NOT NULL THEN 'sanctions: ' || b.rows END AS evidence
  FROM claims_to_judge a LEFT JOIN barred b USING (claim_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L12",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="负面清单",
    title_en="Negative list",
    needs=("sanctions",),
    hit_zh="{party}自{since}起列入负面清单（至{until_on}），申请日{submitted_on}有效处分"
    "{measured:int}项，允许{lim:int}项",
    hit_en="{party} is on the negative list from {since} to {until_on}: {measured:int} sanctions "
    "in force on {submitted_on}, {lim:int} allowed",
    scope=Scope(Level.CLAIM, tables=("sanctions",)),
    compares_days=True,
    evaluate=evaluate,
)
