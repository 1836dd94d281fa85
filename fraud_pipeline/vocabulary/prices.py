"""Prices: what a market is formed from, and why a claim has no verdict on its price."""

from __future__ import annotations

from fraud_pipeline.vocabulary.term import Term

PRICE_BASES: dict[str, Term] = {
    "comparables": Term("同类申请", "comparable claims"),
    "comparables_and_catalogue": Term("同类申请和价格目录", "comparable claims and the catalogue"),
    "catalogue": Term("价格目录", "the catalogue", "同类申请不足。", "Too few claims to compare with."),
    "same_title": Term("同名服务", "claims of the same title",
                       "该名称自成行情。", "The title has a market of its own."),
}  # fmt: skip
PRICE_QUEUES: dict[str, Term] = {
    "overpriced": Term("价格偏高", "overpriced"),
    "quantity_unit_or_split": Term(
        "先核对数量、单位和拆分", "quantity, unit or split contract first"
    ),
}
UNPRICED: dict[str, Term] = {
    "amount": Term("合同金额缺失或不为正", "contract amount missing or not positive"),
    "kind": Term("服务类型为“其他”，又无名称、单位和数量，无可比价格",
                 "kind of service other, without title, unit or quantity: there is no like service to "
                 "compare with"),
    "no_quantity": Term("有计量单位但无数量，无法折算单价",
                        "a unit without a quantity: no unit price can be formed"),
    "bad_quantity": Term("数量不为正", "quantity not positive"),
}  # fmt: skip
