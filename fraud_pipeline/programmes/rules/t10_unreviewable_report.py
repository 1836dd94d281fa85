"""A report that cannot be reviewed: a sentence or two without a single figure."""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_STATEMENT = """
SELECT a.claim_id, length(c.report_text)::DOUBLE AS measured, $chars::DOUBLE AS lim,
       measured < $chars AND NOT regexp_matches(c.report_text, '[0-9０-９一二三四五六七八九十百]') AS hit,
       CASE WHEN coalesce(trim(c.report_text), '') = '' THEN 'claims.report_text' END AS why
  FROM claims_to_judge a JOIN claims c USING (claim_id)
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"chars": settings.report_min_chars}


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T10",
    severity="weak",
    typology="T10",
    title_zh=FLAG_TITLES["T10"].zh,
    title_en=FLAG_TITLES["T10"].en,
    hit_zh="成果说明仅{measured:int}字（至少{lim:int}字），且没有任何数据",
    hit_en="the report has {measured:int} characters ({lim:int} expected) and not one figure",
    scope=Scope(Level.CLAIM, tables=("claims",), long_columns=("claims.report_text",)),
    feature=True,
    evaluate=evaluate,
)
