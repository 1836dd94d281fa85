"""An enterprise that let other vouchers lapse without ever using them.

Vouchers grabbed because they were free. No offence and no lead: described, never scored.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_STATEMENT = """
WITH idle AS (
    SELECT v.enterprise_id, v.programme, count(*) AS n, sum(v.face_value) AS amount,
           list_sort(list(v.voucher_id))[:5] AS ids
      FROM vouchers v ANTI JOIN claims c ON c.voucher_id = v.voucher_id
     WHERE v.expires_on < $as_of GROUP BY 1, 2
)
SELECT a.claim_id, coalesce(i.n, 0)::DOUBLE AS measured, 0.0 AS lim, i.n IS NOT NULL AS hit,
       i.amount,
       CASE WHEN i.n IS NOT NULL THEN concat('vouchers ', array_to_string(i.ids, '; ')) END
         AS evidence,
       CASE WHEN v.voucher_id IS NULL THEN 'no_voucher'
            WHEN i.n IS NULL AND v.expires_on IS NULL THEN 'vouchers.expires_on' END AS why
  FROM claims_to_judge a LEFT JOIN vouchers v USING (voucher_id)
  LEFT JOIN idle i ON i.enterprise_id = a.enterprise_id AND i.programme = a.programme
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, {"as_of": context.as_of})


RULE = Rule(
    code="T08",
    severity="info",
    typology="T08",
    title_zh=FLAG_TITLES["T08"].zh,
    title_en=FLAG_TITLES["T08"].en,
    needs=("vouchers",),
    hit_zh="该企业另有{measured:int}张创新券（合计{amount:money}元）到期未用，参照{lim:int}张",
    hit_en="other vouchers of this enterprise that lapsed unused: {measured:int} ({amount:money} yuan), "
    "reference {lim:int}",
    scope=Scope(Level.ENTERPRISE, tables=("claims", "vouchers")),
    compares_days=True,
    evaluate=evaluate,
)
