"""The sentences of price patterns, Chinese and English: leads, never findings."""

from __future__ import annotations

from typing import Any

_ZH = {
    "institution_level": "机构 {subject_id} 的 {n} 笔价格整体约为市场的 {measured:.2f} 倍"
    "（已扣除机构间通常差异），建议核对其收费标准。",
    "pair_level": "机构 {subject_id} 与企业 {other_id} 之间 {n} 笔价格整体约为市场的 {measured:.2f} 倍，"
    "建议核对报价依据。",
    "customer": "同一服务，机构 {subject_id} 向企业 {other_id} 收取约为市场的 {measured:.2f} 倍（{n} 笔），"
    "向其他用券企业为 {peer_value:.2f} 倍，建议核对差价原因。",
    "just_below": "机构 {subject_id} 有 {measured:.0f} 笔合同金额紧贴在 {extra:,.0f} 元以下，"
    "刚超过的只有 {peer_value:.0f} 笔，疑似按限额定价。",
    "too_low": "申请 {subject_id} 的单价仅为市场的 {measured:.2f} 倍，低于正常成本的可能，"
    "建议核对服务是否真实、数量是否虚增。",
    "sold_apart": "机构 {subject_id} 一周内向企业 {other_id} 分 {n} 笔计价，合计约为一笔通常价格的 "
    "{measured:.2f} 倍，疑似把一项服务拆开计价。",
    "tax_added": "申请 {subject_id} 的合同价等于发票金额加 {extra:.0%} 税；不含税单价为市场的 "
    "{measured:.2f} 倍（含税 {peer_value:.2f} 倍），比较时请统一口径。",
}
_EN = {
    "institution_level": "The {n} prices of institution {subject_id} are together about "
    "{measured:.2f} times the market, beyond what institutions usually differ by; its tariff is worth a look.",
    "pair_level": "The {n} prices between institution {subject_id} and enterprise {other_id} are "
    "together about {measured:.2f} times the market; ask how they were quoted.",
    "customer": "For the same service institution {subject_id} takes about {measured:.2f} times the "
    "market from enterprise {other_id} ({n} claims) and {peer_value:.2f} times from its other voucher "
    "clients; ask for the reason.",
    "just_below": "{measured:.0f} contracts of institution {subject_id} lie just below "
    "{extra:,.0f} yuan and only {peer_value:.0f} just above: perhaps priced by the limit.",
    "too_low": "The unit price of claim {subject_id} is only {measured:.2f} times the market, perhaps "
    "below cost; check that the service is real and the quantity not padded.",
    "sold_apart": "Within a week institution {subject_id} priced {n} parts for enterprise {other_id} "
    "that add up to {measured:.2f} times one usual price: perhaps one service sold in parts.",
    "tax_added": "The contract of claim {subject_id} is its invoice plus {extra:.0%} tax; before tax "
    "the unit price is {measured:.2f} times the market ({peer_value:.2f} with tax): compare like with like.",
}


def sentences(row: dict[str, Any], extra: float | None) -> tuple[str, str]:
    """The pattern told in Chinese and in English; ``extra`` is its limit (yuan) or tax rate."""
    words = {**row, "n": row["n_claims"], "extra": extra}
    return _ZH[row["kind"]].format(**words), _EN[row["kind"]].format(**words)
