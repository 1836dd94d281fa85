"""What a claim's service is called, in its own title and on its invoices."""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.programmes.rule import RuleContext

_WORDS = """
WITH invoiced AS (
    SELECT contract_id, string_agg(DISTINCT item, '、' ORDER BY item) AS items,
           max(tax_rate) FILTER (list_contains($rates, round(tax_rate, 3))) AS goods_rate,
           max(tax_rate) AS rate, min(invoice_no) AS invoice
      FROM invoices WHERE contract_id IS NOT NULL GROUP BY contract_id
)
SELECT c.claim_id, concat_ws('、', c.service_title, i.items) AS words, i.goods_rate, i.rate, i.invoice
  FROM claims c LEFT JOIN invoiced i USING (contract_id)
 ORDER BY c.claim_id
"""


def service_words(context: RuleContext) -> pa.Table:
    """One row a claim: claim_id, words ('' = none known), goods_rate, rate, invoice.

    ``goods_rate`` is the invoices' VAT rate where it is one of goods, ``rate`` their highest.
    """
    rates = {"rates": list(context.settings.goods_vat_rates)}
    return context.cached("service_words", lambda: context.query(_WORDS, rates))
