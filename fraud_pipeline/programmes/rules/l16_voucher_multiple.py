"""Whether a whole number of vouchers was used, and not more of them than one use allows."""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
SELECT a.claim_id, a.voucher_used, l.voucher_multiple_amount AS face,
       a.voucher_used % face != 0 AS broken, l.voucher_multiple_amount_clause AS clause,
       a.voucher_used::DOUBLE / face::DOUBLE AS measured,
       CASE WHEN broken THEN round(measured) ELSE l.vouchers_per_use_max END::DOUBLE AS lim,
       broken OR coalesce(measured > l.vouchers_per_use_max, false) AS hit,
       CASE WHEN broken THEN '不是整张，最近为' ELSE '每次最多' END AS what_zh,
       CASE WHEN broken THEN 'not whole vouchers, nearest' ELSE 'at most' END AS what_en,
       CASE WHEN a.voucher_used IS NULL THEN 'claims.voucher_used' END AS why
  FROM claims_to_judge a JOIN law l USING (regime)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L16",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="用券须为面值整数倍",
    title_en="Whole vouchers",
    law=("voucher_multiple_amount",),
    hit_zh="用券{voucher_used:money}元，按面值{face:money}元为{measured:num}张，{what_zh}{lim:int}张（{clause}）",
    hit_en="{voucher_used:money} yuan are {measured:num} vouchers of {face:money} yuan: {what_en} "
    "{lim:int}",
    scope=Scope(Level.CLAIM),
    evaluate=evaluate,
)
