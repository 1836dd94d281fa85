"""The how-manyeth voucher of its enterprise the claim's voucher is, against the most there may be."""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
WITH ranked AS (
    SELECT voucher_id, row_number() OVER (PARTITION BY enterprise_id, programme
                                          ORDER BY issued_on, voucher_id) AS n FROM vouchers
)
SELECT a.claim_id, r.n::DOUBLE AS measured, l.enterprise_vouchers_max::DOUBLE AS lim,
       r.n > l.enterprise_vouchers_max AS hit, a.voucher_id,
       l.enterprise_vouchers_max_clause AS clause,
       CASE WHEN r.voucher_id IS NULL THEN 'no_voucher' END AS why
  FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN ranked r USING (voucher_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L24",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="单个企业券数",
    title_en="Vouchers per enterprise",
    needs=("vouchers",),
    law=("enterprise_vouchers_max",),
    hit_zh="创新券{voucher_id}是该企业的第{measured:int}张，上限{lim:int}张（{clause}）",
    hit_en="voucher {voucher_id} is the enterprise's number {measured:int}, at most {lim:int} allowed",
    scope=Scope(Level.ENTERPRISE, tables=("vouchers",)),
    evaluate=evaluate,
)
