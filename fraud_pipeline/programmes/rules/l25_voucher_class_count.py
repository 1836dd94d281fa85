"""The how-manyeth voucher of its class, where a programme gives so many of each."""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
WITH ranked AS (
    SELECT voucher_id, voucher_class,
           row_number() OVER (PARTITION BY enterprise_id, programme, voucher_class
                              ORDER BY issued_on, voucher_id) AS n FROM vouchers
)
SELECT a.claim_id, r.n::DOUBLE AS measured, l.enterprise_vouchers_per_class_max::DOUBLE AS lim,
       r.n > l.enterprise_vouchers_per_class_max AS hit, a.voucher_id, r.voucher_class,
       l.enterprise_vouchers_per_class_max_clause AS clause,
       CASE WHEN r.voucher_id IS NULL THEN 'no_voucher'
            WHEN r.voucher_class IS NULL THEN 'vouchers.voucher_class' END AS why
  FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN ranked r USING (voucher_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L25",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="单个企业每类券数",
    title_en="Vouchers of one class",
    needs=("vouchers",),
    law=("enterprise_vouchers_per_class_max",),
    hit_zh="创新券{voucher_id}是该企业“{voucher_class}”类的第{measured:int}张，上限{lim:int}张（{clause}）",
    hit_en="voucher {voucher_id} is the enterprise's number {measured:int} of class "
    "'{voucher_class}', at most {lim:int} allowed",
    scope=Scope(Level.ENTERPRISE, tables=("vouchers",)),
    evaluate=evaluate,
)
