"""Where a party is, against the words of the law: one question for enterprises and institutions."""

from __future__ import annotations

from typing import Literal

# Regions are few and addresses many: words are looked up once a region, and in an address
# only where the region alone does not show the place.
_STATEMENT = """
WITH home AS (
    SELECT a.nth, a.claim_id, a.regime, p.{party}_id AS party, p.region, p.address
      FROM claims_to_judge a LEFT JOIN {party}s p USING ({party}_id)
), known AS (
    SELECT h.regime, h.region, len(list_filter(l.{words}, lambda w: CASE
             WHEN regexp_full_match(w, '[0-9]+') THEN starts_with(h.region, w)
             ELSE contains(h.region, w) END)) AS n
      FROM (SELECT DISTINCT regime, region FROM home) h JOIN law l USING (regime)
)
SELECT h.claim_id, concat_ws(' ', h.region, h.address) AS place, l.{words}_clause AS clause,
       CASE WHEN k.n > 0 THEN k.n ELSE len(list_filter(l.{words}, lambda w:
            NOT regexp_full_match(w, '[0-9]+') AND contains(h.address, w))) END::DOUBLE AS measured,
       1.0 AS lim, measured < 1 AS hit,
       CASE WHEN h.party IS NULL THEN 'no_{party}'
            WHEN h.region IS NULL THEN '{party}s.region' END AS why
  FROM home h JOIN law l USING (regime) LEFT JOIN known k ON k.regime = h.regime
   AND k.region = h.region
 ORDER BY h.nth
"""


def located(party: Literal["enterprise", "institution"], words: str) -> str:
    """The statement of a check whether ``party`` sits where the law's ``words`` say."""
    return _STATEMENT.format(party=party, words=words)
