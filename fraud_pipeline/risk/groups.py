"""To which group a claim belongs: city, size and age of the firm, category of the institution.

For accounts of how the model treats them (the model card, `benchmarks.fairness`); none of these
groups is a feature.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.schema import Tables

KINDS = ("city", "firm size", "firm age", "institution category", "new micro-firm")
UNKNOWN = "unknown"

# Sizes after the statistical classification of 2017: micro below 10 people, small below 100.
_GROUPS = """
SELECT c.claim_id,
    coalesce(e.region, $unknown) AS city,
    CASE WHEN e.employees IS NULL THEN $unknown WHEN e.employees < 10 THEN 'below 10'
         WHEN e.employees < 100 THEN '10-99' WHEN e.employees < 300 THEN '100-299'
         ELSE '300 and more' END AS "firm size",
    CASE WHEN e.founded_on IS NULL THEN $unknown
         WHEN c.submitted_on - e.founded_on < 365 THEN 'below 1 year'
         WHEN c.submitted_on - e.founded_on < 1095 THEN '1-3 years'
         WHEN c.submitted_on - e.founded_on < 3650 THEN '3-10 years'
         ELSE '10 years and more' END AS "firm age",
    coalesce(i.category, $unknown) AS "institution category",
    CASE WHEN e.employees < 10 AND c.submitted_on - e.founded_on < 730 THEN 'yes'
         WHEN e.employees IS NULL OR e.founded_on IS NULL THEN $unknown ELSE 'no'
    END AS "new micro-firm"
FROM claims c
LEFT JOIN enterprises e ON e.enterprise_id = c.enterprise_id
LEFT JOIN institutions i ON i.institution_id = c.institution_id
ORDER BY c.claim_id
"""


def groups_of(tables: Tables, claim_ids: pa.ChunkedArray | pa.Array) -> dict[str, np.ndarray]:
    """For each kind of group (n,) names, in the order of ``claim_ids``."""
    names = ("claims", "enterprises", "institutions")
    groups = query(_GROUPS, {n: tables[n] for n in names}, {"unknown": UNKNOWN}).to_pandas()
    rows = groups.set_index("claim_id").loc[claim_ids.to_pylist()]
    return {kind: rows[kind].to_numpy().astype(str) for kind in KINDS}
