"""Revenue or staff a little below the size limit that decides who may hold a voucher.

Weak: honest enterprises end there too. It asks the reviewer for the tax return and the social security list.
A programme that states no limit of its own is judged by the national measures for evaluating
technology SMEs (国科发政〔2017〕115号): at most 200 million yuan of sales and 500 employees.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_NATIONAL = {"revenue": 200_000_000, "staff": 500}

_STATEMENT = """
WITH size AS (
    SELECT a.nth, a.claim_id, e.enterprise_id, e.annual_revenue, e.employees,
           coalesce(l.revenue_max_amount::DOUBLE, $revenue) AS most_revenue,
           coalesce(l.employees_max::DOUBLE, $staff) AS most_staff,
           l.revenue_max_amount_clause AS revenue_clause, l.employees_max_clause AS staff_clause,
           e.annual_revenue::DOUBLE / nullif(most_revenue, 0) AS by_revenue,
           e.employees::DOUBLE / nullif(most_staff, 0) AS by_staff
      FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN enterprises e USING (enterprise_id)
), near AS (
    SELECT *, CASE WHEN by_revenue <= 1 THEN by_revenue END AS r,
           CASE WHEN by_staff <= 1 THEN by_staff END AS s, coalesce(r >= s, r IS NOT NULL) AS revenue_first
      FROM size
)
SELECT claim_id, CASE WHEN revenue_first THEN by_revenue ELSE coalesce(s, by_revenue, by_staff) END AS measured,
       $near AS lim, measured BETWEEN $near AND 1 AS hit,
       CASE WHEN revenue_first THEN annual_revenue::DOUBLE ELSE employees::DOUBLE END AS figure,
       CASE WHEN revenue_first THEN most_revenue ELSE most_staff END AS most,
       CASE WHEN revenue_first THEN '上年度营业收入（元）' ELSE '上年度从业人数（人）' END AS what_zh,
       CASE WHEN revenue_first THEN 'revenue of last year, yuan,' ELSE 'number of employees' END AS what_en,
       CASE WHEN revenue_first THEN revenue_clause ELSE staff_clause END AS clause,
       CASE WHEN enterprise_id IS NULL THEN 'no_enterprise'
            WHEN measured IS NULL THEN 'enterprises.annual_revenue' END AS why
  FROM near ORDER BY nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"near": settings.near_threshold_share, **_NATIONAL}


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T24",
    severity="weak",
    typology="T24",
    title_zh=FLAG_TITLES["T24"].zh,
    title_en=FLAG_TITLES["T24"].en,
    needs=("enterprises",),
    hit_zh="{what_zh}{figure:money}，为上限{most:money}的{measured:pct}（预警阈值{lim:pct}）",
    hit_en="{what_en} {figure:money}: {measured:pct} of the limit of {most:money} (line: {lim:pct})",
    scope=Scope(Level.CLAIM, tables=("enterprises",)),
    feature=True,
    evaluate=evaluate,
)
