"""Programmes that pay the first so many yuan in full and a share of what lies above.

The basis is what the enterprise really paid on the contract, where payments are known,
else the contract's amount. Where the share above the limit is not published (Shanxi
leaves it to its cities), claims up to the limit are judged and larger ones left open,
unless they ask for more than was paid: no share would allow that.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
WITH paid AS (
    SELECT k.contract_id, sum(p.amount) AS amount FROM contracts k JOIN payments p USING (contract_id)
     WHERE p.payer_id = k.enterprise_id AND p.payee_id = k.institution_id
     GROUP BY k.contract_id
), based AS (
    SELECT a.nth, a.claim_id, a.claimed_amount AS claimed, p.amount IS NOT NULL AS really,
           coalesce(p.amount, a.contract_amount) AS basis, l.full_up_to_amount AS full_to,
           l.excess_share AS share, l.full_up_to_amount_clause AS clause
      FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN paid p USING (contract_id)
), due AS (
    SELECT *, least(basis, full_to) + CASE WHEN basis > full_to THEN
             (basis - full_to) * coalesce(share, 1)::DECIMAL(9, 4) ELSE 0 END AS most
      FROM based
)
SELECT claim_id, claimed::DOUBLE AS measured, most::DOUBLE AS lim, basis, full_to, clause,
       claimed > most + 0.01 AS hit,
       CASE WHEN really THEN '实际支付' ELSE '合同金额' END AS basis_zh,
       CASE WHEN really THEN 'really paid' ELSE 'of contract' END AS basis_en,
       CASE WHEN share IS NULL AND NOT hit AND claimed > full_to THEN 'law.excess_share' END AS why
  FROM due ORDER BY nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L20",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="限额内全额、超出按比例",
    title_en="Paid in full up to a limit",
    law=("full_up_to_amount",),
    hit_zh="申请{measured:money}元，{basis_zh}{basis:money}元，全额补助以{full_to:money}元为限，"
    "至多{lim:money}元（{clause}）",
    hit_en="{measured:money} yuan claimed on {basis:money} yuan {basis_en}: paid in full up to "
    "{full_to:money} yuan, at most {lim:money} yuan are due",
    scope=Scope(Level.CLAIM, tables=("contracts", "payments")),
    evaluate=evaluate,
)
