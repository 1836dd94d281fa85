"""Public money asked for on one occasion, against the programme's limit for a single use."""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
SELECT a.claim_id, a.claimed_amount::DOUBLE AS measured,
       l.use_max_amount::DOUBLE AS lim, l.use_max_amount_clause AS clause,
       a.claimed_amount > l.use_max_amount AS hit,
       NULL::VARCHAR AS why
  FROM claims_to_judge a JOIN law l USING (regime)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L17",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="单次使用限额",
    title_en="Cap per use",
    law=("use_max_amount",),
    hit_zh="本次申请{measured:money}元，超过单次限额{lim:money}元（{clause}）",
    hit_en="{measured:money} yuan claimed at once, above the limit of {lim:money} yuan",
    scope=Scope(Level.CLAIM),
    evaluate=evaluate,
)
