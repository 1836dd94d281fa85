"""A service for which the invoice names goods: by the VAT rate or by the class of the item.

A service bears 6 %; goods bore 17, then 16, since 2019 13 %. Items begin with the class of the tax
authority between asterisks (*计算机外部设备*服务器); classes of services say so (服务, 检测 …). Programmes that
pay hardware pass.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings

_STATEMENT = """
WITH billed AS (
    SELECT contract_id, min(invoice_no) AS invoice, max(tax_rate) AS rate,
           max(tax_rate) FILTER (list_contains($rates, round(tax_rate, 3))) AS goods_rate,
           any_value(item ORDER BY invoice_no) AS item,
           min(item) FILTER (regexp_matches(item, $classes)) AS goods_item
      FROM invoices WHERE contract_id IS NOT NULL GROUP BY contract_id
), seen AS (
    SELECT a.nth, a.claim_id, b.*, l.hardware_eligible AS allowed,
           (b.goods_rate IS NOT NULL)::INTEGER + (b.goods_item IS NOT NULL)::INTEGER AS signs
      FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN billed b USING (contract_id)
)
SELECT claim_id, signs::DOUBLE AS measured, 0.0 AS lim, coalesce(goods_item, item) AS item,
       coalesce(rate, 0) AS rate, signs > 0 AND NOT coalesce(allowed, false) AS hit,
       CASE WHEN signs > 0 THEN concat('invoice ', invoice) END AS evidence,
       CASE WHEN invoice IS NULL THEN 'no_invoice'
            WHEN rate IS NULL AND item IS NULL THEN 'invoices.item' END AS why
  FROM seen ORDER BY nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"rates": list(settings.goods_vat_rates), "classes": settings.goods_item_classes}


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T27",
    severity="strong",
    typology="T07",
    title_zh="发票项目为货物",
    title_en="Goods on the invoice",
    needs=("invoices",),
    hit_zh="发票项目“{item}”，税率{rate:pct}：货物迹象{measured:int}项，允许{lim:int}项",
    hit_en="invoice item '{item}', VAT {rate:pct}: {measured:int} signs of goods, {lim:int} allowed",
    scope=Scope(Level.CLAIM, tables=("invoices",)),
    feature=True,
    evaluate=evaluate,
)
