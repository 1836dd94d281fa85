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

POWER_SLIP = 0.0044  # of a power of ten, in decimal logarithms: 1 %
AGREE = 0.01  # contract and invoices are the same amount up to this share, or up to the tax
PAPERS = {  # tables, and their columns, that tell whether a claim's amount is a slip of the pen
    "contracts": ("contract_id", "enterprise_id", "institution_id", "amount"),
    "invoices": ("contract_id", "amount", "tax_rate", "status"),
}

# A claim's amount off by a power of ten from what its contract and the contract's invoices agree on. Where
# the claim asks for less, one invoice must bill the whole: several may be what several claims are for.
_SLIPS = """
WITH off AS (
    SELECT c.claim_id, c.contract_id, k.amount,
           log10(c.contract_amount::DOUBLE / k.amount::DOUBLE) AS power
    FROM claims c JOIN contracts k ON k.contract_id = c.contract_id
         AND k.enterprise_id = c.enterprise_id AND k.institution_id = c.institution_id
    WHERE c.contract_amount > 0 AND k.amount > 0 AND round(power) <> 0
      AND abs(power - round(power)) <= $slip
), billed AS (
    SELECT contract_id, sum(amount)::DOUBLE AS total, count(*) AS n,
           1 + coalesce(max(tax_rate)::DOUBLE, 0) AS taxed
    FROM invoices WHERE coalesce(status, '正常') = '正常' AND contract_id IN (SELECT contract_id FROM off)
    GROUP BY ALL
)
SELECT o.claim_id, CAST(o.amount * 100 AS BIGINT) AS agreed_fen
FROM off o JOIN billed b USING (contract_id)
WHERE (o.power > 0 OR b.n = 1)
  AND least(abs(b.total / o.amount::DOUBLE - 1), abs(b.total / o.amount::DOUBLE / b.taxed - 1),
            abs(b.total / o.amount::DOUBLE * b.taxed - 1)) <= $agree
"""

_STATEMENT = """
SELECT c.claim_id, c.programme, coalesce(c.source_kind, c.service_type) AS service_type,
       c.service_type AS parent_type, c.enterprise_id, c.institution_id,
       coalesce(i.region, '') AS region, coalesce(i.category, '') AS category,
       coalesce(nullif(trim(c.unit), ''), nullif(c.told_unit, ''), '项') AS unit,
       c.service_title AS title,
       CAST(c.submitted_on - DATE '1970-01-01' AS BIGINT) AS day,
       coalesce(a.agreed_fen, CAST(c.contract_amount * 100 AS BIGINT)) AS fen,
       CASE WHEN a.agreed_fen IS NOT NULL THEN CAST(c.contract_amount * 100 AS BIGINT) END AS claim_fen,
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
LEFT JOIN slips a ON a.claim_id = c.claim_id
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

    ``fen`` is the claim's contract amount, or the amount its contract and invoices agree on where the claim's is
    off by a power of ten (``claim_fen``: what the claim says there, else null): an error to be put right, not a
    price. ``log_price`` is the natural logarithm of yuan a unit, null where ``reason``
    (zh; ``reason_en``) says why there is none; ``bad_day`` the day an audit found against the claim;
    ``from_title`` that the quantity was read from the title of a bundle.
    """
    lumps = pa.table({"unit": list(LUMP_UNITS)})
    inputs = {name: tables[name] for name in ("claims", "institutions", "outcomes")}
    rows = query(
        _STATEMENT, {**inputs, "lumps": lumps, "slips": _amount_slips(tables)}, {"many": BUNDLE}
    )
    words = pa.table(
        {
            "code": list(UNPRICED),
            "zh": [term.zh for term in UNPRICED.values()],
            "en": [term.en for term in UNPRICED.values()],
        }
    )
    return query(_PRICED, {"priced": rows, "words": words})


def _amount_slips(tables: Tables) -> pa.Table:
    """claim_id, agreed_fen of claims whose amount is off by a power of ten from their papers'."""
    inputs = {name: tables[name].select(list(columns)) for name, columns in PAPERS.items()}
    return query(
        _SLIPS, {**inputs, "claims": tables["claims"]}, {"slip": POWER_SLIP, "agree": AGREE}
    )
