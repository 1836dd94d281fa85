"""Mandatory inspections and verifications, which an enterprise must pay for itself.

The Changping voucher measures of 2017 (article 6) exclude compulsory and statutory
testing; where a programme declares it eligible the flag passes.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.programmes.service_words import service_words
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_STATEMENT = """
SELECT a.claim_id, w.words, regexp_extract(w.words, $statutory) AS word,
       (word != '')::INTEGER::DOUBLE AS measured, 0.0 AS lim,
       word != '' AND NOT coalesce(l.statutory_testing_eligible, false) AS hit,
       l.statutory_testing_eligible_clause AS clause,
       CASE WHEN w.words = '' THEN 'claims.service_title' END AS why
  FROM claims_to_judge a JOIN named w USING (claim_id) JOIN law l USING (regime)
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"statutory": settings.statutory_words}


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings), named=service_words(context))


RULE = Rule(
    code="T22",
    severity="strong",
    typology="T22",
    title_zh=FLAG_TITLES["T22"].zh,
    title_en=FLAG_TITLES["T22"].en,
    hit_zh="“{words}”含“{word}”，属强制或法定检测（{measured:int}处，允许{lim:int}处）",
    hit_en="'{words}' names '{word}', a mandatory test ({measured:int} found, {lim:int} allowed)",
    scope=Scope(Level.CLAIM, tables=("claims", "invoices"), long_columns=("claims.service_title",)),
    feature=True,
    evaluate=evaluate,
)
