"""What an enterprise received (or claimed) in the cap's window, against the cap.

Where the cap counts vouchers received, the window ends on the day this claim's voucher
was issued, so a voucher breaks the cap only together with those before it, and honest
later use of an old voucher does not; where no voucher of the enterprise is known, the
vouchers used by its claims up to this one are added instead. Where it counts public money
(basis ``claimed``), the claims up to this one are added. Earlier claims that were sent back,
refused or withdrawn are not: nothing was used or paid for them.

Windows: rolling months, calendar years, fixed blocks of months from the programme's first
day, or the whole life. Where the source names a cap and no window, only a claim that is
above the cap by itself is certain to break it; every other answer stays open. A cap of one
class of vouchers counts that class only.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.programmes.standing import STANDS, UNPAID
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = f"""
WITH particular AS (
    SELECT programme FROM law WHERE voucher_class IS NOT NULL GROUP BY programme
), base AS (
    SELECT a.nth, a.claim_id, a.enterprise_id, a.programme, a.submitted_on, v.voucher_id,
           l.enterprise_cap_amount AS cap, l.enterprise_cap_months AS months,
           l.enterprise_cap_amount_clause AS clause, l.starts_on,
           coalesce(l.enterprise_cap_basis, 'received') = 'claimed' AS money,
           CASE WHEN money THEN a.claimed_amount
                ELSE coalesce(v.face_value, a.voucher_used) END AS own,
           CASE WHEN l.enterprise_cap_window IN ('rolling', 'fixed') AND (months IS NULL
                     OR l.enterprise_cap_window = 'fixed' AND l.starts_on IS NULL) THEN NULL
                ELSE l.enterprise_cap_window END AS kind,
           CASE WHEN money THEN a.submitted_on ELSE coalesce(v.issued_on, a.submitted_on) END AS day,
           CASE WHEN p.programme IS NOT NULL THEN coalesce(v.voucher_class, '') ELSE '' END AS class
      FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN vouchers v USING (voucher_id)
      LEFT JOIN particular p ON p.programme = a.programme
), since AS (
    SELECT *, CASE kind WHEN 'calendar_year' THEN date_trunc('year', day)::DATE
                        WHEN 'lifetime' THEN DATE '0001-01-01'
                        WHEN 'fixed' THEN (starts_on + to_months((
                            datesub('month', starts_on, day) // months * months)::INTEGER))::DATE
                        WHEN 'rolling' THEN (day - to_months(months::INTEGER))::DATE + 1
                        ELSE day END AS first
      FROM base
), points AS (
    SELECT DISTINCT enterprise_id, programme, class, first, day
      FROM since WHERE NOT money AND kind IS NOT NULL
), received AS (
    SELECT p.enterprise_id, p.programme, p.class, p.first, p.day, sum(v.face_value) AS amount,
           count(*) AS n
      FROM points p JOIN vouchers v ON v.enterprise_id = p.enterprise_id
       AND v.programme = p.programme AND v.issued_on BETWEEN p.first AND p.day
     WHERE p.class = '' OR v.voucher_class = p.class
     GROUP BY ALL
), wanting AS (
    SELECT DISTINCT s.enterprise_id, s.programme
      FROM since s LEFT JOIN received r USING (enterprise_id, programme, class, first, day)
     WHERE r.amount IS NULL
), usage AS (
    SELECT c.enterprise_id, c.programme, c.submitted_on, c.claim_id, {STANDS} AS stands,
           CASE WHEN p.programme IS NOT NULL THEN coalesce(v.voucher_class, '') ELSE '' END AS class,
           sum(CASE WHEN stands THEN c.voucher_used END) OVER earlier AS used,
           sum(CASE WHEN stands THEN c.claimed_amount END) OVER earlier AS claimed,
           count(CASE WHEN stands THEN 1 END) OVER earlier AS n, count(*) OVER earlier AS place,
           CASE WHEN stands THEN used ELSE coalesce(used, 0) + c.voucher_used END AS used_with_own,
           CASE WHEN stands THEN claimed ELSE coalesce(claimed, 0) + c.claimed_amount END AS claimed_with_own
      FROM claims c SEMI JOIN wanting w ON w.enterprise_id = c.enterprise_id
       AND w.programme = c.programme
      LEFT JOIN particular p ON p.programme = c.programme
      LEFT JOIN vouchers v ON p.programme IS NOT NULL AND v.voucher_id = c.voucher_id
    WINDOW earlier AS (PARTITION BY c.enterprise_id, c.programme, class
                       ORDER BY c.submitted_on, c.claim_id ROWS UNBOUNDED PRECEDING)
), evening AS (
    SELECT enterprise_id, programme, class, submitted_on, max(n) AS n,
           arg_max(coalesce(used, 0), place) AS used, arg_max(coalesce(claimed, 0), place) AS claimed
      FROM usage GROUP BY 1, 2, 3, 4
), spent AS (
    SELECT s.claim_id, u.n + (NOT u.stands)::INTEGER - coalesce(b.n, 0) AS n,
           CASE WHEN s.money THEN u.claimed_with_own - coalesce(b.claimed, 0)
                ELSE u.used_with_own - coalesce(b.used, 0) END AS amount
      FROM since s JOIN usage u USING (claim_id)
      ASOF LEFT JOIN evening b ON b.enterprise_id = s.enterprise_id
       AND b.programme = s.programme AND b.class = s.class AND b.submitted_on < s.first
)
SELECT s.claim_id, s.cap::DOUBLE AS lim, s.clause, s.day,
       CASE WHEN s.kind IS NULL THEN s.own ELSE coalesce(r.amount, u.amount) END AS total,
       total::DOUBLE AS measured, total > s.cap AS hit,
       CASE WHEN s.kind IS NULL THEN 1 ELSE coalesce(r.n, u.n) END AS n,
       CASE WHEN s.kind = 'lifetime' THEN '起始' ELSE s.first::VARCHAR END AS since_zh,
       CASE WHEN s.kind = 'lifetime' THEN 'the beginning' ELSE s.first::VARCHAR END AS since_en,
       CASE WHEN s.money THEN '申请兑付' WHEN r.amount IS NULL THEN '使用创新券' ELSE '领取创新券' END
         AS verb_zh,
       CASE WHEN s.money THEN 'claimed' WHEN r.amount IS NULL THEN 'of vouchers used'
            ELSE 'of vouchers received' END AS verb_en,
       CASE WHEN r.amount IS NULL AND s.own IS NULL THEN 'claims.voucher_used'
            WHEN s.kind IS NULL AND NOT hit THEN 'law.enterprise_cap_window' END AS why
  FROM since s LEFT JOIN received r USING (enterprise_id, programme, class, first, day)
  LEFT JOIN spent u USING (claim_id)
 ORDER BY s.nth
"""  # noqa: S608 - put together from constants


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, UNPAID)


RULE = Rule(
    code="L01",
    severity="hard",
    feature=True,
    typology=None,
    title_zh="企业限额",
    title_en="Cap per enterprise",
    law=("enterprise_cap_amount",),
    hit_zh="{since_zh}至{day}共{verb_zh}{measured:money}元（{n}笔），超过限额{lim:money}元（{clause}）",
    hit_en="{measured:money} yuan {verb_en} from {since_en} to {day} ({n} items), above the cap of "
    "{lim:money} yuan",
    scope=Scope(Level.ENTERPRISE, tables=("claims", "vouchers")),
    evaluate=evaluate,
)
