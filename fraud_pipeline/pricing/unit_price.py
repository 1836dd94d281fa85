"""Unit prices of claims, or the reason why a claim has none."""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.schema import Tables
from fraud_pipeline.vocabulary.prices import UNPRICED

# A bundle that says its size: "发明专利代理40件" without a quantity is 40 of them, and told so.
BUNDLE = r"([1-9][0-9]{0,3})\s*(件|份|类|次|台|批)"

# A lump-sum job ("one item") is its own unit; so is a claim that names neither.
LUMP_UNITS = ("项", "个", "次", "批", "item", "")

_STATEMENT = """
SELECT c.claim_id, c.programme, coalesce(c.source_kind, c.service_type) AS service_type,
       c.service_type AS parent_type, c.enterprise_id, c.institution_id,
       coalesce(i.region, '') AS region, coalesce(i.category, '') AS category,
       coalesce(nullif(trim(c.unit), ''), nullif(c.told_unit, ''), '项') AS unit,
       c.service_title AS title,
       CAST(c.submitted_on - DATE '1970-01-01' AS BIGINT) AS day,
       CAST(c.contract_amount * 100 AS BIGINT) AS fen,
       CASE WHEN c.quantity IS NOT NULL THEN c.quantity
            WHEN c.told_unit <> '' THEN CAST(c.told AS DOUBLE)
            WHEN trim(coalesce(c.unit, '')) IN (SELECT unit FROM lumps) THEN 1.0 END AS quantity,
       c.quantity IS NULL AND c.told_unit <> '' AS from_title,
       c.service_type = 'other' AND c.source_kind IS NULL AND c.quantity IS NULL AND nullif(trim(c.unit), '') IS NULL
         AND nullif(trim(c.service_title), '') IS NULL AS mixed,
       CAST(coalesce(o.bad_on - DATE '1970-01-01', 1000000) AS BIGINT) AS bad_day
FROM (SELECT *, CASE WHEN quantity IS NULL THEN regexp_extract(service_title, $many, 1) END AS told,
             CASE WHEN quantity IS NULL AND coalesce(nullif(trim(unit), ''),
                       regexp_extract(service_title, $many, 2))
                       = regexp_extract(service_title, $many, 2)
                  THEN regexp_extract(service_title, $many, 2) ELSE '' END AS told_unit
      FROM claims) c
LEFT JOIN (SELECT institution_id, min(region) AS region, min(category) AS category
           FROM institutions GROUP BY 1) i USING (institution_id)
LEFT JOIN (SELECT claim_id, min(decided_on) AS bad_on FROM outcomes
           WHERE verdict IN ('fraud', 'irregular') GROUP BY 1) o USING (claim_id)
ORDER BY c.claim_id
"""

# The first of these that holds is the reason.
_PRICED = """
WITH coded AS (
SELECT *, CASE WHEN fen IS NULL OR fen <= 0 THEN 'amount'
               WHEN mixed THEN 'kind'
               WHEN quantity IS NULL THEN 'no_quantity'
               WHEN NOT (quantity > 0 AND isfinite(quantity)) THEN 'bad_quantity' END AS unpriced
FROM priced)
SELECT p.* EXCLUDE (unpriced), w.zh AS reason, w.en AS reason_en,
       CASE WHEN unpriced IS NULL THEN ln(fen / 100.0 / quantity) END AS log_price
FROM coded p LEFT JOIN words w ON w.code = p.unpriced ORDER BY claim_id
"""


def unit_prices(tables: Tables) -> pa.Table:
    """One row a claim, by claim_id: groups, day (days since 1970), fen, quantity, log_price.

    ``log_price`` is the natural logarithm of yuan a unit, null where ``reason``
    (zh; ``reason_en``) says why there is none; ``bad_day`` the day an audit found against the claim;
    ``from_title`` that the quantity was read from the title of a bundle.
    """
    lumps = pa.table({"unit": list(LUMP_UNITS)})
    inputs = {name: tables[name] for name in ("claims", "institutions", "outcomes")}
    rows = query(_STATEMENT, {**inputs, "lumps": lumps}, {"many": BUNDLE})
    words = pa.table(
        {
            "code": list(UNPRICED),
            "zh": [term.zh for term in UNPRICED.values()],
            "en": [term.en for term in UNPRICED.values()],
        }
    )
    return query(_PRICED, {"priced": rows, "words": words})
