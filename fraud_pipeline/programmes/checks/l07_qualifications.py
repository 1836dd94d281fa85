"""Whether the enterprise holds one of the qualifications the programme asks for.

Severity strong, not hard: the Wuhan source says the holders are "mainly" of these kinds.
"""

import pyarrow as pa

from fraud_pipeline.programmes.check import Case, Check

_STATEMENT = """
SELECT a.claim_id, e.qualifications AS has, l.qualifications_any_of_clause AS clause,
       list_transform(string_split(replace(e.qualifications, '；', ';'), ';'),
                      lambda w: trim(w)) AS held,
       len(list_intersect(held, l.qualifications_any_of))::DOUBLE AS measured, 1.0 AS lim,
       measured < 1 AS hit,
       CASE WHEN e.enterprise_id IS NULL THEN 'no_enterprise'
            WHEN e.qualifications IS NULL THEN 'enterprises.qualifications' END AS why
  FROM asked a JOIN law l USING (regime) LEFT JOIN enterprises e USING (enterprise_id)
 ORDER BY a.claim_id
"""


def evaluate(case: Case) -> pa.Table:
    return case.query(_STATEMENT).drop_columns(["held"])


CHECK = Check(
    code="L07",
    severity="strong",
    typology="T24",
    title_zh="企业资格",
    title_en="Qualification of the enterprise",
    needs=("enterprises",),
    law=("qualifications_any_of",),
    hit_zh="认定情况为“{has}”，符合的资格{measured:int}项，至少须{lim:int}项（{clause}）",
    hit_en="qualifications '{has}': {measured:int} of those asked for, at least {lim:int} needed",
    evaluate=evaluate,
)
