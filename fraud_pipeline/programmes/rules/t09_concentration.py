"""One enterprise that draws a large part of a programme's year, without a service contract.

Project money handed out as vouchers looks like this: few recipients, large sums, nothing
bought. A matter of how a programme is run, for its auditors: described, never scored.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_STATEMENT = """
WITH holder AS (
    SELECT programme, year(submitted_on) AS in_year, enterprise_id, sum(claimed_amount) AS amount
      FROM claims GROUP BY 1, 2, 3
), total AS (
    SELECT programme, in_year, sum(amount) AS amount, count(*) AS n FROM holder GROUP BY 1, 2
)
SELECT a.claim_id, f.amount, t.in_year, t.n AS n_enterprises,
       f.amount::DOUBLE / nullif(t.amount, 0)::DOUBLE AS measured, $share AS lim,
       measured >= $share AND k.contract_id IS NULL AS hit,
       CASE WHEN t.n < $peers THEN 'few_peers' END AS why
  FROM claims_to_judge a JOIN holder f ON f.programme = a.programme AND f.enterprise_id = a.enterprise_id
   AND f.in_year = year(a.submitted_on)
  JOIN total t ON t.programme = f.programme AND t.in_year = f.in_year
  LEFT JOIN (SELECT contract_id FROM contracts) k ON k.contract_id = a.contract_id
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"share": settings.concentration_share, "peers": settings.min_peers}


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T09",
    severity="info",
    typology="T09",
    title_zh=FLAG_TITLES["T09"].zh,
    title_en=FLAG_TITLES["T09"].en,
    needs=("contracts",),
    hit_zh="该企业{in_year}年申请{amount:money}元，占全制度（{n_enterprises}家企业）的{measured:pct}"
    "（预警阈值{lim:pct}），且没有服务合同",
    hit_en="the enterprise claims {amount:money} yuan in {in_year}: {measured:pct} of the whole "
    "programme with {n_enterprises} enterprises (line: {lim:pct}), and no service contract",
    scope=Scope(Level.PROGRAMME, tables=("claims", "contracts"), before_payment=False),
    evaluate=evaluate,
)
