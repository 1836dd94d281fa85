"""Confirmations given before there was anything to confirm, in bulk, or from habit at once.

Early: confirmed before the service had ended. Bulk: one confirmer, many claims of several
enterprises within minutes. Habit: confirmed on the day it was filed by an institution that does so with most of its
claims; its share is taken with four more confirmations of which one was at once, so that one or
two claims make no habit. An end of service with a wrong year (see T19) is not judged. Days are counted in local time (UTC+8).
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_EARLY_DAYS = 0  # before the end of the service; an assumption
# Chosen by the rates of false alarms and of detection in `python -m benchmarks.flags`.
_BULK_MINUTES = 5
_SAME_DAY_SHARE = 0.5  # of an institution's confirmations, one of four more taken as elsewhere

_STATEMENT = """
WITH stamped AS (
    SELECT claim_id, enterprise_id, institution_id, coalesce(confirmed_by, '') AS who, submitted_on,
           epoch_us(confirmed_at) // 1000000 AS second
      FROM claims WHERE confirmed_at IS NOT NULL
), bulk AS (
    SELECT claim_id, count(*) OVER w AS n FROM stamped
    WINDOW w AS (PARTITION BY institution_id, who ORDER BY second
                 RANGE BETWEEN $seconds PRECEDING AND $seconds FOLLOWING)
), institution_totals AS (
    SELECT institution_id, count(*) AS n_confirmed, count(*) FILTER (
               (make_timestamp(second * 1000000 + 28800000000))::DATE <= submitted_on) AS at_once
      FROM stamped GROUP BY institution_id
)
SELECT claim_id, n, minutes,
       CASE WHEN early > $days THEN early WHEN n > $most THEN n WHEN habit THEN share ELSE n END::DOUBLE AS measured,
       CASE WHEN early > $days THEN $days WHEN n > $most OR NOT habit THEN $most ELSE $same_day END::DOUBLE AS lim,
       coalesce(early > $days, false) OR n > $most OR habit AS hit,
       CASE WHEN early > $days THEN concat('服务结束前', early, '天已确认，限值', $days, '天')
            WHEN n > $most THEN concat(minutes, '分钟内批量确认', n, '笔，限值', $most, '笔')
            ELSE concat('申请当日即确认，该机构', n_confirmed, '笔确认中有', at_once, '笔如此，限值',
                        round(100 * $same_day)::INTEGER, ' %') END AS what_zh,
       CASE WHEN early > $days THEN concat('confirmed ', early, ' days before the service had ended, line ', $days)
            WHEN n > $most THEN concat(n, ' claims confirmed within ', minutes, ' minutes, line ', $most)
            ELSE concat('confirmed on the day it was filed, as ', at_once, ' of the institution''s ', n_confirmed,
                        ' confirmations were, line ', round(100 * $same_day)::INTEGER, ' %') END AS what_en,
       CASE WHEN confirmed_at IS NULL THEN 'claims.confirmed_at' END AS why
  FROM (SELECT a.nth, a.claim_id, a.confirmed_at, b.n, $seconds // 60 AS minutes, h.at_once, h.n_confirmed,
               (h.at_once + 1) / (h.n_confirmed + 4) AS share, coalesce(share >= $same_day AND 
               (make_timestamp(epoch_us(a.confirmed_at) + 28800000000))::DATE <= a.submitted_on, false) AS habit,
               CASE WHEN a.service_end_on - INTERVAL 1 YEAR BETWEEN a.service_start_on AND a.submitted_on
                     AND a.service_end_on > a.submitted_on THEN NULL
                    ELSE a.service_end_on - (make_timestamp(epoch_us(a.confirmed_at) + 28800000000))::DATE
               END AS early
          FROM claims_to_judge a LEFT JOIN bulk b USING (claim_id)
          LEFT JOIN institution_totals h ON h.institution_id = a.institution_id)
 ORDER BY nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {
        "days": _EARLY_DAYS,
        "seconds": _BULK_MINUTES * 60,
        "most": settings.bulk_confirmation_claims,
        "same_day": _SAME_DAY_SHARE,
    }


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T26",
    severity="strong",
    typology="T26",
    title_zh=FLAG_TITLES["T26"].zh,
    title_en=FLAG_TITLES["T26"].en,
    hit_zh="{what_zh}",
    hit_en="{what_en}",
    scope=Scope(Level.INSTITUTION, tables=("claims",)),
    feature=True,
    compares_days=True,
    evaluate=evaluate,
)
