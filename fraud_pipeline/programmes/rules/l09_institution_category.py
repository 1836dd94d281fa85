"""Whether the institution is of a kind that may take vouchers.

A category that the vocabulary does not know, or that says no more than "other", is not judged. A
bureau's own kind of institution may take vouchers where it is listed itself, or its parent is.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.vocabulary.parties import INSTITUTION_CATEGORIES

_STATEMENT = """
SELECT a.claim_id, coalesce(i.source_kind, i.category) AS category,
       l.institution_categories_clause AS clause,
       (list_contains(l.institution_categories, i.category)
        OR coalesce(list_contains(l.institution_categories, i.source_kind), false))::INTEGER::DOUBLE AS measured,
       1.0 AS lim, measured < 1 AS hit,
       CASE WHEN i.institution_id IS NULL THEN 'no_institution'
            WHEN i.category IS NULL THEN 'institutions.category'
            WHEN measured < 1 AND NOT list_contains($known, i.category)
             AND NOT coalesce(list_contains(l.own_kinds, i.source_kind), false) THEN 'unknown_category'
       END AS why
  FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN institutions i USING (institution_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, {"known": sorted(set(INSTITUTION_CATEGORIES) - {"other"})})


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
    check_zh="请核对机构类别",
    check_en="check the categories of institutions",
    evaluate=evaluate,
)
