"""Employees of the enterprise against the programme's size limit."""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
SELECT a.claim_id, e.employees::DOUBLE AS measured, l.employees_max::DOUBLE AS lim,
       e.employees > l.employees_max AS hit, l.employees_max_clause AS clause,
       CASE WHEN e.enterprise_id IS NULL THEN 'no_enterprise'
            WHEN e.employees IS NULL THEN 'enterprises.employees' END AS why
  FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN enterprises e USING (enterprise_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L21",
    severity="hard",
    feature=True,
    typology="T24",
    title_zh="从业人数上限",
    title_en="Staff limit",
    needs=("enterprises",),
    law=("employees_max",),
    hit_zh="从业{measured:int}人，超过{lim:int}人（{clause}）",
    hit_en="{measured:int} employees, above {lim:int}",
    scope=Scope(Level.CLAIM, tables=("enterprises",)),
    evaluate=evaluate,
)
