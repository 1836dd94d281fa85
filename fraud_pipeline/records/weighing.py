"""How far a hit counts: what a firm is, is told and weighs nothing; what was done weighs.

T15 looks at age and staff, so it hits honest new micro-firms too. Alone it is right about as often
as any claim is improper (20 % of 593 claims; worlds of Shanxi, Zhejiang and Changxing, development
seeds 6-10). Beside other hits it adds nothing to them: 55 % of 415 such claims are improper, and 54 %
of 9,962 that have other hits without it. Weighing it there took honest claims of firms under two
years with fewer than ten staff from 1.2 to 1.7 (Shanxi), 1.8 to 2.1 (Changxing) and 2.0 to 2.9
(Zhejiang) times the usual rate among the first tenth by risk, and average precision not at all
(`python -m benchmarks.fairness --development --worlds 5`).
"""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.sql import query

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
