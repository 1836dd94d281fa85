"""Goods, training or bookkeeping sold as a service, by the words that name it.

Words of purchase in the invoice item or the service title. Words that make an apparatus part of a
service (rent, use, testing, sharing) acquit. A patent, a technology or data that is bought is no goods,
whatever the verb. Programmes that pay hardware pass. What an invoice itself
says by tax rate and class of goods is T27.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.programmes.service_words import service_words
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

# Rights and knowledge, with the verb before or after: 专利购买 is a kind of service that programmes list.
INTANGIBLE_PURCHASE = "(专利|技术|成果|著作权|数据)权?的?(购买|采购|购置)|(购买|采购|购置)(科技|技术)?(专利|技术|成果|软件著作权|著作权|数据)"

_STATEMENT = """
WITH seen AS (
    SELECT a.nth, a.claim_id, w.words, w.invoice, l.hardware_eligible AS allowed,
           regexp_extract(regexp_replace(w.words, $intangible, '', 'g'), $goods) AS word,
           word != '' AND NOT regexp_matches(w.words, $service) AS by_word
      FROM claims_to_judge a JOIN named w USING (claim_id) JOIN law l USING (regime)
)
SELECT claim_id, words, word, by_word::INTEGER::DOUBLE AS measured, 0.0 AS lim,
       by_word AND NOT coalesce(allowed, false) AS hit,
       CASE WHEN invoice IS NOT NULL THEN concat('invoice ', invoice) END AS evidence,
       CASE WHEN words = '' THEN 'claims.service_title' END AS why
  FROM seen ORDER BY nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {
        "goods": settings.goods_words,
        "intangible": INTANGIBLE_PURCHASE,
        "service": settings.goods_excluded_words,
    }


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings), named=service_words(context))


RULE = Rule(
    code="T07",
    severity="strong",
    typology="T07",
    title_zh=FLAG_TITLES["T07"].zh,
    title_en=FLAG_TITLES["T07"].en,
    hit_zh="“{words}”：出现“{word}”，货物用语{measured:int}处，允许{lim:int}处",
    hit_en="'{words}': the word '{word}'; {measured:int} word of goods, {lim:int} allowed",
    scope=Scope(Level.CLAIM, tables=("claims", "invoices"), long_columns=("claims.service_title",)),
    feature=True,
    evaluate=evaluate,
)
