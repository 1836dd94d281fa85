"""Unit slips: amounts of one deal that are ten thousand times apart (元 against 万元).

A slip of the unit looks like an overpriced or undercharged service to every later
step, so it is said before anybody is suspected of anything. Nothing is changed.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.schema import INPUT_TABLES

_SHOWN = 5
_SLIPS = pa.schema([("table", pa.string()), ("file", pa.string()), ("sheet", pa.string()), ("row", pa.int64()),
                    ("column", pa.string()), ("value", pa.string()), ("compared", pa.string()),
                    ("with", pa.string())])  # fmt: skip
# Taxes and discounts move the ratio of 10,000 a little. Amounts of one deal, each with what the others say about it. A claim far above its own
# contract (public money is a part of the price, never a thousand times it) is a slip as well.
_STATEMENT = """
WITH billed AS (
    SELECT contract_id, sum(amount) AS amount FROM invoices
    WHERE contract_id IS NOT NULL AND amount > 0 AND status IS DISTINCT FROM '作废' GROUP BY contract_id
), agreed AS (
    SELECT contract_id, min(amount) AS amount FROM contracts GROUP BY contract_id
), stated AS (
    SELECT 'claims' AS "table", source_file, source_sheet, source_row, contract_id, 'contract_amount' AS "column",
           contract_amount AS amount FROM claims
    UNION ALL
    SELECT 'contracts', source_file, source_sheet, source_row, contract_id, 'amount', amount FROM contracts
), apart AS (
    SELECT s.*, b.amount AS other, 'invoices' AS of_what, 1 AS rank
    FROM stated s JOIN billed b USING (contract_id)
    WHERE s.amount > 0 AND greatest(s.amount, b.amount) BETWEEN 9000 * least(s.amount, b.amount)
                                                            AND 11000 * least(s.amount, b.amount)
    UNION ALL
    SELECT s.*, a.amount, 'contracts', 2 FROM stated s JOIN agreed a USING (contract_id)
    WHERE s."table" = 'claims' AND s.amount > 0 AND a.amount > 0
      AND greatest(s.amount, a.amount) BETWEEN 9000 * least(s.amount, a.amount)
                                           AND 11000 * least(s.amount, a.amount)
    UNION ALL
    SELECT 'claims', source_file, source_sheet, source_row, contract_id, 'contract_amount', contract_amount,
           claimed_amount, 'claims.claimed_amount', 3
    FROM claims WHERE contract_amount > 0 AND claimed_amount > 1000 * contract_amount
)
SELECT "table", source_file AS file, source_sheet AS sheet, source_row AS row, "column",
       amount::VARCHAR AS value, other::VARCHAR AS compared, of_what AS "with"
FROM apart QUALIFY row_number() OVER (PARTITION BY "table", file, sheet, row ORDER BY rank) = 1
ORDER BY "table", file, sheet, row
"""


def find_unit_slips(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Rows whose amount is about 10,000 times, or a 10,000th of, what other papers of the deal say.

    Columns: table, file, sheet, row, column, value, compared (the other amount), with (its table).
    """
    amounts_by_column = {
        name: tables.get(name, INPUT_TABLES[name].empty())
        for name in ("claims", "contracts", "invoices")
    }
    return query(_STATEMENT, amounts_by_column).cast(_SLIPS)


def unit_slips(tables: Mapping[str, pa.Table]) -> list[str]:
    """One remark that names the first slips, or none."""
    slips = find_unit_slips(tables)
    if not slips.num_rows:
        return []
    shown = [
        f"{row['file']} row {row['row']} ({row['value']} against {row['compared']})"
        for row in slips.slice(0, _SHOWN).to_pylist()
    ]
    more = f" and {slips.num_rows - _SHOWN} more" if slips.num_rows > _SHOWN else ""
    return [f"元 or 万元? amounts 10,000 times apart from their invoices: {', '.join(shown)}{more}"]
