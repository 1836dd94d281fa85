"""What the parties two hops away did, as of then, and what the claim's words share with others'.

Each earlier claim carries the state of its parties as it was on its own day; a window over the
institution's (or the enterprise's) earlier claims takes the mean of those states. So every figure
is of days strictly before the claim, and a claim filed or a verdict reached later changes nothing.
Neighbour aggregates of this kind beat special graph networks on public benchmarks (GADBench,
Tang et al. 2023) and cost one window each.
"""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.core.sql import query, unblanked
from fraud_pipeline.schema import Tables

# Shares are added as millionths: sums of integers are the same in any order.
_NEIGHBOURS = """
WITH state AS (
    SELECT c.claim_id, c.enterprise_id AS e, c.institution_id AS i,
           datediff('day', DATE '1970-01-01', c.submitted_on) AS d,
           round(b.enterprise_claims_365d * 1e6)::BIGINT AS firm_claims,
           round(b.pair_share_365d * 1e6)::BIGINT AS faithful, b.institution_burst AS burst,
           round(p.enterprise_past_improper * 1e6)::BIGINT AS firm_bad,
           round(p.institution_past_improper * 1e6)::BIGINT AS house_bad
      FROM claims c JOIN habits b USING (claim_id) JOIN profile p USING (claim_id)
)
SELECT claim_id,
    (sum(firm_claims) OVER i90) / 1e6 / (count(firm_claims) OVER i90) AS clients_claims_365d,
    (sum(faithful) OVER i90) / 1e6 / (count(faithful) OVER i90) AS clients_faithful_share,
    (sum(firm_bad) OVER i365) / 1e6 / (count(firm_bad) OVER i365) AS clients_past_improper,
    max(burst) OVER e365 AS institutions_burst,
    (sum(house_bad) OVER e365) / 1e6 / (count(house_bad) OVER e365) AS institutions_past_improper
FROM state
WINDOW i90 AS (PARTITION BY i ORDER BY d RANGE BETWEEN 90 PRECEDING AND 1 PRECEDING),
       i365 AS (PARTITION BY i ORDER BY d RANGE BETWEEN 365 PRECEDING AND 1 PRECEDING),
       e365 AS (PARTITION BY e ORDER BY d RANGE BETWEEN 365 PRECEDING AND 1 PRECEDING)
ORDER BY claim_id
"""

# The title's character pairs found again in the report: a report on something else has few.
_WORDS = f"""
WITH said AS (
    SELECT claim_id, {unblanked("service_title")} AS title, {unblanked("report_text")} AS report
      FROM claims
), copied AS (
    SELECT enterprise, max(w) AS w FROM (
        SELECT left_id AS enterprise, weight AS w FROM ties WHERE kind = 'text'
        UNION ALL SELECT right_id, weight FROM ties WHERE kind = 'text') GROUP BY 1
)
SELECT c.claim_id, coalesce(k.w, 0) AS text_tie_weight, length(s.report) AS report_chars,
    CASE WHEN length(s.title) >= 2 AND length(s.report) > 0 THEN list_avg(list_transform(
        range(1, length(s.title)), lambda k: contains(s.report, substr(s.title, k, 2))::INT::DOUBLE))
    END AS title_in_report
FROM claims c JOIN said s USING (claim_id) LEFT JOIN copied k ON k.enterprise = c.enterprise_id
ORDER BY c.claim_id
"""  # noqa: S608 - put together from constants


def neighbourhood(tables: Tables, habits: pa.Table, profile: pa.Table) -> pa.Table:
    """claim_id and one column for each of NEIGHBOURHOOD_FEATURES; null = no neighbour known.

    ``habits`` are the behaviour features, ``profile`` the parties' own past, of all claims.
    """
    return query(_NEIGHBOURS, {"claims": tables["claims"], "habits": habits, "profile": profile})


def words(tables: Tables, ties: pa.Table) -> pa.Table:
    """claim_id and one column for each of TEXT_FEATURES."""
    return query(_WORDS, {"claims": tables["claims"], "ties": ties})
