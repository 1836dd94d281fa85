"""The hits of the rules with the severity by which each counts.

A rule that is not ``weighed`` describes the claimant and not what was done: its hits are shown and
count like those of severity info.
"""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.programmes.rules import ALL_RULES

# How far one hit of each severity goes towards certainty: a hit of weight w leaves 1 - w of the
# doubt. Assumptions that only order the claims: the shipped model gives them their calibrated
# weight, and the line is refitted to verdicts. The same in features and in typology scores.
SEVERITY_WEIGHTS = {"hard": 0.8, "strong": 0.5, "weak": 0.12}

UNWEIGHED = tuple(rule.code for rule in ALL_RULES if not rule.weighed)

# One row a hit: claim_id, rule_code, severity as it is weighed, fires_often and the sentences.
# Parameters: $unweighed, a list of rule codes.
WEIGHED_HITS = """
SELECT r.claim_id, r.rule_code, k.fires_often, r.sentence_zh, r.sentence_en,
       CASE WHEN list_contains($unweighed, r.rule_code) THEN 'info' ELSE k.severity
       END AS severity
  FROM rule_results r JOIN rules k USING (rule_code) WHERE r.outcome = 'hit'
 ORDER BY r.claim_id, r.rule_code
"""


def weighed_hits(rule_results: pa.Table, rules: pa.Table) -> pa.Table:
    """RULE_RESULTS that are hits, with the severity each is weighed by."""
    return query(
        WEIGHED_HITS,
        {"rule_results": rule_results, "rules": rules},
        {"unweighed": list(UNWEIGHED)},
    )
