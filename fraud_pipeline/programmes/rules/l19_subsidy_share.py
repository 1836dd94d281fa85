"""Public money as a share of the contract, all claims on the contract together."""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
WITH joint AS (
    SELECT claim_id, sum(claimed_amount) OVER (
               PARTITION BY programme, enterprise_id, institution_id,
                            coalesce(contract_id, 'claim ' || claim_id)
               ORDER BY submitted_on, claim_id ROWS UNBOUNDED PRECEDING) AS claimed
      FROM claims
)
SELECT a.claim_id, j.claimed, a.contract_amount, l.subsidy_share_max AS lim,
       l.subsidy_share_max_clause AS clause,
       j.claimed::DOUBLE / nullif(a.contract_amount, 0)::DOUBLE AS measured,
       (j.claimed - 0.01) * 10000
         > a.contract_amount::DECIMAL(30, 2) * round(l.subsidy_share_max * 10000)::INTEGER AS hit,
       CASE WHEN a.contract_amount <= 0 THEN 'claims.contract_amount' END AS why
  FROM claims_to_judge a JOIN law l USING (regime) JOIN joint j USING (claim_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L19",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="补助占服务费比例",
    title_en="Subsidy share of the cost",
    law=("subsidy_share_max",),
    hit_zh="该合同累计申请{claimed:money}元，占服务费{contract_amount:money}元的{measured:pct}，"
    "超过上限{lim:pct}（{clause}）",
    hit_en="{claimed:money} yuan claimed are {measured:pct} of the cost of {contract_amount:money} "
    "yuan, above the limit of {lim:pct}",
    scope=Scope(Level.ENTERPRISE, tables=("claims",)),
    evaluate=evaluate,
)
