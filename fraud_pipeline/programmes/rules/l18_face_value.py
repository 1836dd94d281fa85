"""Whether the voucher's value is the face value the programme issues, or several of it."""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
SELECT a.claim_id, v.voucher_id, v.face_value::DOUBLE AS measured, l.face_amount::DOUBLE AS lim,
       v.face_value <= 0 OR v.face_value % l.face_amount != 0 AS hit,
       l.face_amount_clause AS clause,
       CASE WHEN v.voucher_id IS NULL THEN 'no_voucher' END AS why
  FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN vouchers v USING (voucher_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L18",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="券面值",
    title_en="Face value",
    needs=("vouchers",),
    law=("face_amount",),
    hit_zh="创新券{voucher_id}面值{measured:money}元，制度规定的面值为{lim:money}元（{clause}）",
    hit_en="voucher {voucher_id} is over {measured:money} yuan; the programme issues "
    "{lim:money} yuan or whole multiples",
    scope=Scope(Level.CLAIM, tables=("vouchers",)),
    evaluate=evaluate,
)
