"""How far a hit counts: what a firm is, is told and weighs nothing; what was done weighs.

T15 looks at age and staff, so it hits honest new micro-firms too. Alone it is right about as often
as any claim is improper, and beside other hits it makes none of them likelier to be right; weighed, it
put honest young firms among the first tenth. How such firms fare now is told by
`python -m benchmarks.fairness`.
"""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.core.sql import query

# How far one hit of each severity goes towards certainty: a hit of weight w leaves 1 - w of the
# doubt. Assumptions that only order the claims: the shipped model gives them their calibrated
# weight, and the line is refitted to verdicts. The same in features and in typology scores.
SEVERITY_WEIGHTS = {"hard": 0.8, "strong": 0.5, "weak": 0.12}

OF_THE_FIRM = ("T15",)  # flags that look at who the claimant is, not at what was done

# One row a hit: claim_id, rule_code, severity as it is weighed, fires_often and the sentences.
# Parameters: $of_the_firm, a list of rule codes.
WEIGHED_HITS = """
SELECT r.claim_id, r.rule_code, k.fires_often, r.sentence_zh, r.sentence_en,
       CASE WHEN list_contains($of_the_firm, r.rule_code) THEN 'info' ELSE k.severity
       END AS severity
  FROM rule_results r JOIN rules k USING (rule_code) WHERE r.outcome = 'hit'
 ORDER BY r.claim_id, r.rule_code
"""


def weighed_hits(rule_results: pa.Table, rules: pa.Table) -> pa.Table:
    """RULE_RESULTS that are hits, with the severity each is weighed by."""
    return query(
        WEIGHED_HITS,
        {"rule_results": rule_results, "rules": rules},
        {"of_the_firm": list(OF_THE_FIRM)},
    )
