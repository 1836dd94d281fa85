"""Whether the two had dealt before, where a programme pays only for a first acquaintance."""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
WITH earlier AS (
    SELECT a.claim_id, count(DISTINCT coalesce(c.contract_id, c.claim_id)) AS n,
           min(c.submitted_on) AS first_on
      FROM claims_to_judge a JOIN law l USING (regime) JOIN claims c
        ON c.enterprise_id = a.enterprise_id AND c.institution_id = a.institution_id
       AND c.submitted_on < a.submitted_on AND c.claim_id != a.claim_id
       AND coalesce(c.contract_id, '') != coalesce(a.contract_id, c.claim_id)
     WHERE l.new_supplier_required GROUP BY a.claim_id
)
SELECT a.claim_id, a.institution_id, coalesce(e.n, 0)::DOUBLE AS measured, 0.0 AS lim,
       e.n IS NOT NULL AS hit, e.first_on, l.new_supplier_required_clause AS clause,
       NULL::VARCHAR AS why
  FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN earlier e USING (claim_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L29",
    severity="strong",
    feature=True,
    typology=None,
    title_zh="须为首次合作的机构",
    title_en="A provider new to the enterprise",
    law=("new_supplier_required",),
    hit_zh="企业与机构{institution_id}自{first_on}起已合作{measured:int}次，允许{lim:int}次（{clause}）",
    hit_en="the enterprise has dealt with {institution_id} {measured:int} times since {first_on}, "
    "{lim:int} allowed",
    scope=Scope(Level.ENTERPRISE, tables=("claims",)),
    evaluate=evaluate,
)
