"""Unit slips: amounts of one contract that are ten thousand times apart (元 against 万元).

A slip of the unit looks like an overpriced or undercharged service to every later
step, so it is said before anybody is suspected of anything. Nothing is changed.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.sql import query

_SHOWN = 5
_STATEMENT = """
WITH billed AS (
    SELECT contract_id, sum(amount) AS amount FROM invoices
    WHERE contract_id IS NOT NULL AND amount > 0 AND status IS DISTINCT FROM '作废' GROUP BY contract_id
), amounts AS (
    SELECT source_file, source_sheet, source_row, contract_id, contract_amount AS amount FROM claims
    UNION ALL
    SELECT source_file, source_sheet, source_row, contract_id, amount FROM contracts
)
SELECT a.source_file, a.source_sheet, a.source_row, a.amount AS stated, b.amount AS billed
FROM amounts a JOIN billed b USING (contract_id)
WHERE a.amount > 0 AND (a.amount / b.amount BETWEEN 9000 AND 11000 OR b.amount / a.amount BETWEEN 9000 AND 11000)
ORDER BY ALL
"""


def unit_slips(tables: Mapping[str, pa.Table]) -> list[str]:
    """Remarks naming the rows whose amount is about 10,000 times, or a 10,000th of, its invoices."""
    if "invoices" not in tables:
        return []
    given = {"invoices": tables["invoices"], "claims": tables["claims"],
             "contracts": tables.get("contracts", _no_contracts(tables["claims"]))}  # fmt: skip
    slips = query(_STATEMENT, given)
    if not slips.num_rows:
        return []
    shown = [
        f"{row['source_file']} row {row['source_row']} ({row['stated']} against {row['billed']})"
        for row in slips.slice(0, _SHOWN).to_pylist()
    ]
    more = f" and {slips.num_rows - _SHOWN} more" if slips.num_rows > _SHOWN else ""
    return [f"元 or 万元? amounts 10,000 times apart from their invoices: {', '.join(shown)}{more}"]


def _no_contracts(claims: pa.Table) -> pa.Table:
    empty = claims.slice(0, 0).select(["source_file", "source_sheet", "source_row", "contract_id"])
    return empty.append_column(
        "amount", pc.cast(pa.array([], pa.float64()), claims["contract_amount"].type)
    )
