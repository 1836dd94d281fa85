"""Whether the institution confirmed within the programme's working days.

Counted from the day of the claim, which is not counted itself, to the day of the
confirmation in local time (UTC+8). What follows from lateness is not published, and it is
the institution that is late: weak.
"""

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.workdays import deadlines
from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope

_STATEMENT = """
WITH stamped AS (
    SELECT a.nth, a.claim_id, a.submitted_on, l.confirmation_working_days AS allowed, l.country,
           l.confirmation_working_days_clause AS clause,
           (make_timestamp(epoch_us(a.confirmed_at) + 28800000000))::DATE AS confirmed_on
      FROM claims_to_judge a JOIN law l USING (regime)
)
SELECT s.claim_id, s.submitted_on, s.confirmed_on, d.due_on, s.clause,
       s.confirmed_on > d.due_on AS hit, s.allowed::DOUBLE AS lim,
       CASE WHEN hit THEN greatest(e.worked - d.worked, s.allowed + 1)
            ELSE greatest(e.worked - d.worked, 0) END::DOUBLE AS measured,
       CASE WHEN s.confirmed_on IS NULL THEN 'claims.confirmed_at'
            WHEN d.due_on IS NULL THEN 'no_calendar' END AS why
  FROM stamped s
  LEFT JOIN due d ON d.country = s.country AND d.day = s.submitted_on AND d.working_days = s.allowed
  LEFT JOIN due e ON e.country = s.country AND e.day = s.confirmed_on AND e.working_days = s.allowed
 ORDER BY s.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    known = context.law.filter(pc.is_valid(context.law["confirmation_working_days"]))
    periods = sorted(set(known["confirmation_working_days"].to_pylist()))
    days = context.claims_to_judge["submitted_on"]
    first = min(pc.min(days).as_py(), context.as_of)
    due = [
        deadlines(country, periods, first, context.as_of, context.settings)
        for country in sorted(set(known["country"].to_pylist()))
    ]
    return context.query(_STATEMENT, due=pa.concat_tables(due))


RULE = Rule(
    code="L23",
    severity="weak",
    feature=True,
    typology="T26",
    title_zh="机构确认时限",
    title_en="Confirmation deadline",
    law=("confirmation_working_days",),
    hit_zh="{submitted_on}申请，{confirmed_on}确认，用时{measured:int}个工作日，应在{due_on}前"
    "（{lim:int}个工作日）确认（{clause}）",
    hit_en="claimed on {submitted_on}, confirmed on {confirmed_on}: {measured:int} working days, "
    "due by {due_on} ({lim:int} working days)",
    scope=Scope(Level.CLAIM),
    compares_days=True,
    evaluate=evaluate,
)
