"""One bank account behind several enterprises: registered with them or used to pay for them."""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

# Assumptions, measured by `python -m benchmarks.flags`.
_MIN_ENTERPRISES = 2
_HUB_ENTERPRISES = 50  # an account of more enterprises is a payment service's

_STATEMENT = """
WITH account AS (
    SELECT enterprise_id, bank_account AS account FROM enterprises WHERE bank_account IS NOT NULL
    UNION
    SELECT payer_id, payer_account FROM payments p
     WHERE payer_account IS NOT NULL AND EXISTS (
        FROM enterprises e WHERE e.enterprise_id = p.payer_id)
), shared AS (
    SELECT account, count(*) AS n,
           string_agg(enterprise_id, '; ' ORDER BY enterprise_id) AS enterprises
      FROM account GROUP BY account HAVING n BETWEEN $least AND $hub
), worst AS (
    SELECT enterprise_id, arg_max({'n': n, 'enterprises': enterprises, 'tail': right(account, 4)},
                                  (n, account)) AS w
      FROM account JOIN shared USING (account) GROUP BY enterprise_id
), known AS (SELECT DISTINCT enterprise_id FROM account)
SELECT a.claim_id, coalesce(w.w.n, 1)::DOUBLE AS measured, $least::DOUBLE AS lim,
       w.w IS NOT NULL AS hit, w.w.tail AS tail,
       CASE WHEN w.w IS NOT NULL THEN concat('enterprises ', array_to_string(
            string_split(w.w.enterprises, '; ')[:5], '; ')) END AS evidence,
       CASE WHEN k.enterprise_id IS NULL THEN 'enterprises.bank_account' END AS why
  FROM claims_to_judge a LEFT JOIN worst w USING (enterprise_id) LEFT JOIN known k USING (enterprise_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, {"least": _MIN_ENTERPRISES, "hub": _HUB_ENTERPRISES})


RULE = Rule(
    code="T23",
    severity="strong",
    typology="T23",
    title_zh=FLAG_TITLES["T23"].zh,
    title_en=FLAG_TITLES["T23"].en,
    hit_zh="尾号{tail}的账户对应{measured:int}家企业（预警阈值{lim:int}家）",
    hit_en="the account ending in {tail} stands behind {measured:int} enterprises (line: {lim:int})",
    scope=Scope(Level.SHARED, tables=("enterprises", "payments")),
    feature=True,
    evaluate=evaluate,
)
