"""Whether the enterprise is located where the programme pays.

The region, and where that is not conclusive the address, must contain one of the pack's
words (city, districts, development zones).
"""

import pyarrow as pa

from fraud_pipeline.programmes.check import Case, Check

# Regions are few and addresses many: words are looked up once a region, and in an address
# only where the region alone does not show the place.
_STATEMENT = """
WITH home AS (
    SELECT a.nth, a.claim_id, a.regime, e.enterprise_id AS party, e.region, e.address
      FROM asked a LEFT JOIN enterprises e USING (enterprise_id)
), known AS (
    SELECT h.regime, h.region, len(list_filter(l.region_words, lambda w: CASE
             WHEN regexp_full_match(w, '[0-9]+') THEN starts_with(h.region, w)
             ELSE contains(h.region, w) END)) AS n
      FROM (SELECT DISTINCT regime, region FROM home) h JOIN law l USING (regime)
)
SELECT h.claim_id, concat_ws(' ', h.region, h.address) AS place, l.region_words_clause AS clause,
       CASE WHEN k.n > 0 THEN k.n ELSE len(list_filter(l.region_words, lambda w:
            NOT regexp_full_match(w, '[0-9]+') AND contains(h.address, w))) END::DOUBLE AS measured,
       1.0 AS lim, measured < 1 AS hit,
       CASE WHEN h.party IS NULL THEN 'no_enterprise'
            WHEN h.region IS NULL THEN 'enterprises.region' END AS why
  FROM home h JOIN law l USING (regime) LEFT JOIN known k ON k.regime = h.regime
   AND k.region = h.region
 ORDER BY h.nth
"""


def evaluate(case: Case) -> pa.Table:
    return case.query(_STATEMENT)


CHECK = Check(
    code="L08",
    severity="hard",
    typology="T24",
    title_zh="企业所在地",
    title_en="Location of the enterprise",
    needs=("enterprises",),
    law=("region_words",),
    hit_zh="企业地址“{place}”不在规定地区内，匹配{measured:int}处，至少须{lim:int}处（{clause}）",
    hit_en="the enterprise's place '{place}' is not in the programme's area "
    "({measured:int} matches, {lim:int} needed)",
    evaluate=evaluate,
)
