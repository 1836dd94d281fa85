"""The parameters a programme pack may state, each with its type, unit and words.

A closed list: a pack that names another key is refused, because a misspelt limit
would otherwise silently not be checked.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from fraud_pipeline.core.money import MONEY
from fraud_pipeline.schema import codes
from fraud_pipeline.vocabulary import documents, rules


@dataclass(frozen=True)
class Key:
    """One parameter: how its value is written in TOML and what it means."""

    name: str
    kind: str  # money | share | ratio | count | flag | text | list | months
    unit: str
    zh: str
    en: str
    codes: tuple[str, ...] = ()  # closed list of allowed words, empty = free
    own: bool = False  # a pack may declare codes of its own in a section of this name

    @property
    def arrow(self) -> pa.DataType:
        return _ARROW[self.kind]


_ARROW = {
    "money": MONEY,
    "share": pa.float64(),
    "ratio": pa.float64(),
    "count": pa.int64(),
    "flag": pa.bool_(),
    "text": pa.string(),
    "list": pa.list_(pa.string()),
    "months": pa.list_(pa.string()),
}

WINDOW_KINDS = tuple(rules.WINDOW_KINDS)
CAP_BASES = tuple(rules.CAP_BASES)
DOCUMENTS = tuple(documents.DOCUMENTS)

KEYS: dict[str, Key] = {
    key.name: key
    for key in (
        # what an enterprise may receive
        Key("enterprise_cap_amount", "money", "yuan", "单个企业限额", "cap per enterprise"),
        Key("enterprise_cap_months", "count", "months", "限额周期", "period of the cap"),
        Key("enterprise_cap_window", "text", "", "限额周期的算法", "how the period runs",
            WINDOW_KINDS),
        # received: vouchers issued to it (or used, where none is known); claimed: public money
        Key("enterprise_cap_basis", "text", "", "限额计算对象", "what the cap counts", CAP_BASES),
        Key("enterprise_vouchers_max", "count", "vouchers", "单个企业券数上限",
            "vouchers per enterprise, at most"),
        Key("enterprise_vouchers_per_class_max", "count", "vouchers", "单个企业每类券数上限",
            "vouchers of one class per enterprise, at most"),
        Key("use_max_amount", "money", "yuan", "单次使用限额", "cap per use"),
        Key("face_amount", "money", "yuan", "券面值", "face value of a voucher"),
        Key("voucher_multiple_amount", "money", "yuan", "用券须为该数整数倍",
            "voucher amounts are multiples of"),
        Key("vouchers_per_use_max", "count", "vouchers", "每次最多用券张数", "vouchers per use"),
        Key("voucher_validity_months", "count", "months", "券有效期", "validity of a voucher"),
        Key("annual_budget_amount", "money", "yuan/year", "年度发放总额", "issued per year"),
        # how much public money a claim may draw
        Key("voucher_share_of_contract_max", "share", "", "用券占合同比例上限",
            "voucher share of the contract, at most"),
        Key("subsidy_share_max", "share", "", "补助占服务费比例上限",
            "subsidy share of the cost, at most"),
        Key("redemption_multiplier", "ratio", "", "兑付倍数", "redeemed per yuan of voucher used"),
        Key("full_up_to_amount", "money", "yuan", "全额补助上限", "paid in full up to"),
        Key("excess_share", "share", "", "超出部分补助比例", "share of what lies above"),
        Key("own_contribution_required", "flag", "", "须匹配自有资金",
            "the enterprise must pay a part itself"),
        Key("redeemer", "text", "", "兑付主体", "who redeems", codes.REDEEMERS),
        # who and what is eligible
        Key("contract_required", "flag", "", "须签订正式服务合同", "a formal contract is required"),
        Key("revenue_max_amount", "money", "yuan/year", "上年度营业收入上限",
            "last year's revenue, at most"),
        Key("employees_max", "count", "people", "从业人数上限", "employees, at most"),
        Key("qualifications_any_of", "list", "", "企业须具备其一", "the enterprise is one of",
            codes.QUALIFICATIONS),
        Key("region_words", "list", "", "企业所在地", "the enterprise is located in"),
        Key("institution_region_words", "list", "", "机构所在地",
            "the institution is located in"),
        Key("institution_categories", "list", "", "可收券机构", "eligible institutions",
            codes.INSTITUTION_CATEGORIES, own=True),
        Key("service_types", "list", "", "可用券服务", "eligible services", codes.SERVICE_TYPES,
            own=True),
        Key("hardware_eligible", "flag", "", "可否购买硬件", "hardware may be bought"),
        Key("statutory_testing_eligible", "flag", "", "强制检测可否用券",
            "statutory testing is eligible"),
        Key("new_supplier_required", "flag", "", "须为首次合作的机构",
            "the provider must be new to the enterprise"),
        Key("parallel_funding_excluded", "flag", "", "不得重复享受财政资助",
            "no other public funding for the same work"),
        Key("transferable", "flag", "", "可否转让", "vouchers may be handed on"),
        Key("related_share_hard", "share", "", "关联持股比例（禁止）",
            "holding from which parties are related"),
        Key("related_share_soft", "share", "", "关联持股比例（提示）",
            "holding from which a link is pointed out"),
        Key("tenant_exempt", "flag", "", "孵化器与在孵企业不视为关联",
            "an incubator and its tenants are not related parties"),
        # plain payments: purchase cards, ledgers
        Key("repeat_days", "count", "days", "同额同方付款视为重复的天数",
            "an equal payment to the same payee is a repeat within"),
        Key("single_purchase_limit_amount", "money", "yuan", "单笔采购限额",
            "limit of a single purchase"),
        # procedure
        Key("documents_required", "list", "", "兑付材料", "documents to hand in", DOCUMENTS),
        Key("confirmation_working_days", "count", "working days", "机构确认时限",
            "the institution confirms within"),
        Key("review_working_days", "count", "working days", "资质审核时限",
            "qualification review within"),
        Key("redemption_cycle", "text", "", "兑付周期", "redemption cycle"),
        Key("redemption_months", "months", "months of the year", "兑付月份",
            "months in which money is paid"),
        Key("recheck_share_min", "share", "", "复核金额比例下限", "subsidy re-checked, at least"),
        Key("audit_share_min", "share", "", "每年抽查企业比例下限",
            "enterprises audited a year, at least"),
        Key("ban_years", "count", "years", "违规禁止申领年限", "ban after a violation"),
        Key("trial_years", "count", "years", "试行期", "trial period"),
        Key("publication", "text", "", "公示", "publication"),
    )
}  # fmt: skip
