"""Whether the institution is located where the programme allows."""

import pyarrow as pa

from fraud_pipeline.programmes.check import Case, Check

_STATEMENT = """
SELECT a.claim_id, concat_ws(' ', i.region, i.address) AS place,
       l.institution_region_words_clause AS clause,
       len(list_filter(l.institution_region_words, lambda w: contains(place, w)))::DOUBLE
           AS measured,
       1.0 AS lim, measured < 1 AS hit,
       CASE WHEN i.institution_id IS NULL THEN 'no_institution'
            WHEN i.region IS NULL THEN 'institutions.region' END AS why
  FROM asked a JOIN law l USING (regime) LEFT JOIN institutions i USING (institution_id)
 ORDER BY a.claim_id
"""


def evaluate(case: Case) -> pa.Table:
    return case.query(_STATEMENT)


CHECK = Check(
    code="L15",
    severity="hard",
    typology="T24",
    title_zh="机构所在地",
    title_en="Location of the institution",
    needs=("institutions",),
    law=("institution_region_words",),
    hit_zh="机构地址“{place}”不在规定地区内，匹配{measured:int}处，至少须{lim:int}处（{clause}）",
    hit_en="the institution's place '{place}' is not in the programme's area "
    "({measured:int} matches, {lim:int} needed)",
    evaluate=evaluate,
)
