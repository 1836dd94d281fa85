"""How the market of a claim's own day was formed, in words of both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.vocabulary.parties import INSTITUTION_CATEGORIES
from fraud_pipeline.vocabulary.services import SERVICES
from fraud_pipeline.vocabulary.term import Term

THIN = Term(
    "可比申请不足：{n} 笔、{institutions} 家机构（至少 {least} 笔、{least_institutions} 家），且当日无价格目录",
    "too few comparables: {n} claims of {institutions} institutions (needed {least} of "
    "{least_institutions}), and no catalogue price valid on the day",
)


# Narrowest group with comparables: 3 = service, region and category ... 0 = service alone.
_BASIS = """
SELECT v.claim_id,
  CASE WHEN v.own_title THEN 'same_title'
       WHEN NOT v.enough THEN 'catalogue'
       WHEN l.reference IS NOT NULL THEN 'comparables_and_catalogue' ELSE 'comparables' END AS basis,
  concat(
    '同类服务 n=', v.n, '（', coalesce(s.zh, v.service_type),
    CASE WHEN v.level IN (1, 3) AND v.region <> '' THEN '×' || v.region ELSE '' END,
    CASE WHEN v.level >= 2 AND v.category <> '' THEN '×' || coalesce(g.zh, v.category) ELSE '' END,
    CASE WHEN v.level > 0 AND v.n_narrow < v.n THEN ' n=' || v.n_narrow || '，向同类服务收缩' ELSE '' END,
    '，', v.n_institutions, ' 家其他机构，截至申请当日）',
    CASE WHEN v.from_title
         THEN concat('，数量 ', CAST(v.quantity AS BIGINT), ' 取自名称') ELSE '' END,
    CASE WHEN v.own_title THEN concat('，同名“', v.title, '”自成行情 n=', v.n_title)
         WHEN v.n_title = 0 AND v.title IS NOT NULL THEN '，该名称此前未见，判断从宽' ELSE '' END,
    CASE WHEN l.reference IS NOT NULL
         THEN concat('，参照价格目录 ', format('{:,.0f}', l.reference), ' 元') ELSE '' END,
    CASE WHEN v.claim_fen IS NOT NULL
         THEN concat('，金额按合同与发票一致的 ', format('{:,.0f}', v.fen / 100.0), ' 元计（申请写 ',
                     format('{:,.0f}', v.claim_fen / 100.0), ' 元，疑为位数或单位错误，请更正申请）')
         ELSE '' END,
    '；市场价（', $range, '% 区间）', format('{:,.0f}', v.low), '–', format('{:,.0f}', v.high), ' 元，中位 ',
    format('{:,.0f}', v.mid), ' 元，本单 ', format('{:,.0f}', v.price), ' 元/', v.unit, '，为 ',
    format('{:.2f}', v.ratio), ' 倍') AS basis_zh,
  concat('n=', v.n, ' claims of ', v.n_institutions, ' other institutions for ',
    coalesce(s.en, v.service_type),
    CASE WHEN v.level > 0 AND v.n_narrow < v.n
         THEN concat(', of them ', v.n_narrow, ' from the same ',
                     CASE v.level WHEN 1 THEN 'region' WHEN 2 THEN 'institution category'
                                  ELSE 'region and institution category' END) ELSE '' END,
    ', known on the day',
    CASE WHEN v.from_title
         THEN concat(', the quantity ', CAST(v.quantity AS BIGINT), ' read from the title')
         ELSE '' END,
    CASE WHEN v.own_title THEN concat(', the title having a market of its own, n=', v.n_title)
         WHEN v.n_title = 0 AND v.title IS NOT NULL
         THEN ', the title not seen before and judged leniently' ELSE '' END,
    CASE WHEN l.reference IS NOT NULL
         THEN concat(', with the catalogue price ', format('{:,.0f}', l.reference)) ELSE '' END,
    CASE WHEN v.claim_fen IS NOT NULL
         THEN concat(', priced by the ', format('{:,.0f}', v.fen / 100.0),
                     ' yuan on which contract and invoice agree (the claim says ',
                     format('{:,.0f}', v.claim_fen / 100.0),
                     ' yuan, likely an error of digit or unit: ask for a corrected claim)')
         ELSE '' END,
    ': market (', $range, '% range) ', format('{:,.0f}', v.low), ' to ', format('{:,.0f}', v.high), ', middle ',
    format('{:,.0f}', v.mid), ', this claim ', format('{:,.0f}', v.price), ' yuan a unit (', v.unit, '), ',
    format('{:.2f}', v.ratio), ' times') AS basis_en
FROM verdicts v JOIN listed l USING (claim_id)
LEFT JOIN services s ON s.code = v.service_type
LEFT JOIN categories g ON g.code = v.category
ORDER BY v.claim_id
"""


def basis_of(verdicts: pa.Table, listed: pa.Table, confidence: float) -> pa.Table:
    """claim_id, basis (code), basis_zh and basis_en of each scored claim, by claim_id.

    The sentences say the market (its range holds ``confidence`` of honest prices), its n and this claim
    against it.
    """
    tables = {"verdicts": verdicts, "listed": listed}
    for name, terms in (("services", SERVICES), ("categories", INSTITUTION_CATEGORIES)):
        zh, en = ([term[at] for term in terms.values()] for at in (0, 1))
        tables[name] = pa.table({"code": list(terms), "zh": zh, "en": en})
    return query(_BASIS, tables, {"range": percent(confidence)})


def percent(confidence: float) -> str:
    """A share as a whole percentage.

    >>> percent(0.9)
    '90'
    """
    return f"{100 * confidence:.0f}"


def thin_reasons(
    n: list[int], institutions: list[int], least: int, least_institutions: int
) -> dict[str, pa.Array]:
    """``reason`` and ``reason_en`` of each claim whose market is too thin."""
    return {
        name: pa.array(
            [template.format(n=a, institutions=b, least=least, least_institutions=least_institutions)
             for a, b in zip(n, institutions, strict=True)], pa.string(),
        )
        for name, template in (("reason", THIN.zh), ("reason_en", THIN.en))
    }  # fmt: skip


def sentence(row: Mapping[str, Any], name: str, language: str) -> str | None:
    """What ``row`` of PRICE_RESULTS says under ``name`` (reason, basis or claim_day_basis).

    Runs of earlier versions hold both languages in the column ``name``, "zh / en".

    >>> sentence({"reason": "数量不为正 / quantity not positive"}, "reason", "en")
    'quantity not positive'
    """
    zh, en = ("reason" if name == "reason" else f"{name}_zh"), f"{name}_en"
    if row.get(en) is not None:
        return row[zh] if language == "zh" else row[en]
    both = str(row.get(name) or "").split(" / ", 1)
    return (both[0] if language == "zh" else both[-1]) or None
