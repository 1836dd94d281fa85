"""One purchase in parts: payments of one payer to one payee on neighbouring days, each within the
limit of a single purchase, together above it.

Judged only where a pack states ``single_purchase_limit_amount``. Equal payments that recur between
the two on many days (a tariff) are no parts of one purchase. A payee that is not named is not judged.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.core.placeholders import NOBODY
from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings

_DAYS = 1  # a purchase in parts is made on one day or the next; an assumption
_SMALL_SHARE = 0.1  # of the limit: smaller payments beside a purchase are no part of it
_RECURS = 6  # days on which an equal amount is paid, from which on it is a pattern

_STATEMENT = """
WITH lines AS (SELECT DISTINCT single_purchase_limit_amount AS line FROM law
    WHERE single_purchase_limit_amount IS NOT NULL
), parts AS (
    SELECT c.claim_id, c.enterprise_id, c.institution_id, c.contract_amount AS amount,
           c.submitted_on AS d, l.line
      FROM claims c JOIN lines l
        ON c.contract_amount <= l.line AND c.contract_amount >= $small::DECIMAL(9, 4) * l.line
     WHERE NOT regexp_full_match(upper(trim(c.institution_id)), $nobody)
), recurring AS (
    SELECT enterprise_id, institution_id, contract_amount AS amount FROM claims GROUP BY ALL
    HAVING count(DISTINCT submitted_on) >= $recurs
), single AS (SELECT p.* FROM parts p ANTI JOIN recurring USING (enterprise_id, institution_id, amount)
), sums AS (
    SELECT claim_id, line, sum(amount) OVER near AS total, count(*) OVER near AS n,
           list(claim_id) OVER near AS others
      FROM single
    WINDOW near AS (PARTITION BY enterprise_id, institution_id, line ORDER BY d
                    RANGE BETWEEN to_days($days) PRECEDING AND to_days($days) FOLLOWING)
)
SELECT a.claim_id, coalesce(s.total, a.contract_amount)::DOUBLE AS measured,
       g.single_purchase_limit_amount::DOUBLE AS lim, coalesce(s.n, 1) AS parts,
       CASE WHEN NOT regexp_full_match(upper(trim(a.institution_id)), $nobody)
            THEN coalesce(s.n >= 2 AND s.total > g.single_purchase_limit_amount, false) END AS hit,
       CASE WHEN hit THEN concat('claims ', array_to_string(
            list_sort(list_filter(s.others, lambda x: x != a.claim_id))[:5], '; ')) END AS evidence,
       CASE WHEN a.contract_amount IS NULL THEN 'claims.contract_amount'
            WHEN regexp_full_match(upper(trim(a.institution_id)), $nobody) THEN 'no_payee' END AS why
  FROM claims_to_judge a JOIN law g USING (regime)
  LEFT JOIN sums s ON s.claim_id = a.claim_id AND s.line = g.single_purchase_limit_amount
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"days": _DAYS, "small": _SMALL_SHARE, "recurs": _RECURS, "nobody": NOBODY}


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T29",
    severity="strong",
    typology="T17",
    title_zh="拆分采购",
    title_en="Split purchase",
    law=("single_purchase_limit_amount",),
    hit_zh="同一双方相邻两天内分{parts:int}笔支付，每笔不超过单笔限额{lim:money}元，合计{measured:money}元",
    hit_en="{parts:int} payments between the two on neighbouring days, each within the limit of "
    "{lim:money} yuan for a single purchase, together {measured:money} yuan",
    scope=Scope(Level.ENTERPRISE, tables=("claims",), joint=True),
    feature=True,
    compares_days=True,
    evaluate=evaluate,
)
