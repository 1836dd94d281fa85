"""Revenue or staff a hair below the programme's size limit.

Weak: honest enterprises end there too. It asks the reviewer for the tax return, no more.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_STATEMENT = """
SELECT a.claim_id, e.annual_revenue, l.revenue_max_amount AS most,
       e.annual_revenue::DOUBLE / nullif(l.revenue_max_amount, 0)::DOUBLE AS measured,
       $near AS lim, measured >= $near AND measured <= 1 AS hit,
       l.revenue_max_amount_clause AS clause,
       CASE WHEN e.enterprise_id IS NULL THEN 'no_enterprise'
            WHEN e.annual_revenue IS NULL THEN 'enterprises.annual_revenue' END AS why
  FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN enterprises e USING (enterprise_id)
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"near": settings.near_threshold_share}


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T24",
    severity="weak",
    typology="T24",
    title_zh=FLAG_TITLES["T24"].zh,
    title_en=FLAG_TITLES["T24"].en,
    needs=("enterprises",),
    law=("revenue_max_amount",),
    hit_zh="上年度营业收入{annual_revenue:money}元，为上限{most:money}元的{measured:pct}（提示线{lim:pct}）",
    hit_en="last year's revenue of {annual_revenue:money} yuan is {measured:pct} of the limit of "
    "{most:money} yuan (line: {lim:pct})",
    scope=Scope(Level.CLAIM, tables=("enterprises",)),
    feature=True,
    evaluate=evaluate,
)
