"""A claim's way through people's hands: status, verdict, reason, and why it was drawn."""

from __future__ import annotations

from typing import NamedTuple

from fraud_pipeline.vocabulary.term import Term

STATUSES: dict[str, Term] = {
    "open": Term("待办", "open"),
    "taken": Term("办理中", "in work"),
    "snoozed": Term("暂缓", "snoozed"),
    "second": Term("待复核", "pending second review"),
    "decided": Term("已办结", "decided"),
}
VERDICTS: dict[str, Term] = {
    "fraud": Term("涉嫌骗取", "suspected fraud", "以虚假材料或串通骗取补助。",
                  "Money was sought by false documents or collusion."),
    "irregular": Term("违规", "irregular", "不符合制度规定，未见骗取故意。",
                      "A rule was broken; no intent to deceive was found."),
    "clean": Term("未见问题", "clean", "核查未发现问题。", "The check found nothing wrong."),
    "explained": Term("已说明", "explained", "疑点成立，但有合理解释；按未见问题计。",
                      "The lead was real and has a good explanation; counts as clean."),
    "undetermined": Term("无法认定", "undetermined", "资料不足或未答复，无法认定。",
                         "It could not be settled for want of documents or answers."),
}  # fmt: skip
# Of the input table ``outcomes``: an explained claim is written there as a clean one.
OUTCOME_VERDICTS = ("fraud", "irregular", "clean", "undetermined")


class Reason(NamedTuple):
    """A reason of one click, and the verdicts it goes with."""

    zh: str
    en: str
    verdicts: tuple[str, ...]


REASONS: dict[str, Reason] = {
    "documents_fit": Reason("材料相互印证", "documents are consistent", ("clean", "explained")),
    "price_explained": Reason("价格有合理说明", "the price is explained", ("clean", "explained")),
    "tie_explained": Reason("关联有合理说明", "the tie is explained", ("clean", "explained")),
    "limit_broken": Reason("超出制度限制", "a limit of the programme is broken", ("irregular",)),
    "service_missing": Reason("未见真实服务", "no real service found", ("fraud", "irregular")),
    "documents_reused": Reason("材料重复使用", "documents were used twice", ("fraud", "irregular")),
    "money_returned": Reason("资金回流", "money came back", ("fraud", "irregular")),
    "price_inflated": Reason("价格虚高", "the price is inflated", ("fraud", "irregular")),
    "related_parties": Reason(
        "关联交易未申报", "undeclared related parties", ("fraud", "irregular")
    ),
    "data_missing": Reason("资料不足", "documents are missing", ("undetermined",)),
    "no_answer": Reason("未答复", "no answer was given", ("undetermined",)),
    "other": Reason("其他（请写明）", "other (say what)", tuple(VERDICTS)),
}
STRATA: dict[str, Term] = {
    "certainty": Term("必查", "certain", "必查：预计损失大，或指定必查",
                      "certain: so much is expected, or it was named"),
    "risk": Term("风险", "by risk", "按风险抽中", "by risk"),
    "huzhou": Term("湖州三类", "Huzhou", "按重点对象抽中", "from the groups watched by rule"),
    "random": Term("随机", "random", "随机抽中：任何申请都可能被抽中",
                   "at random: any claim may be drawn"),
}  # fmt: skip
# Why an audited claim was chosen, where no plan of ours drew it.
OTHER_SELECTION: dict[str, Term] = {
    "tip": Term("举报", "tip", "因举报核查", "after a tip"),
    "legacy": Term("历史核查", "legacy", "本系统启用之前的核查", "audited before this system"),
}

# Words of ``claims.status`` for a claim that was not paid as it stands: sent back, refused or withdrawn.
# Registers write them freely, so they are compared in lower case without blanks at the ends.
UNPAID_STATUSES = (
    "rejected", "refused", "declined", "denied", "returned", "sent back", "withdrawn", "cancelled", "canceled",
    "退回", "已退回", "退回修改", "退回补正", "驳回", "已驳回", "不通过", "未通过", "审核不通过", "审核未通过", "不予兑付", "不予通过",
    "撤回", "已撤回", "撤销", "已撤销", "作废", "已作废",
)  # fmt: skip
