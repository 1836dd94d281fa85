"""Goods, training or bookkeeping sold as a service: by the words and by the VAT rate.

Words of purchase in the invoice item or the service title, or a VAT rate of goods (a
service bears 6 %; goods bore 17, then 16, since 2019 13 %). Words that make an apparatus
part of a service (rent, use, testing, sharing) acquit. Programmes that pay hardware pass.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.programmes.service_words import service_words
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_STATEMENT = """
WITH seen AS (
    SELECT a.nth, a.claim_id, w.words, w.goods_rate, w.rate, w.invoice,
           l.hardware_eligible AS allowed, regexp_extract(w.words, $goods) AS word,
           word != '' AND NOT regexp_matches(w.words, $service) AS by_word
      FROM claims_to_judge a JOIN named w USING (claim_id) JOIN law l USING (regime)
)
SELECT claim_id, words, (by_word::INTEGER + (goods_rate IS NOT NULL)::INTEGER)::DOUBLE AS measured,
       0.0 AS lim, (by_word OR goods_rate IS NOT NULL) AND NOT coalesce(allowed, false) AS hit,
       CASE WHEN by_word THEN concat('出现“', word, '”') ELSE '' END AS word_zh,
       CASE WHEN by_word THEN concat('the word ''', word, '''') ELSE '' END AS word_en,
       CASE WHEN goods_rate IS NOT NULL
            THEN concat(' 税率', round(100 * goods_rate)::INTEGER, '%为货物税率') ELSE '' END AS vat_zh,
       CASE WHEN goods_rate IS NOT NULL
            THEN concat(' a VAT rate of ', round(100 * goods_rate)::INTEGER, ' %, that of goods')
            ELSE '' END AS vat_en,
       CASE WHEN invoice IS NOT NULL THEN concat('invoice ', invoice) END AS evidence,
       CASE WHEN words = '' AND rate IS NULL THEN 'claims.service_title' END AS why
  FROM seen ORDER BY nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {
        "goods": settings.goods_words,
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
    hit_zh="“{words}”：{word_zh}{vat_zh}，货物迹象{measured:int}项，允许{lim:int}项",
    hit_en="'{words}': {word_en}{vat_en}; {measured:int} signs of goods, {lim:int} allowed",
    scope=Scope(Level.CLAIM, tables=("claims", "invoices"), long_columns=("claims.service_title",)),
    feature=True,
    evaluate=evaluate,
)
