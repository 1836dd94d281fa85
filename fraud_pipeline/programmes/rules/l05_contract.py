"""Whether the contract the claim names exists and is between the same two parties.

An empty contract number is unknown, not "no contract": the answer is not_applicable and
says what to ask for.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
SELECT a.claim_id, a.contract_id, l.contract_required_clause AS clause,
       coalesce(k.enterprise_id = a.enterprise_id AND k.institution_id = a.institution_id,
                false)::INTEGER::DOUBLE AS measured,
       1.0 AS lim, l.contract_required AND measured < 1 AS hit,
       CASE WHEN k.contract_id IS NULL THEN '不在合同表中' ELSE '的双方与申请不一致' END AS fault_zh,
       CASE WHEN k.contract_id IS NULL THEN 'is not among the contracts'
            ELSE 'is between other parties' END AS fault_en,
       CASE WHEN a.contract_id IS NULL THEN 'claims.contract_id' END AS why,
       CASE WHEN k.contract_id IS NOT NULL THEN concat(
           'contract ', k.contract_id, ': ', k.enterprise_id, ' / ', k.institution_id)
       END AS evidence
  FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN contracts k USING (contract_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L05",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="须有正式合同",
    title_en="A contract is required",
    needs=("contracts",),
    law=("contract_required",),
    hit_zh="合同{contract_id}{fault_zh}，符合条件的合同{measured:int}份，应有{lim:int}份（{clause}）",
    hit_en="contract {contract_id} {fault_en}: {measured:int} valid contracts, {lim:int} required",
    scope=Scope(Level.CLAIM, tables=("contracts",)),
    evaluate=evaluate,
)
