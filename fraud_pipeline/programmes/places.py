"""Where a party is, against the words of the law: one question for enterprises and institutions.

Inside: region or address contain a word of the pack. Outside: they name a province or prefecture that is
neither in the area nor around it, or a code of another one. Anything else (a township, a
development zone) is not known to be outside and is not judged.
"""

from __future__ import annotations

from typing import Literal

import pyarrow as pa

from fraud_pipeline.programmes.divisions import divisions, leading_division
from fraud_pipeline.programmes.rule import RuleContext

# Regions are few and addresses many: words are looked up once a region, and in an address
# only where the region alone does not show the place. A division is around the area, or within it, when
# one code begins with the other.
_STATEMENT = """
WITH home AS (
    SELECT a.nth, a.claim_id, a.regime, p.{party}_id AS party, p.region, p.address,
           regexp_extract(p.address, $leading, 1) AS leading
      FROM claims_to_judge a LEFT JOIN {party}s p USING ({party}_id)
), area AS (
    SELECT regime, {words} AS words,
           list_filter({words}, lambda w: regexp_full_match(w, '[0-9]+')) AS codes FROM law
), elsewhere AS (
    SELECT a.regime, d.code, d.name FROM area a, divisions d
     WHERE len(a.codes) > 0 AND NOT list_bool_or(list_transform(a.codes, lambda w:
           starts_with(w, d.code) OR starts_with(d.code, w)))
), known AS (
    SELECT h.regime, h.region, len(list_filter(a.words, lambda w: CASE
             WHEN regexp_full_match(w, '[0-9]+') THEN starts_with(h.region, w)
             ELSE contains(h.region, w) END)) AS n,
           EXISTS (FROM elsewhere x WHERE x.regime = h.regime AND CASE
             WHEN regexp_full_match(h.region, '[0-9]+') THEN starts_with(h.region, x.code)
             ELSE contains(h.region, x.name) END) AS outside
      FROM (SELECT DISTINCT regime, region FROM home) h JOIN area a USING (regime)
)
SELECT h.claim_id, concat_ws(' ', h.region, h.address) AS place, l.{words}_clause AS clause,
       CASE WHEN k.n > 0 THEN k.n ELSE len(list_filter(l.{words}, lambda w:
            NOT regexp_full_match(w, '[0-9]+') AND contains(h.address, w))) END::DOUBLE AS measured,
       1.0 AS lim, measured < 1 AS hit,
       CASE WHEN h.party IS NULL THEN 'no_{party}'
            WHEN h.region IS NULL THEN '{party}s.region'
            WHEN measured < 1 AND NOT k.outside AND NOT EXISTS (FROM elsewhere x
                 WHERE x.regime = h.regime AND x.name = h.leading) THEN 'unknown_place' END AS why
  FROM home h JOIN law l USING (regime) LEFT JOIN known k ON k.regime = h.regime
   AND k.region = h.region
 ORDER BY h.nth
"""


def located(
    context: RuleContext, party: Literal["enterprise", "institution"], words: str
) -> pa.Table:
    """The answers of a rule whether ``party`` sits where the law's ``words`` say."""
    statement = _STATEMENT.format(party=party, words=words)
    return context.query(statement, {"leading": leading_division()}, divisions=divisions())
