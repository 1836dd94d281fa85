"""The catalogue of features: every number the model sees, named in words.

One place, because the step that measures a feature, the model that weighs it and
the sentence that explains it must mean the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fraud_pipeline.programmes.rule import Rule
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema.scope import Level, Scope

Group = Literal["rules", "price", "ring", "behaviour", "profile", "neighbourhood", "text"]
Unit = Literal["yuan", "ratio", "count", "days", "share", "score", "flag"]


@dataclass(frozen=True)
class Feature:
    """One feature of a claim; missing stays missing (null), never zero.

    ``direction`` +1: higher is more suspicious by the meaning of the feature;
    -1: lower is; 0: no direction is law and a model may learn one. ``scope``: the rows of its
    step's inputs that it is made from.
    """

    name: str
    group: Group
    unit: Unit
    direction: int
    zh: str
    en: str
    doc: str
    scope: Scope


def _f(
    name: str, group: Group, unit: Unit, direction: int, zh: str, en: str, doc: str, scope: Scope
) -> Feature:
    return Feature(name, group, unit, direction, zh, en, doc, scope)


def _of_claim(*tables: str) -> Scope:
    return Scope(Level.CLAIM, ("claims", *tables))


def _sharing(column: str) -> Scope:
    """Other claims come in by one value only; ``column`` is ``table.column``."""
    return Scope(
        Level.SHARED, tuple(sorted({"claims", column.split(".", maxsplit=1)[0]})), sharing=(column,)
    )


_OF_ENTERPRISE = Scope(Level.ENTERPRISE, ("claims",))
_OF_INSTITUTION = Scope(Level.INSTITUTION, ("claims",))
_HITS = Scope(Level.CLAIM, ("rule_results",))
_MARKET = Scope(Level.SHARED, ("claims", "institutions", "market_prices", "outcomes"),
                sharing=("claims.service_type",))  # fmt: skip
_RING = Scope(Level.PROGRAMME, ("rings",))
_TIES = Scope(Level.ENTERPRISE, ("ties",))
# The states of the parties on the days of these claims, with the audits of both known by then.
_CLIENTS = Scope(Level.INSTITUTION, ("claims", "outcomes", "behaviour"))
_SUPPLIERS = Scope(Level.ENTERPRISE, ("claims", "outcomes", "behaviour"))


BEHAVIOUR_FEATURES: tuple[Feature, ...] = (
    _f("enterprise_claims_90d", "behaviour", "count", 0, "企业前90天申请数",
       "claims of the enterprise in the 90 days before", "Strictly earlier days.",
       _OF_ENTERPRISE),
    _f("enterprise_claims_365d", "behaviour", "count", 0, "企业前一年申请数",
       "claims of the enterprise in the year before", "Strictly earlier days.",
       _OF_ENTERPRISE),
    _f("institution_claims_30d", "behaviour", "count", 0, "机构前30天接单数",
       "claims of the institution in the 30 days before", "Strictly earlier days.",
       _OF_INSTITUTION),
    _f("institution_claims_365d", "behaviour", "count", 0, "机构前一年接单数",
       "claims of the institution in the year before", "Strictly earlier days.",
       _OF_INSTITUTION),
    _f("pair_claims_365d", "behaviour", "count", 0, "双方前一年往来数",
       "claims of the same two parties in the year before", "Strictly earlier days.",
       _OF_ENTERPRISE),
    _f("pair_share_365d", "behaviour", "share", 0, "企业申请中该机构占比",
       "share of the enterprise's claims that went to this institution", "Of the year before.",
       _OF_ENTERPRISE),
    _f("institution_burst", "behaviour", "ratio", 1, "机构近30天相对全年的突增倍数",
       "the institution's last 30 days against its own year", "Needs six claims in the year.",
       _OF_INSTITUTION),
    _f("first_client_share_90d", "behaviour", "share", 1, "机构近90天首次客户占比",
       "share of first-time clients at the institution, last 90 days", "A ring's shop has no regulars.",
       _OF_INSTITUTION),
    _f("institution_clients_90d", "behaviour", "count", 0, "机构近90天客户数",
       "clients of the institution in the 90 days before", "Distinct enterprises.",
       _OF_INSTITUTION),
    _f("agent_claims_30d", "behaviour", "count", 1, "代办机构近30天代办数",
       "claims filed by the same agent in the 30 days before", "Unknown without an agent.",
       _sharing("claims.agent_id")),
    _f("same_day_enterprise", "behaviour", "count", 1, "企业同日其他申请数",
       "other claims of the enterprise on the same day", "Batches.",
       _OF_ENTERPRISE),
    _f("same_day_institution", "behaviour", "count", 0, "机构同日其他申请数",
       "other claims at the institution on the same day", "Deadline rushes are normal.",
       _OF_INSTITUTION),
    _f("same_amount_365d", "behaviour", "count", 1, "机构前一年相同合同金额数",
       "earlier contracts of exactly this amount at the institution", "Price lists explain some.",
       _OF_INSTITUTION),
    _f("days_contract_to_claim", "behaviour", "days", 0, "签约到申请天数",
       "days from contract to claim", "Negative: claimed before the contract.",
       _of_claim("contracts")),
    _f("days_contract_to_invoice", "behaviour", "days", -1, "签约到开票天数",
       "days from contract to first invoice", "Negative: invoiced before the contract.",
       _of_claim("contracts", "invoices")),
    _f("service_days", "behaviour", "days", -1, "服务天数", "days the service took", "End minus start.",
       _of_claim()),
    _f("days_service_to_confirmation", "behaviour", "days", -1, "服务结束到确认天数",
       "days from the end of the service to its confirmation", "Negative: confirmed before it ended.",
       _of_claim()),
    _f("days_to_expiry", "behaviour", "days", 0, "距券到期天数", "days until the voucher expires",
       "Spending at the end is mostly no offence.",
       _of_claim("vouchers")),
    _f("voucher_spent_share", "behaviour", "share", 0, "券面已用比例",
       "share of the voucher's face spent with this claim", "1 = spent to the last yuan.",
       Scope(Level.ENTERPRISE, ("claims", "vouchers"))),
    _f("enterprise_age_days", "behaviour", "days", 0, "企业成立天数",
       "age of the enterprise on the day of the claim", "Being new is no offence by itself.",
       _of_claim("enterprises")),
    _f("quantity_per_employee", "behaviour", "ratio", 1, "人均购买数量",
       "units bought for each employee", "Forty filings by three people.",
       _of_claim("enterprises")),
    _f("quantity_per_researcher", "behaviour", "ratio", 1, "研发人员人均购买数量",
       "units bought for each researcher", "One is added to the researchers.",
       _of_claim("enterprises")),
    _f("contract_to_revenue", "behaviour", "ratio", 1, "合同金额占上年营收比",
       "contract against last year's revenue", "The size of the contract for the enterprise.",
       _of_claim("enterprises")),
    _f("invoice_spoiled", "behaviour", "flag", 1, "发票作废或红冲", "invoice void or red-flushed",
       "Any invoice of the contract.",
       _of_claim("invoices")),
    _f("invoice_reused", "behaviour", "count", 1, "发票号在其他合同出现次数",
       "other contracts with the same invoice number", "Same code and number.",
       _sharing("invoices.invoice_no")),
    _f("report_reused", "behaviour", "count", 1, "成果编号在其他申请出现次数",
       "other claims with the same deliverable number", "Exact.",
       _sharing("deliverables.reference_no")),
    _f("money_back_share", "behaviour", "share", 1, "机构回款占已付款比例",
       "share of the payment that flowed back to the enterprise", "By the contract's payments.",
       _of_claim("contracts", "payments")),
    _f("outlyingness", "behaviour", "score", 1, "整体异常程度", "how unusual the claim is as a whole",
       "Isolation forest over the ranks of the features above, as a rank.",
       Scope(Level.PROGRAMME, ("claims",))),
)  # fmt: skip

RULE_FEATURES: tuple[Feature, ...] = (
    _f("hard_hits", "rules", "count", 1, "违反硬性规定数", "legal limits broken",
       "Hits of severity hard: the money is not due by the programme's own rules.",
       _HITS),
    _f("strong_hits", "rules", "count", 1, "强疑点数", "strong red flags", "Hits of severity strong.",
       _HITS),
    _f("weak_hits", "rules", "count", 1, "弱疑点数", "weak red flags", "Hits of severity weak.",
       _HITS),
    _f("rule_score", "rules", "score", 1, "规则综合分", "rules together",
       "Noisy-or of the hits; a rule that fires on more than 5 % of claims counts half.",
       _HITS),
)  # fmt: skip

PRICE_FEATURES: tuple[Feature, ...] = (
    _f("price_log_ratio", "price", "ratio", 1, "单价对市场中位的对数倍数",
       "log of the unit price against the market median", "Unknown where there is no market.",
       _MARKET),
    _f("price_surprise", "price", "score", 1, "价格偏离同类的程度", "how rare such a price is",
       "-log10 of the one-sided p-value, at most 6.",
       _MARKET),
    _f("price_excess_share", "price", "share", 1, "超市场部分占合同比",
       "share of the contract above the market", "Zero inside the market band.",
       _MARKET),
)  # fmt: skip

RING_FEATURES: tuple[Feature, ...] = (
    _f("ring_score", "ring", "score", 1, "所在团伙分", "score of the ring the claim is in",
       "Zero outside every ring.",
       _RING),
    _f("ring_surprise", "ring", "score", 1, "团伙关联显著程度", "how unlikely the ring is by chance",
       "-log10 of the ring's p-value, at most 6; zero outside.",
       _RING),
    _f("ring_strength", "ring", "share", 1, "双方在团伙中的紧密程度",
       "how firmly both parties belong to the ring", "The weaker of the two.",
       _RING),
    _f("own_tie_weight", "ring", "score", 1, "企业与机构之间的身份关联",
       "identity ties between this enterprise and this institution", "After the hub discount.",
       _TIES),
    _f("enterprise_tie_weight", "ring", "score", 1, "企业与其他主体的身份关联",
       "identity ties of the enterprise to others", "After the hub discount; claims not counted.",
       _TIES),
)  # fmt: skip

PROFILE_FEATURES: tuple[Feature, ...] = (
    _f("voucher_share", "profile", "share", 0, "创新券占合同比", "share of the contract paid by vouchers",
       "Voucher used against the contract.",
       _of_claim()),
    _f("claimed_log", "profile", "yuan", 0, "申请金额（对数）", "amount claimed (log)", "Natural log of yuan.",
       _of_claim()),
    _f("employees", "profile", "count", 0, "从业人数", "employees", "Last year's.",
       _of_claim("enterprises")),
    _f("institution_past_improper", "profile", "share", 1, "机构此前核查问题率",
       "share of the institution's earlier audited claims found improper",
       "Only outcomes decided before this claim's day; shrunk to the programme's rate.",
       Scope(Level.INSTITUTION, ("claims", "outcomes"))),
    _f("enterprise_past_improper", "profile", "share", 1, "企业此前核查问题率",
       "share of the enterprise's earlier audited claims found improper",
       "Only outcomes decided before this claim's day; shrunk to the programme's rate.",
       Scope(Level.ENTERPRISE, ("claims", "outcomes"))),
)  # fmt: skip

# Two hops away: the institution's other clients, the enterprise's other institutions, each as it
# stood on the day of its own earlier claim.
NEIGHBOURHOOD_FEATURES: tuple[Feature, ...] = (
    _f("clients_claims_365d", "neighbourhood", "count", 0, "机构近期客户的年申请数（平均）",
       "claims in their year before of the institution's clients", "Its clients of the last 90 days, mean.",
       _CLIENTS),
    _f("clients_faithful_share", "neighbourhood", "share", 0, "机构近期客户对其依赖程度（平均）",
       "how far the institution's clients buy from it alone",
       "Their share of claims that went to it, clients of the last 90 days, mean.",
       _CLIENTS),
    _f("clients_past_improper", "neighbourhood", "share", 1, "机构其他客户此前核查问题率（平均）",
       "share found improper among earlier audits of the institution's clients",
       "Clients of the year before, each as known on the day of its own claim.",
       _CLIENTS),
    _f("institutions_burst", "neighbourhood", "ratio", 1, "企业往来机构的最大突增倍数",
       "greatest burst of the institutions the enterprise bought from",
       "In the year before, each as it stood on the day of that claim.",
       _SUPPLIERS),
    _f("institutions_past_improper", "neighbourhood", "share", 1, "企业往来机构此前核查问题率（平均）",
       "share found improper among earlier audits of the institutions the enterprise bought from",
       "In the year before, each as known on the day of that claim.",
       _SUPPLIERS),
)  # fmt: skip

TEXT_FEATURES: tuple[Feature, ...] = (
    _f("text_tie_weight", "text", "score", 1, "企业材料与他企雷同程度",
       "how far the enterprise's papers repeat those of another", "Heaviest tie by text; zero without.",
       _TIES),
    _f("report_chars", "text", "count", 0, "成果说明字数", "length of the report in characters",
       "Blanks aside; unknown without a report.",
       Scope(Level.CLAIM, ("claims",), ("claims.report_text",))),
    _f("title_in_report", "text", "share", -1, "服务名称在成果说明中出现的比例",
       "how much of the service's title comes up in the report", "Pairs of characters of the title.",
       Scope(Level.CLAIM, ("claims",), ("claims.report_text", "claims.service_title"))),
)  # fmt: skip

# Which flags fired, one feature each: flags of the same severity are not equally telling, and which
# are is learned, first from the base's worlds and then from a bureau's own verdicts. A rule says in
# its own file whether it is one (``feature=True``), and the words are the rule's.
FLAGS: dict[str, Rule] = {rule.code: rule for rule in ALL_RULES if rule.feature}


def flag_feature(code: str) -> str:
    """The feature that says whether the red flag ``code`` fired."""
    return f"flag_{code.lower()}"


FLAG_FEATURES: tuple[Feature, ...] = tuple(
    _f(flag_feature(code), "rules", "flag", 1, f"规则{code}：{rule.title_zh}", f"rule {code}, {rule.title_en[0].lower()}{rule.title_en[1:]}",
       "1 = hit, else 0, as the counts of hits have it.", _HITS)
    for code, rule in FLAGS.items()
)  # fmt: skip

FEATURES: tuple[Feature, ...] = (
    *RULE_FEATURES, *PRICE_FEATURES, *RING_FEATURES, *BEHAVIOUR_FEATURES, *PROFILE_FEATURES,
    *NEIGHBOURHOOD_FEATURES, *TEXT_FEATURES, *FLAG_FEATURES,
)  # fmt: skip
FEATURE_NAMES: tuple[str, ...] = tuple(f.name for f in FEATURES)
