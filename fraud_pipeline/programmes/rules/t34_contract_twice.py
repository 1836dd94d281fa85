"""A contract of which the claims together bill more than it is worth.

T16 compares numbers of different contracts and leaves claims on one contract alone, because instalments share
contract and invoice honestly. Here the claims of one contract are added up in order of submission: the one with
which their contract amounts exceed the contract's own is the lead. Earlier claims that were sent back, refused
or withdrawn were not paid and are not added: the claim that is filed again takes their place.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.programmes.standing import STANDS, UNPAID
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings

_STATEMENT = f"""
WITH standing AS (
    SELECT claim_id, contract_id, contract_amount, submitted_on,
           ({STANDS})::INTEGER AS stands
      FROM claims
), billed AS (
    SELECT c.claim_id, k.amount AS agreed,
           sum(c.contract_amount * c.stands) OVER w + c.contract_amount * (1 - c.stands) AS billed,
           sum(c.stands) OVER w + 1 - c.stands AS n,
           first_value(CASE WHEN c.stands = 1 THEN c.claim_id END IGNORE NULLS) OVER w AS first_claim
      FROM standing c JOIN contracts k USING (contract_id)
    WINDOW w AS (PARTITION BY c.contract_id ORDER BY c.submitted_on, c.claim_id)
)
SELECT a.claim_id, b.billed, b.agreed, b.n, b.first_claim,
       b.billed::DOUBLE / nullif(b.agreed, 0)::DOUBLE AS measured, 1.0 + $share AS lim,
       b.n > 1 AND measured > lim AS hit,
       CASE WHEN b.n > 1 THEN concat('claims ', b.first_claim) END AS evidence,
       CASE WHEN a.contract_id IS NULL THEN 'claims.contract_id'
            WHEN measured IS NULL THEN 'no_contract' END AS why
  FROM claims_to_judge a LEFT JOIN billed b USING (claim_id)
 ORDER BY a.nth
"""  # noqa: S608 - put together from constants


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"share": settings.amount_tolerance_share, **UNPAID}


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T34",
    severity="strong",
    typology="T16",
    title_zh="同一合同重复申请",
    title_en="Contract claimed twice",
    needs=("contracts",),
    hit_zh="同一合同的{n:int}笔申请合计列{billed:money}元，合同为{agreed:money}元，为其{measured:pct}（限值{lim:pct}），"
    "首笔为申请{first_claim}",
    hit_en="{n:int} claims on one contract come to {billed:money} yuan against {agreed:money} in the contract: "
    "{measured:pct} (line: {lim:pct}); the first is claim {first_claim}",
    scope=Scope(Level.SHARED, tables=("claims", "contracts"), sharing=("claims.contract_id",)),
    feature=True,
    evaluate=evaluate,
)
