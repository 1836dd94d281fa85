"""Share of a contract paid with vouchers, all claims on the contract together.

Claims on one contract are added in the order they came in, so that splitting the use
of vouchers over several claims does not hide it; earlier claims that were sent back, refused
or withdrawn used none. Compared exactly, in fen.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.programmes.standing import STANDS, UNPAID
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = f"""
WITH joint AS (
    SELECT claim_id, sum(CASE WHEN {STANDS} THEN voucher_used END) OVER (
               PARTITION BY programme, enterprise_id, institution_id,
                            coalesce(contract_id, 'claim ' || claim_id)
               ORDER BY submitted_on, claim_id ROWS UNBOUNDED PRECEDING) AS standing,
           CASE WHEN {STANDS} THEN standing ELSE coalesce(standing, 0) + voucher_used END AS used
      FROM claims
)
SELECT a.claim_id, j.used, a.contract_amount, l.voucher_share_of_contract_max AS lim,
       l.voucher_share_of_contract_max_clause AS clause,
       j.used::DOUBLE / nullif(a.contract_amount, 0)::DOUBLE AS measured,
       j.used * 10000 > a.contract_amount::DECIMAL(30, 2) * round(lim * 10000)::INTEGER AS hit,
       CASE WHEN a.voucher_used IS NULL THEN 'claims.voucher_used' END AS why
  FROM claims_to_judge a JOIN law l USING (regime) JOIN joint j USING (claim_id)
 ORDER BY a.nth
"""  # noqa: S608 - put together from constants


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, UNPAID)


RULE = Rule(
    code="L02",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="用券占合同比例",
    title_en="Voucher share of the contract",
    law=("voucher_share_of_contract_max",),
    hit_zh="该合同累计用券{used:money}元，占合同金额{contract_amount:money}元的{measured:pct}，"
    "超过上限{lim:pct}（{clause}）",
    hit_en="vouchers of {used:money} yuan are {measured:pct} of the contract of "
    "{contract_amount:money} yuan, above the limit of {lim:pct}",
    scope=Scope(Level.ENTERPRISE, tables=("claims",)),
    evaluate=evaluate,
)
