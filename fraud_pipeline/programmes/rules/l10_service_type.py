"""Whether the service is one that vouchers may pay.

A bureau's own kind of service is eligible where it is listed itself, or its parent is. One
that no list and no pack knows is not judged.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
SELECT a.claim_id, coalesce(a.source_kind, a.service_type) AS service_type,
       l.service_types_clause AS clause,
       (list_contains(l.service_types, a.service_type)
        OR coalesce(list_contains(l.service_types, a.source_kind), false))::INTEGER::DOUBLE AS measured,
       1.0 AS lim, measured < 1 AS hit,
       CASE WHEN measured < 1 AND a.source_kind IS NOT NULL
             AND NOT list_contains(l.own_kinds, a.source_kind) THEN 'unknown_service' END AS why
  FROM claims_to_judge a JOIN law l USING (regime)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L10",
    severity="hard",
    feature=True,
    typology="T07",
    title_zh="服务类型",
    title_en="Service type",
    law=("service_types",),
    hit_zh="服务类型{service_type}不可用券，匹配{measured:int}类，须{lim:int}类（{clause}）",
    hit_en="service type {service_type} is not eligible ({measured:int} matches, {lim:int} needed)",
    scope=Scope(Level.CLAIM),
    evaluate=evaluate,
)
