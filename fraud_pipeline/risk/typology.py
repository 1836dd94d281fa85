"""How strongly the evidence points to each kind of irregularity, apart from the ranking.

A score of one typology is the noisy-or of what speaks for it: 1 − Π (1 − w). A hit of a red flag
counts w = ``SEVERITY_WEIGHTS`` of its severity (half where the flag fires often, as in
``rule_score``); a price above the market counts towards overpricing by how rare it is, up to w of a
strong flag; a ring counts towards the typologies it shows by its score, up to the same. Exact: the
evidence listed reproduces the score (``tests/risk``). It says what to look for, not how likely an
audit finds it: that is the risk, and ``share`` splits it over the typologies by their weight
of evidence −ln(1 − score).
"""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.features.flag_weights import SEVERITY_WEIGHTS
from fraud_pipeline.schema import RingSet
from fraud_pipeline.schema.outputs import TYPOLOGY_SCORES

_SCORES = """
WITH evidence AS (
    SELECT r.claim_id, k.typology, r.rule_code AS said,
           CASE k.severity WHEN 'hard' THEN $hard WHEN 'strong' THEN $strong WHEN 'weak' THEN $weak
                ELSE 0 END * CASE WHEN k.fires_often THEN 0.5 ELSE 1.0 END AS w
      FROM rule_results r JOIN rules k USING (rule_code)
     WHERE r.outcome = 'hit' AND k.typology IS NOT NULL
    UNION ALL
    SELECT claim_id, 'T04', 'price',
           $strong * least(6.0, -log10(greatest(p_value, 1e-6))) / 6.0
      FROM prices WHERE price_ratio > 1 AND p_value IS NOT NULL
    UNION ALL
    SELECT claim_id, typology, 'ring ' || ring_id, $strong * score FROM (
        SELECT c.claim_id, c.ring_id, r.score,
               unnest(regexp_extract_all(coalesce(r.typologies, ''), 'T[0-9]{2}')) AS typology
          FROM ring_claims c JOIN rings r USING (ring_id))
), scored AS (
    SELECT claim_id, typology, -sum(ln(1 - w) ORDER BY said) AS weight,
           string_agg(said, '; ' ORDER BY said) AS evidence
      FROM evidence WHERE w > 0 GROUP BY 1, 2
)
SELECT claim_id, typology, 1 - exp(-weight) AS score,
       weight / sum(weight) OVER (
           PARTITION BY claim_id ORDER BY typology
           ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS share, evidence
  FROM scored ORDER BY claim_id, typology
"""


def typology_scores(
    rule_results: pa.Table, rules: pa.Table, prices: pa.Table, ringset: RingSet
) -> pa.Table:
    """TYPOLOGY_SCORES: one row a claim and typology that anything speaks for, sorted by both."""
    return TYPOLOGY_SCORES.conform(query(
        _SCORES,
        {"rule_results": rule_results, "rules": rules, "prices": prices, "rings": ringset.rings,
         "ring_claims": ringset.claims},
        SEVERITY_WEIGHTS,
    ))  # fmt: skip
