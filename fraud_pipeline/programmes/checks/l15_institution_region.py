"""Whether the institution is located where the programme allows."""

import pyarrow as pa

from fraud_pipeline.programmes.check import Case, Check

# Regions are few and addresses many: words are looked up once a region, and in an address
# only where the region alone does not show the place.
_STATEMENT = """
WITH home AS (
    SELECT a.nth, a.claim_id, a.regime, i.institution_id AS party, i.region, i.address
      FROM asked a LEFT JOIN institutions i USING (institution_id)
), known AS (
    SELECT h.regime, h.region, len(list_filter(l.institution_region_words, lambda w: CASE
             WHEN regexp_full_match(w, '[0-9]+') THEN starts_with(h.region, w)
             ELSE contains(h.region, w) END)) AS n
      FROM (SELECT DISTINCT regime, region FROM home) h JOIN law l USING (regime)
)
SELECT h.claim_id, concat_ws(' ', h.region, h.address) AS place, l.institution_region_words_clause AS clause,
       CASE WHEN k.n > 0 THEN k.n ELSE len(list_filter(l.institution_region_words, lambda w:
            NOT regexp_full_match(w, '[0-9]+') AND contains(h.address, w))) END::DOUBLE AS measured,
       1.0 AS lim, measured < 1 AS hit,
       CASE WHEN h.party IS NULL THEN 'no_institution'
            WHEN h.region IS NULL THEN 'institutions.region' END AS why
  FROM home h JOIN law l USING (regime) LEFT JOIN known k ON k.regime = h.regime
   AND k.region = h.region
 ORDER BY h.nth
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
