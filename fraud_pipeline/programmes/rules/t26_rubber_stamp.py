"""Confirmations given before there was anything to confirm, or in bulk.

Early: confirmed before the service had ended. Bulk: one confirmer, many claims of several
enterprises within minutes. Days are counted in local time (UTC+8).
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_EARLY_DAYS = 0  # before the end of the service; an assumption

_STATEMENT = """
WITH stamped AS (
    SELECT claim_id, enterprise_id, institution_id, coalesce(confirmed_by, '') AS who,
           epoch_us(confirmed_at) // 1000000 AS second
      FROM claims WHERE confirmed_at IS NOT NULL
), bulk AS (
    SELECT claim_id, count(*) OVER w AS n FROM stamped
    WINDOW w AS (PARTITION BY institution_id, who ORDER BY second
                 RANGE BETWEEN $seconds PRECEDING AND $seconds FOLLOWING)
)
SELECT a.claim_id, b.n, $seconds // 60 AS minutes,
       a.service_end_on - (make_timestamp(epoch_us(a.confirmed_at) + 28800000000))::DATE AS early,
       CASE WHEN early > $days THEN early ELSE b.n END::DOUBLE AS measured,
       CASE WHEN early > $days THEN $days ELSE $most END::DOUBLE AS lim,
       coalesce(early > $days, false) OR b.n > $most AS hit,
       CASE WHEN early > $days THEN '服务结束前提前确认的天数' ELSE concat(minutes, '分钟内批量确认的笔数')
       END AS what_zh,
       CASE WHEN early > $days THEN 'days confirmed before the service had ended'
            ELSE concat('claims confirmed within ', minutes, ' minutes') END AS what_en,
       CASE WHEN a.confirmed_at IS NULL THEN 'claims.confirmed_at' END AS why
  FROM claims_to_judge a LEFT JOIN bulk b USING (claim_id)
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {
        "days": _EARLY_DAYS,
        "seconds": settings.bulk_confirmation_minutes * 60,
        "most": settings.bulk_confirmation_claims,
    }


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T26",
    severity="strong",
    typology="T26",
    title_zh=FLAG_TITLES["T26"].zh,
    title_en=FLAG_TITLES["T26"].en,
    hit_zh="{what_zh}：{measured:int}，界线{lim:int}",
    hit_en="{what_en}: {measured:int}, line {lim:int}",
    scope=Scope(Level.INSTITUTION, tables=("claims",)),
    feature=True,
    evaluate=evaluate,
)
