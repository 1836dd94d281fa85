"""Money that flows back from the institution to the enterprise, directly or through one party.

Payments that name a contract count for it. A payment that names none counts for the contracts that the
enterprise paid at this institution within ``money_back_days`` before or after it (an advance comes first), else
for the one paid last before, and not at all where its purpose is trade the other way (``trade_words``). A refund
of part of the price that names its contract and says that it is one (:mod:`fraud_pipeline.vocabulary.refunds`) does not count. The way round: institution pays X, X pays the enterprise within
``money_back_days``, at most the amount that went out.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.refunds import DECLARED_REFUNDS
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_STATEMENT = f"""
WITH {DECLARED_REFUNDS}, forth AS (
    SELECT contract_id, sum(amount) AS paid FROM payments p
     WHERE contract_id IS NOT NULL
       AND NOT EXISTS (FROM institutions i WHERE i.institution_id = p.payer_id)
     GROUP BY contract_id
), pair AS (
    SELECT DISTINCT enterprise_id, institution_id FROM claims_to_judge
), begun AS (
    SELECT r.enterprise_id, r.institution_id, p.contract_id, min(p.paid_on) AS first_on
      FROM payments p JOIN pair r ON p.payer_id = r.enterprise_id AND p.payee_id = r.institution_id
     WHERE p.contract_id IS NOT NULL GROUP BY ALL
), no_trade AS (
    SELECT * FROM payments
     WHERE contract_id IS NOT NULL OR NOT coalesce(regexp_matches(purpose, $trade), false)
), direct AS (
    SELECT p.contract_id, r.enterprise_id, r.institution_id, p.amount, p.paid_on, p.payment_id AS via
      FROM no_trade p JOIN pair r ON p.payer_id = r.institution_id
       AND p.payee_id = r.enterprise_id
      ANTI JOIN declared_refunds USING (payment_id)
), onward AS (
    SELECT * FROM no_trade p WHERE EXISTS (FROM pair r WHERE r.enterprise_id = p.payee_id)
       AND NOT EXISTS (FROM pair r WHERE r.institution_id = p.payer_id)
), round AS (
    SELECT NULL AS contract_id, r.enterprise_id, r.institution_id, q.amount, q.paid_on,
           concat(p.payment_id, ' + ', q.payment_id) AS via
      FROM no_trade p JOIN onward q ON q.payer_id = p.payee_id
       AND q.paid_on BETWEEN p.paid_on AND p.paid_on + $days AND q.amount <= p.amount
      JOIN pair r ON r.institution_id = p.payer_id AND r.enterprise_id = q.payee_id
), given_back AS (FROM direct UNION ALL FROM round
), unnamed AS (
    SELECT b.contract_id, x.amount, x.paid_on, x.via, abs(x.paid_on - b.first_on) AS days,
           rank() OVER (PARTITION BY x.via, enterprise_id, institution_id ORDER BY abs(x.paid_on - b.first_on)) AS place
      FROM given_back x JOIN begun b USING (enterprise_id, institution_id)
     WHERE x.contract_id IS NULL AND b.first_on <= x.paid_on + $days
), returned AS (
    SELECT contract_id, amount, paid_on, via FROM given_back WHERE contract_id IS NOT NULL
    UNION ALL
    SELECT contract_id, amount, paid_on, via FROM unnamed WHERE days <= $days OR place = 1
), back AS (
    SELECT contract_id, sum(amount) AS amount, min(paid_on) AS back_on,
           string_agg(DISTINCT via, '; ' ORDER BY via) AS via
      FROM returned GROUP BY contract_id
)
SELECT a.claim_id, f.paid, b.amount, b.back_on,
       coalesce(b.amount, 0)::DOUBLE / nullif(f.paid, 0)::DOUBLE AS measured, $share AS lim,
       b.amount IS NOT NULL AND measured >= $share AS hit,
       CASE WHEN b.via IS NOT NULL THEN 'payments ' || b.via END AS evidence,
       CASE WHEN measured IS NULL THEN 'no_payment' END AS why
  FROM claims_to_judge a LEFT JOIN forth f USING (contract_id) LEFT JOIN back b USING (contract_id)
 ORDER BY a.nth
"""  # noqa: S608 - put together from constants


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {
        "share": settings.money_back_share,
        "days": settings.money_back_days,
        "trade": settings.trade_words,
    }


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T14",
    severity="strong",
    typology="T14",
    title_zh=FLAG_TITLES["T14"].zh,
    title_en=FLAG_TITLES["T14"].en,
    needs=("payments",),
    hit_zh="企业付款{paid:money}元，{back_on}起机构方回流{amount:money}元，占{measured:pct}（预警阈值{lim:pct}）",
    hit_en="of {paid:money} yuan paid, {amount:money} yuan came back from {back_on} on: "
    "{measured:pct} (line: {lim:pct})",
    scope=Scope(Level.SHARED, tables=("institutions", "payments"), joint=True),
    feature=True,
    evaluate=evaluate,
)
