"""An enterprise founded shortly before its first claim, without staff or without anybody in R&D.

Young alone is not suspicious: vouchers are meant for start-ups. Age and emptiness together
are asked; a staff number that is not known acquits nobody and convicts nobody.

Not weighed: it looks at age and staff, so it hits honest new micro-enterprises too. Alone it is right about
as often as any claim is improper, and beside other hits it makes none of them likelier to be right;
weighed, it put honest young enterprises among the first tenth (`python -m benchmarks.fairness`).
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_STATEMENT = """
WITH first AS (SELECT enterprise_id, min(submitted_on) AS first_on FROM claims GROUP BY 1)
SELECT a.claim_id, e.founded_on, (f.first_on - e.founded_on)::DOUBLE AS measured,
       $days::DOUBLE AS lim, coalesce(e.employees::VARCHAR, '?') AS staff,
       coalesce(e.rd_employees::VARCHAR, '?') AS rd_staff,
       measured < $days AND (coalesce(e.employees = 0, false)
                             OR coalesce(e.rd_employees = 0, false)) AS hit,
       CASE WHEN e.enterprise_id IS NULL THEN 'no_enterprise'
            WHEN e.founded_on IS NULL THEN 'enterprises.founded_on'
            WHEN measured < $days AND NOT hit AND e.employees IS NULL THEN 'enterprises.employees'
            WHEN measured < $days AND NOT hit AND e.rd_employees IS NULL
            THEN 'enterprises.rd_employees' END AS why
  FROM claims_to_judge a LEFT JOIN first f USING (enterprise_id)
  LEFT JOIN enterprises e USING (enterprise_id)
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"days": settings.shell_age_days}


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T15",
    severity="strong",
    typology="T15",
    title_zh=FLAG_TITLES["T15"].zh,
    title_en=FLAG_TITLES["T15"].en,
    needs=("enterprises",),
    hit_zh="企业成立{measured:int}天即首次申请（预警阈值{lim:int}天），从业{staff}人、研发{rd_staff}人",
    hit_en="the enterprise was {measured:int} days old at its first claim (line: {lim:int}), with {staff} staff and "
    "{rd_staff} in R&D",
    scope=Scope(Level.ENTERPRISE, tables=("claims", "enterprises")),
    weighed=False,
    compares_days=True,
    evaluate=evaluate,
)
