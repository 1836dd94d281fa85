"""Facts that reasons are grouped by: what each is called and which document would settle it."""

from __future__ import annotations

from typing import NamedTuple

from fraud_pipeline.vocabulary.term import Term


class Fact(NamedTuple):
    """One kind of fact; ``ask`` is what to request from the parties, empty where nothing would help."""

    title: Term
    ask: Term


def _fact(zh: str, en: str, ask_zh: str = "", ask_en: str = "") -> Fact:
    return Fact(Term(zh, en), Term(ask_zh, ask_en))


FACTS: dict[str, Fact] = {
    "ring": _fact("与其他企业结成关联群体", "part of a group of linked parties",
                  "核实各企业的实际控制人、办公地点和联系人，逐笔核对服务是否发生",
                  "who controls each enterprise, their premises and contacts, and whether each service took place"),
    "contact": _fact("与其他企业共用联系方式或代办机构", "contact or agent shared with other enterprises",
                     "代办委托书、实际联系人和经办人说明", "the agent's mandate and who the contact is"),
    "account": _fact("与其他企业共用收款账户", "bank account shared with other enterprises",
                     "开户许可证、账户使用说明和该期间银行流水", "the account's permit, who uses it, and its statements of the period"),
    "text": _fact("成果材料与其他申请雷同", "report repeats that of other claims",
                  "两份成果原件与过程记录（邮件、图纸、原始数据）", "both original deliverables and their working records"),
    "duplicate": _fact("合同、发票或成果编号与另一申请相同", "contract, invoice or result number also used by another claim",
                       "两份合同、发票和成果的原件", "the originals of both contracts, invoices and results"),
    "price": _fact("单价高于同类", "unit price above its kind",
                   "报价单、成本构成和同类成交参考", "the quote, its cost, and comparable deals"),
    "capacity": _fact("购买量与企业规模或研发能力不相称", "purchase out of proportion to the enterprise",
                      "研发人员社保证明、研发项目立项文件和服务明细", "proof of research staff, the project's papers and the services in detail"),
    "shell": _fact("企业新设或无实际经营", "new enterprise, or without a business of its own",
                   "经营场所证明、纳税记录", "proof of premises and tax records"),
    "money_back": _fact("付款后资金回流", "money flowed back after payment",
                        "双方该期间银行流水", "both parties' bank statements of the period"),
    "splitting": _fact("疑似拆分合同", "contract apparently split",
                       "各合同任务书，说明为何分签", "the tasks of each contract and why they were split"),
    "related": _fact("企业与机构存在关联", "enterprise and institution are related",
                     "股权结构说明、关联关系申报", "shareholders and the declaration of related parties"),
    "timing": _fact("签约、服务、开票先后或用时异常", "unusual order or speed of contract, service and invoice",
                    "合同签订与服务过程的时间证明", "proof of when the contract and the service took place"),
    "amount": _fact("多份合同金额相同", "several contracts of the same amount",
                    "报价与结算明细", "the quote and the settlement in detail"),
    "invoice": _fact("发票异常", "invoice faults", "发票原件与查验结果", "the original invoice and its check"),
    "statutory": _fact("可能属法定强制检测", "may be a test the law demands",
                       "检测是否属法定义务的说明", "whether the test was a legal duty"),
    "goods": _fact("可能购买设备等非服务内容", "may have bought goods instead of a service",
                   "采购清单与服务明细", "the list of what was bought and the services in detail"),
    "transfer": _fact("创新券可能由他人使用或代付", "voucher may have been used or paid for by another",
                      "付款方与企业关系的书面说明、付款凭证", "proof of payment and who the payer is"),
    "report": _fact("成果说明不足以审核", "report cannot be reviewed",
                    "完整的成果说明", "a full report of results"),
    "documents": _fact("单据互不相符", "documents disagree",
                       "合同、发票、付款凭证原件", "original contract, invoice and proof of payment"),
    "eligibility": _fact("申请资格存疑", "eligibility in doubt",
                         "资格证明、上年度审计报告", "proof of eligibility, last year's audited accounts"),
    "confirmation": _fact("确认过程异常", "unusual confirmation", "验收记录", "the acceptance record"),
    "limit": _fact("超出制度限制", "a limit of the programme is exceeded",
                   "核对条款与申请材料", "compare the clause with the documents"),
    "enterprise_history": _fact("企业以往核查情况", "earlier audits of the enterprise"),
    "institution_history": _fact("机构以往核查情况", "earlier audits of the institution",
                                 "该机构同期其他申请的核查结论", "the findings on the institution's other claims of the period"),
    "neighbours": _fact("往来主体的核查与申请情况", "audits and claims of the parties they deal with"),
    "burst": _fact("机构接单短期突增", "sudden rise of the institution's orders",
                   "机构人员名册与工时记录", "the institution's staff list and time sheets"),
    "activity": _fact("企业申请频繁程度", "how often the enterprise claims"),
    "voucher": _fact("用券情况", "use of the voucher"),
    "size": _fact("申请金额", "amount claimed"),
    "incubator": _fact("在孵企业购买本孵化器服务", "tenant buys from its own incubator",
                       "孵化协议与服务明细", "the incubation agreement and the services in detail"),
    "overall": _fact("多项指标同时偏离一般申请", "unusual in several respects at once"),
    "no_flags": _fact("其余预警指标未命中", "no other red flag was raised"),
    "other": _fact("其他情况", "other circumstances"),
}  # fmt: skip
