"""The catalogue of features: every number the model sees, named in words.

One place, because the step that measures a feature, the model that weighs it and
the sentence that explains it must mean the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["rules", "price", "ring", "behaviour", "profile"]
Unit = Literal["yuan", "ratio", "count", "days", "share", "score", "flag"]


@dataclass(frozen=True)
class Feature:
    """One feature of a claim; missing stays missing (null), never zero.

    ``direction`` +1: higher is more suspicious by the meaning of the feature;
    -1: lower is; 0: no direction is law and a model may learn one.
    """

    name: str
    group: Group
    unit: Unit
    direction: int
    zh: str
    en: str
    doc: str


def _behaviour(name: str, unit: Unit, direction: int, zh: str, en: str, doc: str) -> Feature:
    return Feature(name, "behaviour", unit, direction, zh, en, doc)


# Windows cover the days strictly before the claim's own day unless the doc says
# "up to the day"; nothing after the claim's day counts (outlyingness excepted).
BEHAVIOUR_FEATURES: tuple[Feature, ...] = (
    _behaviour("enterprise_claims_30", "count", 1, "企业前30天申请笔数",
               "claims of the enterprise in the 30 days before", "All institutions."),
    _behaviour("enterprise_claims_365", "count", 1, "企业前365天申请笔数",
               "claims of the enterprise in the 365 days before", "All institutions."),
    _behaviour("enterprise_amount_365", "yuan", 1, "企业前365天申请金额",
               "yuan claimed by the enterprise in the 365 days before", "Sum of claimed_amount."),
    _behaviour("enterprise_institutions_365", "count", 0, "企业前365天合作机构数",
               "institutions the enterprise used in the 365 days before", "Distinct institutions."),
    _behaviour("enterprise_hhi_365", "share", 0, "企业前365天对机构的集中度",
               "concentration of the enterprise on institutions, 365 days before",
               "Herfindahl index of its claims over institutions; unknown without earlier claims."),
    _behaviour("enterprise_same_day", "count", 1, "企业同日其他申请笔数",
               "other claims of the enterprise on the same day", "Up to the day."),
    _behaviour("institution_claims_30", "count", 0, "机构前30天受理笔数",
               "claims at the institution in the 30 days before", "All enterprises."),
    _behaviour("institution_claims_365", "count", 0, "机构前365天受理笔数",
               "claims at the institution in the 365 days before", "All enterprises."),
    _behaviour("institution_amount_365", "yuan", 0, "机构前365天申请金额",
               "yuan claimed at the institution in the 365 days before", "Sum of claimed_amount."),
    _behaviour("institution_clients_365", "count", 0, "机构前365天服务企业数",
               "enterprises served by the institution in the 365 days before",
               "Distinct enterprises."),
    _behaviour("institution_hhi_365", "share", 0, "机构前365天对企业的集中度",
               "concentration of the institution on clients, 365 days before",
               "Herfindahl index of its claims over enterprises; unknown without earlier claims."),
    _behaviour("institution_newcomer_share_90", "share", 1, "机构近90天首次用券企业占比",
               "share of first-time claimants at the institution, 90 days before",
               "Of its claims in the window, those whose enterprise had never claimed on an "
               "earlier day, anywhere."),
    _behaviour("institution_burst", "score", 1, "机构申请突增程度",
               "surprise of the institution's burst of claims",
               "-log10 of the Poisson tail of its claims of the last fortnight up to the day, "
               "expected from its share of the year before and the programme's volume of that "
               "fortnight: a deadline rush shared by all is no burst."),
    _behaviour("agent_burst", "score", 1, "代办人申请突增程度",
               "surprise of the agent's burst of claims", "As institution_burst, by agent_id."),
    _behaviour("building_burst", "score", 1, "同一楼宇申请突增程度",
               "surprise of the building's burst of claims",
               "As institution_burst, by the enterprise's address without its room."),
    _behaviour("pair_claims_365", "count", 1, "企业与该机构前365天申请笔数",
               "claims of this enterprise at this institution in the 365 days before", "Pair."),
    _behaviour("pair_amount_365", "yuan", 1, "企业与该机构前365天申请金额",
               "yuan claimed by this enterprise at this institution, 365 days before",
               "Sum of claimed_amount of the pair."),
    _behaviour("pair_siblings_30", "count", 1, "同一企业同一机构同类服务30天内其他申请笔数",
               "other claims of the pair for the same service within 30 days",
               "Up to the day, the same day included: the shape of a split contract."),
    _behaviour("pair_below_limit_90", "count", 1, "同一企业同一机构90天内略低于限额的合同笔数",
               "contracts of the pair just below a limit within 90 days",
               "Up to the day, counted only when this contract lies in the same band; limits and "
               "band stand in the settings."),
    _behaviour("same_amount_enterprises", "count", 1, "该机构365天内合同金额完全相同的其他企业数",
               "other enterprises with the identical contract amount at the institution, 365 days",
               "Up to the day; price lists make it honest, so it is only an indication."),
    _behaviour("agent_clients_365", "count", 1, "同一代办人365天内代办企业数",
               "enterprises filed for by the same agent within 365 days", "Up to the day."),
    _behaviour("device_clients_365", "count", 1, "同一设备365天内申请企业数",
               "enterprises filing from the same device within 365 days", "Up to the day."),
    _behaviour("phone_clients_365", "count", 1, "同一联系电话365天内申请企业数",
               "enterprises with the same contact phone within 365 days", "Up to the day."),
    _behaviour("claimed_share", "share", 1, "申请金额占合同金额比例",
               "share of the contract that is claimed", "claimed_amount / contract_amount."),
    _behaviour("contract_percentile", "share", 1, "合同金额在同类服务以往申请中的位置",
               "rank of the contract amount among earlier claims for the service",
               "Share of earlier-day claims of the service with a smaller amount (ties half)."),
    _behaviour("service_percentile", "share", -1, "服务天数在同类服务以往申请中的位置",
               "rank of the service's duration among earlier claims for the service",
               "Share of earlier-day claims of the service that took fewer days (ties half)."),
    _behaviour("daily_value_percentile", "share", 1, "每服务日合同金额在同类服务以往申请中的位置",
               "rank of the yuan earned a day of service among earlier claims for the service",
               "Contract amount / (service days + 1), ranked as contract_percentile."),
    _behaviour("contract_to_claim_days", "days", 0, "合同签订到申请的天数",
               "days from signing the contract to the claim", "Negative: claimed before signing."),
    _behaviour("contract_to_invoice_days", "days", -1, "合同签订到首张发票的天数",
               "days from signing the contract to its first invoice",
               "Invoices up to the day; negative: invoiced before signing."),
    _behaviour("days_to_expiry", "days", -1, "申请日距创新券到期的天数",
               "days from the claim to the voucher's expiry", "Negative: claimed after expiry."),
    _behaviour("balance_left_share", "share", -1, "使用后创新券余额占面值比例",
               "share of the voucher's face left after this claim",
               "Face less all uses up to the day (same day: smaller claim ids first); 0 = emptied "
               "exactly."),
    _behaviour("claims_per_employee", "ratio", 1, "365天内人均申请笔数",
               "claims in 365 days for each employee", "This claim counted; up to 365 days before."),
    _behaviour("quantity_per_rd_employee", "ratio", 1, "365天内同类服务数量与研发人数之比",
               "units of this service in 365 days for each research employee",
               "Own quantity and that of the 365 days before, same enterprise and service."),
    _behaviour("contract_to_revenue", "ratio", 1, "合同金额占上年度营业收入比例",
               "contract amount against last year's revenue", "contract_amount / annual_revenue."),
    _behaviour("enterprise_age_days", "days", 0, "申请时企业成立天数",
               "age of the enterprise at the claim", "From founded_on; being new is no reproach."),
    _behaviour("invoice_reuse", "count", 1, "使用相同发票号码的其他申请笔数",
               "other claims resting on the same invoice number",
               "Up to the day; invoices of the claims' contracts, same number, code and seller, "
               "another contract or the same one."),
    _behaviour("reference_reuse", "count", 1, "使用相同成果编号的其他申请笔数",
               "other claims showing the same reference number",
               "Up to the day; deliverables of the same kind."),
    _behaviour("money_back_share", "share", 1, "机构返还企业的金额占合同金额比例",
               "money back from the institution to the enterprise, share of the contract",
               "Payments institution to enterprise up to the day, under the contract or, without "
               "one, in the 180 days before."),
    _behaviour("outlyingness", "score", 1, "整体行为偏离程度",
               "how unlike the other claims the behaviour is",
               "Isolation forest (Liu, Ting, Zhou 2008) over within-programme ranks of the features "
               "above, as a rank in [0, 1] among the claims known on the as-of date."),
)  # fmt: skip


def _f(name: str, group: Group, unit: Unit, direction: int, zh: str, en: str, doc: str) -> Feature:
    return Feature(name, group, unit, direction, zh, en, doc)


BEHAVIOUR_FEATURES: tuple[Feature, ...] = (
    _f("enterprise_claims_90d", "behaviour", "count", 0, "企业前90天申请数",
       "claims of the enterprise in the 90 days before", "Strictly earlier days."),
    _f("enterprise_claims_365d", "behaviour", "count", 0, "企业前一年申请数",
       "claims of the enterprise in the year before", "Strictly earlier days."),
    _f("institution_claims_30d", "behaviour", "count", 0, "机构前30天接单数",
       "claims of the institution in the 30 days before", "Strictly earlier days."),
    _f("institution_claims_365d", "behaviour", "count", 0, "机构前一年接单数",
       "claims of the institution in the year before", "Strictly earlier days."),
    _f("pair_claims_365d", "behaviour", "count", 0, "双方前一年往来数",
       "claims of the same two parties in the year before", "Strictly earlier days."),
    _f("pair_share_365d", "behaviour", "share", 0, "企业申请中该机构占比",
       "share of the enterprise's claims that went to this institution", "Of the year before."),
    _f("institution_burst", "behaviour", "ratio", 1, "机构近30天相对全年的突增倍数",
       "the institution's last 30 days against its own year", "Needs six claims in the year."),
    _f("first_client_share_90d", "behaviour", "share", 1, "机构近90天首次客户占比",
       "share of first-time clients at the institution, last 90 days", "A ring's shop has no regulars."),
    _f("institution_clients_90d", "behaviour", "count", 0, "机构近90天客户数",
       "clients of the institution in the 90 days before", "Distinct enterprises."),
    _f("agent_claims_30d", "behaviour", "count", 1, "代办机构近30天代办数",
       "claims filed by the same agent in the 30 days before", "Unknown without an agent."),
    _f("same_day_enterprise", "behaviour", "count", 1, "企业同日其他申请数",
       "other claims of the enterprise on the same day", "Batches."),
    _f("same_day_institution", "behaviour", "count", 0, "机构同日其他申请数",
       "other claims at the institution on the same day", "Deadline rushes are normal."),
    _f("same_amount_365d", "behaviour", "count", 1, "机构前一年相同合同金额数",
       "earlier contracts of exactly this amount at the institution", "Price lists explain some."),
    _f("days_contract_to_claim", "behaviour", "days", 0, "签约到申请天数",
       "days from contract to claim", "Negative: claimed before the contract."),
    _f("days_contract_to_invoice", "behaviour", "days", -1, "签约到开票天数",
       "days from contract to first invoice", "Negative: invoiced before the contract."),
    _f("service_days", "behaviour", "days", -1, "服务天数", "days the service took", "End minus start."),
    _f("days_service_to_confirmation", "behaviour", "days", -1, "服务结束到确认天数",
       "days from the end of the service to its confirmation", "Negative: confirmed before it ended."),
    _f("days_to_expiry", "behaviour", "days", 0, "距券到期天数", "days until the voucher expires",
       "Spending at the end is mostly no offence."),
    _f("voucher_spent_share", "behaviour", "share", 0, "券面已用比例",
       "share of the voucher's face spent with this claim", "1 = spent to the last yuan."),
    _f("enterprise_age_days", "behaviour", "days", 0, "企业成立天数",
       "age of the enterprise on the day of the claim", "Being new is no offence by itself."),
    _f("quantity_per_employee", "behaviour", "ratio", 1, "人均购买数量",
       "units bought for each employee", "Forty filings by three people."),
    _f("quantity_per_researcher", "behaviour", "ratio", 1, "研发人员人均购买数量",
       "units bought for each researcher", "One is added to the researchers."),
    _f("contract_to_revenue", "behaviour", "ratio", 1, "合同金额占上年营收比",
       "contract against last year's revenue", "How much the firm bets on it."),
    _f("invoice_spoiled", "behaviour", "flag", 1, "发票作废或红冲", "invoice void or red-flushed",
       "Any invoice of the contract."),
    _f("invoice_reused", "behaviour", "count", 1, "发票号在其他合同出现次数",
       "other contracts with the same invoice number", "Same code and number."),
    _f("report_reused", "behaviour", "count", 1, "成果编号在其他申请出现次数",
       "other claims with the same deliverable number", "Exact."),
    _f("money_back_share", "behaviour", "share", 1, "机构回款占已付款比例",
       "share of the payment that flowed back to the enterprise", "By the contract's payments."),
    _f("outlyingness", "behaviour", "score", 1, "整体异常程度", "how unusual the claim is as a whole",
       "Isolation forest over the ranks of the features above, as a rank."),
)  # fmt: skip

RULE_FEATURES: tuple[Feature, ...] = (
    _f("hard_hits", "rules", "count", 1, "违反硬性规定数", "legal limits broken",
       "Hits of severity hard: the money is not due by the programme's own rules."),
    _f("strong_hits", "rules", "count", 1, "强疑点数", "strong red flags", "Hits of severity strong."),
    _f("weak_hits", "rules", "count", 1, "弱疑点数", "weak red flags", "Hits of severity weak."),
    _f("rule_score", "rules", "score", 1, "规则综合分", "rules together",
       "Noisy-or of the hits; a rule that fires on more than 5 % of claims counts half."),
)  # fmt: skip

PRICE_FEATURES: tuple[Feature, ...] = (
    _f("price_log_ratio", "price", "ratio", 1, "单价对市场中位的对数倍数",
       "log of the unit price against the market median", "Unknown where there is no market."),
    _f("price_surprise", "price", "score", 1, "价格罕见程度", "how rare such a price is",
       "-log10 of the one-sided p-value, at most 6."),
    _f("price_excess_share", "price", "share", 1, "超市场部分占合同比",
       "share of the contract above the market", "Zero inside the market band."),
)  # fmt: skip

RING_FEATURES: tuple[Feature, ...] = (
    _f("ring_score", "ring", "score", 1, "所在团伙分", "score of the ring the claim is in",
       "Zero outside every ring."),
    _f("ring_surprise", "ring", "score", 1, "团伙罕见程度", "how unlikely the ring is by chance",
       "-log10 of the ring's p-value, at most 6; zero outside."),
    _f("ring_strength", "ring", "share", 1, "双方在团伙中的紧密程度",
       "how firmly both parties belong to the ring", "The weaker of the two."),
    _f("own_tie_weight", "ring", "score", 1, "企业与机构之间的身份关联",
       "identity ties between this enterprise and this institution", "After the hub discount."),
    _f("enterprise_tie_weight", "ring", "score", 1, "企业与其他主体的身份关联",
       "identity ties of the enterprise to others", "After the hub discount; claims not counted."),
)  # fmt: skip

PROFILE_FEATURES: tuple[Feature, ...] = (
    _f("voucher_share", "profile", "share", 0, "创新券占合同比", "share of the contract paid by vouchers",
       "Voucher used against the contract."),
    _f("claimed_log", "profile", "yuan", 0, "申请金额（对数）", "amount claimed (log)", "Natural log of yuan."),
    _f("employees", "profile", "count", 0, "从业人数", "employees", "Last year's."),
    _f("institution_past_improper", "profile", "share", 1, "机构此前核查问题率",
       "share of the institution's earlier audited claims found improper",
       "Only outcomes decided before this claim's day; shrunk to the programme's rate."),
    _f("enterprise_past_improper", "profile", "share", 1, "企业此前核查问题率",
       "share of the enterprise's earlier audited claims found improper",
       "Only outcomes decided before this claim's day; shrunk to the programme's rate."),
)  # fmt: skip

FEATURES: tuple[Feature, ...] = (
    *RULE_FEATURES, *PRICE_FEATURES, *RING_FEATURES, *BEHAVIOUR_FEATURES, *PROFILE_FEATURES,
)  # fmt: skip
FEATURE_NAMES: tuple[str, ...] = tuple(f.name for f in FEATURES)
