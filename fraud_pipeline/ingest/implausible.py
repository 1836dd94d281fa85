"""Values that contradict themselves or everything else: audit results, and amounts beyond all others.

An audit result that cannot be true would move every estimate made from it, so the row is set aside
with its reason. An amount far beyond the programme's others stays, because it may be true, and is
named before anybody reads a total.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.ingest.notebook import ROW_LOST, Notebook, Where
from fraud_pipeline.schema import INPUT_TABLES

TIMES_THE_NEXT = 1000  # an amount that many times the programme's largest other
_SHOWN = 5
_FAULTS = """
WITH joined AS (
    SELECT o.nth, o.source_file AS file, o.source_sheet AS sheet, o.source_row AS row, o.verdict,
           o.disallowed_amount AS money, o.decided_on, o.inclusion_prob AS chance,
           c.claimed_amount AS claimed, c.submitted_on
      FROM outcomes o LEFT JOIN claims c USING (claim_id)
), judged AS (
    SELECT nth, file, sheet, row, unnest([
        CASE WHEN money < 0 THEN {'column': 'disallowed_amount', 'value': money::VARCHAR, 'reason': 'disallowed_below_zero'} END,
        CASE WHEN money > claimed THEN {'column': 'disallowed_amount', 'value': money::VARCHAR, 'reason': 'disallowed_above_claimed'} END,
        CASE WHEN verdict = 'clean' AND money > 0 THEN {'column': 'disallowed_amount', 'value': money::VARCHAR, 'reason': 'clean_with_money'} END,
        CASE WHEN decided_on < submitted_on THEN {'column': 'decided_on', 'value': decided_on::VARCHAR, 'reason': 'decided_before_claimed'} END,
        CASE WHEN chance <= 0 OR chance > 1 THEN {'column': 'inclusion_prob', 'value': chance::VARCHAR, 'reason': 'impossible_chance'} END
    ]) AS f FROM joined
)
SELECT nth, file, sheet, row, f."column" AS "column", f.value AS value, f.reason AS reason
  FROM judged WHERE f IS NOT NULL ORDER BY file, sheet, row, reason
"""
_STRAY = """
SELECT o.source_file AS file, o.source_row AS row, o.claim_id AS value
  FROM outcomes o ANTI JOIN claims c USING (claim_id) ORDER BY 1, 2
"""
_HUGE = """
WITH amounts AS (
    SELECT programme, source_file AS file, source_row AS row, unnest([
        {'column': 'contract_amount', 'value': contract_amount}, {'column': 'claimed_amount', 'value': claimed_amount}]) AS a
      FROM claims
), placed AS (
    SELECT programme, file, row, a."column" AS "column", a.value AS value,
           lead(a.value) OVER (PARTITION BY programme, a."column" ORDER BY a.value DESC NULLS LAST, file, row) AS next,
           row_number() OVER (PARTITION BY programme, a."column" ORDER BY a.value DESC NULLS LAST, file, row) AS place
      FROM amounts
)
SELECT file, row, "column", value::VARCHAR AS value, next::VARCHAR AS next FROM placed
 WHERE place = 1 AND next > 0 AND value >= $times * next ORDER BY file, row, "column"
"""


def without_impossible_outcomes(tables: Mapping[str, pa.Table], notes: Notebook) -> pa.Table | None:
    """The outcomes that can be true; the others go to quarantine. None where there are none."""
    outcomes = tables.get("outcomes")
    if outcomes is None or not outcomes.num_rows:
        return outcomes
    numbered = outcomes.append_column("nth", pa.array(np.arange(outcomes.num_rows)))
    faults = query(_FAULTS, {"outcomes": numbered, "claims": tables["claims"]})
    for fault in faults.to_pylist():
        rows = np.array([fault["row"]], dtype=np.int64)
        where = Where("outcomes", fault["file"], fault["sheet"])
        notes.lose_rows(where, rows, fault["column"], pa.array([fault["value"]], pa.string()),
                        fault["reason"], ROW_LOST)  # fmt: skip
    possible = np.ones(outcomes.num_rows, dtype=bool)
    possible[faults["nth"].to_numpy()] = False
    return outcomes.filter(pa.array(possible))


def implausible(tables: Mapping[str, pa.Table]) -> list[str]:
    """Remarks: amounts beyond all others, and audit results on claims that are not in the data."""
    claims = tables["claims"]
    outcomes = tables.get("outcomes", INPUT_TABLES["outcomes"].empty())
    huge = query(_HUGE, {"claims": claims}, {"times": TIMES_THE_NEXT}).to_pylist()
    remarks = [
        f"{row['file']} row {row['row']}, column {row['column']}: {row['value']} is more than {TIMES_THE_NEXT:,} times "
        f"the next largest ({row['next']}); it rules every total, check it first"
        for row in huge
    ]  # fmt: skip
    stray = query(_STRAY, {"outcomes": outcomes, "claims": claims}).to_pylist()
    if stray:
        shown = ", ".join(
            f"{row['file']} row {row['row']} ({row['value']})" for row in stray[:_SHOWN]
        )
        more = f" and {len(stray) - _SHOWN} more" if len(stray) > _SHOWN else ""
        remarks.append(f"audit results on claims that are not in the data, not used: {shown}{more}")
    return remarks
