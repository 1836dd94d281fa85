"""Whether the institution is of a kind that may take vouchers, and of the area."""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
SELECT a.claim_id, i.category, l.institution_categories_clause AS clause,
       list_contains(l.institution_categories, i.category)::INTEGER::DOUBLE AS measured,
       1.0 AS lim, measured < 1 AS hit,
       CASE WHEN i.institution_id IS NULL THEN 'no_institution' END AS why
  FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN institutions i USING (institution_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L09",
    severity="hard",
    feature=True,
    typology="T24",
    title_zh="机构类别",
    title_en="Institution category",
    needs=("institutions",),
    law=("institution_categories",),
    hit_zh="机构类别{category}不在可收券机构之列，匹配{measured:int}类，须{lim:int}类（{clause}）",
    hit_en="an institution of category {category} may not take vouchers "
    "({measured:int} matches, {lim:int} needed)",
    scope=Scope(Level.CLAIM, tables=("institutions",)),
    evaluate=evaluate,
)
