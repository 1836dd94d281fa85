"""The same odd amount for several enterprises of one institution within a short time.

Judged against what is ordinary: amounts at a cap, at a face value or a round number, and
whole multiples of a catalogue price, are left out. A price list charges the same amount
all the time, so only an amount that comes up nearly only within one window counts.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

# Assumptions, measured by `python -m benchmarks.flags`.
_DAYS = 60  # equal amounts within so many days ...
_BURST_SHARE = 0.8  # ... are so much of all there are of that amount
_ROUND = 100.0  # multiples of this are round, not odd

_STATEMENT = """
WITH listed AS (
    SELECT DISTINCT service_type, price FROM (
        SELECT service_type, unnest([low, reference, high]) AS price FROM market_prices)
     WHERE price > 0
), odd AS (
    SELECT c.claim_id, c.institution_id, c.enterprise_id, c.contract_amount AS amount,
           c.submitted_on
      FROM claims c
     WHERE c.contract_amount % $round::DECIMAL(18, 2) != 0
       AND NOT EXISTS (FROM listed l WHERE l.service_type = c.service_type
                        AND c.contract_amount % l.price = 0)
), again AS (
    SELECT institution_id, amount, count(*) AS n_all FROM odd GROUP BY 1, 2
    HAVING count(DISTINCT enterprise_id) >= $enterprises
), spread AS (
    SELECT o.*, g.n_all, count(*) OVER near AS n_here,
           count(DISTINCT enterprise_id) OVER near AS n_near
      FROM odd o JOIN again g USING (institution_id, amount)
    WINDOW near AS (PARTITION BY institution_id, amount ORDER BY submitted_on
                    RANGE BETWEEN to_days($days) PRECEDING AND to_days($days) FOLLOWING)
), burst AS (
    FROM spread WHERE n_near >= $enterprises AND n_here >= $burst * n_all
), nearby AS (
    SELECT b.claim_id, list(DISTINCT p.claim_id ORDER BY p.claim_id)[:5] AS others
      FROM burst b JOIN odd p USING (institution_id, amount)
     WHERE abs(p.submitted_on - b.submitted_on) <= $days AND p.claim_id != b.claim_id GROUP BY 1
)
SELECT a.claim_id, a.contract_amount, coalesce(s.n_near, 1)::DOUBLE AS measured,
       $enterprises::DOUBLE AS lim, $days AS days,
       coalesce(s.n_near >= $enterprises AND s.n_here >= $burst * s.n_all, false) AS hit,
       CASE WHEN t.others IS NOT NULL
            THEN concat('claims ', array_to_string(t.others, '; ')) END AS evidence,
       NULL::VARCHAR AS why
  FROM claims_to_judge a LEFT JOIN spread s USING (claim_id) LEFT JOIN nearby t USING (claim_id)
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {
        "round": _ROUND,
        "enterprises": settings.same_amount_enterprises,
        "days": _DAYS,
        "burst": _BURST_SHARE,
    }


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T20",
    severity="weak",
    typology="T20",
    title_zh=FLAG_TITLES["T20"].zh,
    title_en=FLAG_TITLES["T20"].en,
    hit_zh="该机构{days}天内有{measured:int}家企业合同金额同为{contract_amount:money}元（预警阈值{lim:int}家），"
    "平时少见",
    hit_en="{measured:int} enterprises of this institution have contracts of exactly "
    "{contract_amount:money} yuan within {days} days (line: {lim:int}), an amount otherwise rare",
    scope=Scope(Level.INSTITUTION, tables=("claims", "market_prices")),
    feature=True,
    evaluate=evaluate,
)
