"""The rest of a voucher spent to the last yuan just before it expired.

Usually no offence ("use for use's sake"): described, never scored.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_STATEMENT = """
WITH joint AS (
    SELECT claim_id, sum(voucher_used) OVER (
               PARTITION BY voucher_id ORDER BY submitted_on, claim_id
               ROWS UNBOUNDED PRECEDING) AS used
      FROM claims WHERE voucher_id IS NOT NULL
)
SELECT a.claim_id, v.expires_on, v.face_value, a.voucher_used,
       (v.expires_on - a.submitted_on)::DOUBLE AS measured, $days::DOUBLE AS lim,
       measured BETWEEN 0 AND $days AND j.used = v.face_value AS hit,
       CASE WHEN v.voucher_id IS NULL THEN 'no_voucher'
            WHEN v.expires_on IS NULL THEN 'vouchers.expires_on'
            WHEN a.voucher_used IS NULL THEN 'claims.voucher_used' END AS why
  FROM claims_to_judge a LEFT JOIN vouchers v USING (voucher_id) LEFT JOIN joint j USING (claim_id)
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"days": settings.expiry_spend_days}


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T03",
    severity="info",
    typology="T03",
    title_zh=FLAG_TITLES["T03"].zh,
    title_en=FLAG_TITLES["T03"].en,
    needs=("vouchers",),
    hit_zh="距截止日{expires_on}仅{measured:int}天（预警阈值{lim:int}天），本次用{voucher_used:money}元，"
    "恰好用完面值{face_value:money}元",
    hit_en="{measured:int} days before expiry on {expires_on} (line: {lim:int} days) this use of "
    "{voucher_used:money} yuan empties the voucher of {face_value:money} yuan",
    scope=Scope(Level.ENTERPRISE, tables=("claims", "vouchers")),
    compares_days=True,
    evaluate=evaluate,
)
