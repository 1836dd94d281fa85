"""Whether the enterprise holds one of the qualifications the programme asks for.

Severity strong, not hard: the Wuhan source says the holders are "mainly" of these kinds. A code that
neither the pack nor the vocabulary knows may be one of them, so it leaves the claim unjudged.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.vocabulary.parties import QUALIFICATIONS

_STATEMENT = """
WITH holder AS (
    SELECT a.nth, a.claim_id, a.regime, e.enterprise_id, e.qualifications AS has
      FROM claims_to_judge a LEFT JOIN enterprises e USING (enterprise_id)
), counted AS (
    SELECT h.regime, h.has, list_filter(list_transform(string_split(
               replace(h.has, '；', ';'), ';'), lambda w: trim(w)), lambda w: w != '') AS codes,
           len(list_intersect(codes, l.qualifications_any_of)) AS n,
           NOT list_has_all($known, codes) AS strange
      FROM (SELECT DISTINCT regime, has FROM holder) h JOIN law l USING (regime)
)
SELECT h.claim_id, h.has, l.qualifications_any_of_clause AS clause, k.n::DOUBLE AS measured,
       1.0 AS lim, k.n < 1 AS hit,
       CASE WHEN h.enterprise_id IS NULL THEN 'no_enterprise'
            WHEN h.has IS NULL THEN 'enterprises.qualifications'
            WHEN k.n < 1 AND k.strange THEN 'unknown_qualification' END AS why
  FROM holder h JOIN law l USING (regime) LEFT JOIN counted k ON k.regime = h.regime
   AND k.has = h.has
 ORDER BY h.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, {"known": list(QUALIFICATIONS)})


RULE = Rule(
    code="L07",
    severity="strong",
    feature=True,
    typology="T24",
    title_zh="企业资格",
    title_en="Qualification of the enterprise",
    needs=("enterprises",),
    law=("qualifications_any_of",),
    hit_zh="认定情况为“{has}”，符合的资格{measured:int}项，至少须{lim:int}项（{clause}）",
    hit_en="qualifications '{has}': {measured:int} of those asked for, at least {lim:int} needed",
    scope=Scope(Level.CLAIM, tables=("enterprises",)),
    check_zh="请核对资格代码",
    check_en="check the codes of qualifications",
    evaluate=evaluate,
)
