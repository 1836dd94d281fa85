"""Whether the voucher was used within its dates and for no more than its face value.

The day of use is the day the contract was signed, else the day the service began; a
claim submitted before the voucher expired was certainly in time. It expires on the day it
names or when the programme's published validity ends, whichever comes first. Claims on one voucher
are added in the order they came in.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
WITH joint AS (
    SELECT claim_id, CASE WHEN voucher_id IS NOT NULL THEN sum(voucher_used) OVER (
               PARTITION BY voucher_id ORDER BY submitted_on, claim_id
               ROWS UNBOUNDED PRECEDING) END AS used
      FROM claims
), days AS (
    SELECT a.nth, a.claim_id, v.voucher_id, v.face_value, j.used,
           least(v.expires_on, (v.issued_on + to_months(l.voucher_validity_months::INTEGER))::DATE)
             AS last_on,
           CASE WHEN a.submitted_on <= last_on THEN a.submitted_on
                ELSE coalesce(k.signed_on, a.service_start_on) END AS used_on
      FROM claims_to_judge a JOIN joint j USING (claim_id) JOIN law l USING (regime)
      LEFT JOIN vouchers v USING (voucher_id)
      LEFT JOIN contracts k USING (contract_id)
)
SELECT claim_id, voucher_id, face_value, last_on AS expires_on, used_on,
       coalesce(used > face_value, false) AS above,
       coalesce(used_on > last_on, false) AS late, above OR late AS hit,
       CASE WHEN above THEN used ELSE coalesce(used, 0) END::DOUBLE AS measured,
       face_value::DOUBLE AS lim, used,
       CASE WHEN above THEN '' ELSE concat('；使用日', used_on, '晚于截止日', last_on) END AS late_zh,
       CASE WHEN above THEN '' ELSE concat('; used on ', used_on, ', after it expired on ',
                                           last_on) END AS late_en,
       CASE WHEN voucher_id IS NULL THEN 'no_voucher'
            WHEN above OR late THEN NULL
            WHEN used IS NULL THEN 'claims.voucher_used'
            WHEN last_on IS NOT NULL AND used_on IS NULL THEN 'claims.service_start_on'
       END AS why
  FROM days ORDER BY nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT)


RULE = Rule(
    code="L14",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="券的面值与期限",
    title_en="Face value and validity of the voucher",
    needs=("vouchers",),
    hit_zh="创新券{voucher_id}累计使用{used:money}元，面值{lim:money}元{late_zh}",
    hit_en="voucher {voucher_id}: {used:money} yuan used of a face value of {lim:money} yuan"
    "{late_en}",
    scope=Scope(Level.ENTERPRISE, tables=("claims", "contracts", "vouchers")),
    compares_days=True,
    evaluate=evaluate,
)
