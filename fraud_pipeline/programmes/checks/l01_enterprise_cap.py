"""Vouchers received (or used) by an enterprise in the cap's window, against the cap.

The window ends on the day this claim's voucher was issued, so a voucher breaks the cap
only together with those before it, and honest later use of an old voucher does not.
Where no voucher of the enterprise is known, the vouchers used by its claims up to this
one are added instead. "Every two years" is read as any 24 months: the published text
does not say rolling or fixed, and the rolling reading is the one that no choice of a
first day can evade.
"""

import pyarrow as pa

from fraud_pipeline.programmes.check import Case, Check

_STATEMENT = """
WITH base AS (
    SELECT a.claim_id, a.enterprise_id, a.programme, a.submitted_on, a.voucher_used,
           l.enterprise_cap_amount AS cap, l.enterprise_cap_months AS months,
           l.enterprise_cap_window AS kind, l.enterprise_cap_amount_clause AS clause,
           coalesce(v.issued_on, a.submitted_on) AS day
      FROM asked a JOIN law l USING (regime) LEFT JOIN vouchers v USING (voucher_id)
), since AS (
    SELECT *, CASE kind WHEN 'calendar_year' THEN date_trunc('year', day)::DATE
                        WHEN 'lifetime' THEN DATE '0001-01-01'
                        ELSE (day - to_months(months::INTEGER))::DATE + 1 END AS first
      FROM base
), points AS (
    SELECT DISTINCT enterprise_id, programme, first, day FROM since
), received AS (
    SELECT p.enterprise_id, p.programme, p.first, p.day, sum(v.face_value) AS amount,
           count(*) AS n
      FROM points p JOIN vouchers v ON v.enterprise_id = p.enterprise_id
       AND v.programme = p.programme AND v.issued_on BETWEEN p.first AND p.day
     GROUP BY ALL
), usage AS (
    SELECT enterprise_id, programme, submitted_on, claim_id, voucher_used,
           sum(voucher_used) OVER earlier AS running,
           count(*) OVER earlier AS n
      FROM claims
    WINDOW earlier AS (PARTITION BY enterprise_id, programme
                       ORDER BY submitted_on, claim_id ROWS UNBOUNDED PRECEDING)
), evening AS (
    SELECT enterprise_id, programme, submitted_on, arg_max(coalesce(running, 0), claim_id) AS running,
           max(n) AS n
      FROM usage GROUP BY 1, 2, 3
), used AS (
    SELECT s.claim_id, u.running - coalesce(b.running, 0) AS amount,
           u.n - coalesce(b.n, 0) AS n
      FROM since s JOIN usage u USING (claim_id)
      ASOF LEFT JOIN evening b ON b.enterprise_id = s.enterprise_id
       AND b.programme = s.programme AND b.submitted_on < s.first
)
SELECT s.claim_id, coalesce(r.amount, u.amount)::DOUBLE AS measured, s.cap::DOUBLE AS lim,
       coalesce(r.n, u.n) AS n, s.months, s.clause, s.first, s.day,
       CASE WHEN r.amount IS NULL THEN '使用' ELSE '领取' END AS verb_zh,
       CASE WHEN r.amount IS NULL THEN 'used' ELSE 'received' END AS verb_en,
       CASE WHEN r.amount IS NULL AND s.voucher_used IS NULL THEN 'claims.voucher_used' END AS why,
       coalesce(r.amount, u.amount) > s.cap AS hit
  FROM since s LEFT JOIN received r USING (enterprise_id, programme, first, day)
  LEFT JOIN used u USING (claim_id)
 ORDER BY s.claim_id
"""


def evaluate(case: Case) -> pa.Table:
    return case.query(_STATEMENT)


CHECK = Check(
    code="L01",
    severity="hard",
    typology=None,
    title_zh="企业限额",
    title_en="Cap per enterprise",
    law=("enterprise_cap_amount", "enterprise_cap_months", "enterprise_cap_window"),
    hit_zh="{first}至{day}共{verb_zh}创新券{measured:money}元（{n}笔），超过限额{lim:money}元"
    "（{clause}）",
    hit_en="{measured:money} yuan of vouchers {verb_en} from {first} to {day} ({n} items), "
    "above the cap of {lim:money} yuan in {months} months",
    evaluate=evaluate,
)
