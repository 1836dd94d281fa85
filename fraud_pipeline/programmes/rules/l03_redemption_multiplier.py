"""Public money claimed per yuan of voucher used, against the redemption rate.

A difference of up to one fen is rounding and passes.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
SELECT a.claim_id, a.claimed_amount, a.voucher_used,
       a.claimed_amount::DOUBLE / nullif(a.voucher_used, 0)::DOUBLE AS measured,
       l.redemption_multiplier AS lim, l.redemption_multiplier_clause AS clause,
       a.voucher_used * lim::DECIMAL(9, 4) AS due,
       a.claimed_amount > a.voucher_used * lim::DECIMAL(9, 4) + 0.01 AS hit,
       CASE WHEN a.voucher_used IS NULL THEN 'claims.voucher_used' END AS why
  FROM claims_to_judge a JOIN law l USING (regime)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L03",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="兑付倍数",
    title_en="Redemption rate",
    law=("redemption_multiplier",),
    hit_zh="申请兑付{claimed_amount:money}元，用券{voucher_used:money}元，按{lim:pct}至多"
    "{due:money}元（{clause}）",
    hit_en="{claimed_amount:money} yuan claimed for vouchers of {voucher_used:money} yuan; "
    "at {lim:pct} at most {due:money} yuan are due",
    scope=Scope(Level.CLAIM),
    evaluate=evaluate,
)
