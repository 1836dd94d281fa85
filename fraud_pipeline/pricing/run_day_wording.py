"""The run's view of a price in words, one language a column, and the code of its ``basis``."""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.pricing.wording import percent
from fraud_pipeline.vocabulary.services import SERVICES

# An institution is spoken of where its other claims say something of this one.
_SPEAKS = 0.1  # expected share of overpriced claims
_MOSTLY = 0.5
_LEVEL_APART = 1.15  # times the market

_WORDS = """
WITH said AS (
SELECT v.*, coalesce(s.zh, v.service_type) AS service_zh, coalesce(s.en, v.service_type) AS service_en,
    CASE WHEN n_others < 2 THEN NULL
         WHEN institution_share >= $mostly THEN
              concat('该机构其余 ', n_others, ' 笔的价格约为市场价的 ', format('{:.1f}', ratio_others),
                     ' 倍，多数明显偏高')
         WHEN institution_share >= $speaks THEN
              concat('该机构其余 ', n_others, ' 笔中约 ', format('{:.0f}', 100 * institution_share),
                     '% 明显高于市场价')
         WHEN institution_level >= $apart OR institution_level <= 1 / $apart THEN
              concat('该机构其余 ', n_others, ' 笔的价格水平约为市场价的 ',
                     format('{:.2f}', institution_level), ' 倍') END AS institution_zh,
    CASE WHEN n_others < 2 THEN NULL
         WHEN institution_share >= $mostly THEN
              concat('This institution charges its other clients about ', format('{:.1f}', ratio_others),
                     ' times the market too (', n_others, ' other claims)')
         WHEN institution_share >= $speaks THEN
              concat('About ', format('{:.0f}', 100 * institution_share), '% of the institution''s ',
                     n_others, ' other claims are clearly above the market')
         WHEN institution_level >= $apart OR institution_level <= 1 / $apart THEN
              concat('The price level of the institution''s ', n_others, ' other claims is about ',
                     format('{:.2f}', institution_level), ' times the market') END AS institution_en
FROM verdicts v LEFT JOIN services s ON s.code = v.service_type
)
SELECT *,
  CASE WHEN NOT enough THEN 'catalogue' WHEN has_catalogue THEN 'comparables_and_catalogue'
       ELSE 'comparables' END AS basis,
  concat(
    '同类服务 n=', n, '（', service_zh, '，', n_institutions,
    ' 家其他机构，截至运行日，已扣除名称、地区、机构类别、数量和年份的影响）',
    CASE WHEN from_title
         THEN concat('，数量 ', CAST(quantity AS BIGINT), ' 取自名称') ELSE '' END,
    CASE WHEN title IS NOT NULL AND n_title_sellers < 1
         THEN '，该名称未见其他机构使用，判断从宽' ELSE '' END,
    CASE WHEN claim_fen IS NOT NULL
         THEN concat('，金额按合同与发票一致的 ', format('{:,.0f}', fen / 100.0), ' 元计（申请写 ',
                     format('{:,.0f}', claim_fen / 100.0), ' 元，疑为位数或单位错误，请更正申请）')
         ELSE '' END,
    '；市场价（', $range, '% 区间）', format('{:,.0f}', low), '–', format('{:,.0f}', high), ' 元，中位 ',
    format('{:,.0f}', mid), ' 元，本单 ', format('{:,.0f}', price), ' 元/', unit, '，为 ',
    format('{:.2f}', price_ratio), ' 倍',
    CASE WHEN price_queue = 'quantity_unit_or_split'
         THEN '；相差过大，请先核对数量、计量单位和是否拆分合同，并请机构提供报价单或按项目列出的清单' ELSE '' END,
    CASE WHEN institution_zh IS NOT NULL THEN concat('。', institution_zh) ELSE '' END) AS basis_zh,
  concat('n=', n, ' claims of ', n_institutions, ' other institutions for ', service_en,
    ', known on the day of the run, the effects of title, region, institution category, quantity and '
    'year taken off',
    CASE WHEN from_title
         THEN concat(', the quantity ', CAST(quantity AS BIGINT), ' read from the title') ELSE '' END,
    CASE WHEN title IS NOT NULL AND n_title_sellers < 1
         THEN ', the title used by no other institution and judged leniently' ELSE '' END,
    CASE WHEN claim_fen IS NOT NULL
         THEN concat(', priced by the ', format('{:,.0f}', fen / 100.0),
                     ' yuan on which contract and invoice agree (the claim says ',
                     format('{:,.0f}', claim_fen / 100.0),
                     ' yuan, likely an error of digit or unit: ask for a corrected claim)')
         ELSE '' END,
    ': market (', $range, '% range) ', format('{:,.0f}', low), ' to ', format('{:,.0f}', high), ', middle ',
    format('{:,.0f}', mid), ', this claim ', format('{:,.0f}', price), ' yuan a unit (', unit, '), ',
    format('{:.2f}', price_ratio), ' times',
    CASE WHEN price_queue = 'quantity_unit_or_split'
         THEN '; too far apart: first check the quantity, the unit and whether a contract was split, and ask the '
              'institution for its quotation or a list item by item'
         ELSE '' END,
    CASE WHEN institution_en IS NOT NULL THEN concat('. ', institution_en) ELSE '' END) AS basis_en
FROM said ORDER BY claim_id
"""


def with_words(verdicts: pa.Table, confidence: float) -> pa.Table:
    """``verdicts`` with institution_zh, institution_en, basis (code), basis_zh and basis_en, by claim_id.

    The market's range in the sentences holds ``confidence`` of honest prices.
    """
    services = pa.table(
        {
            "code": list(SERVICES),
            "zh": [t[0] for t in SERVICES.values()],
            "en": [t[1] for t in SERVICES.values()],
        }
    )
    return query(
        _WORDS, {"verdicts": verdicts, "services": services},
        {"speaks": _SPEAKS, "mostly": _MOSTLY, "apart": _LEVEL_APART, "range": percent(confidence)},
    )  # fmt: skip
