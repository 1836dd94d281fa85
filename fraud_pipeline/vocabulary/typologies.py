"""The kinds of irregularity, T01 to T26, and the red flags of the same codes.

A code names one kind of irregularity. The red flag of that code is the sign a rule measures; where
sign and kind are not the same words (text reuse is a sign of a sham contract), the entry has both:
``label`` is what a person alleges, ``flag`` what a rule reports.
"""

from __future__ import annotations

from typing import NamedTuple

from fraud_pipeline.vocabulary.term import Term


class Typology(NamedTuple):
    """One kind of irregularity.

    ``alleged``: whether a reviewer may allege it about a claim. What concerns how a programme is
    run, or the bureau's own staff, is not for the verdict on an applicant.
    """

    label: Term
    flag: Term
    alleged: bool = True


def _kind(
    zh: str, en: str, meaning_zh: str, meaning_en: str, *, flag: tuple[str, str] | None = None,
    alleged: bool = True,
) -> Typology:  # fmt: skip
    return Typology(Term(zh, en, meaning_zh, meaning_en), Term(*(flag or (zh, en))), alleged)


CATALOGUE: dict[str, Typology] = {
    "T01": _kind(
        "虚假合同、材料雷同", "sham contract or reused text",
        "企业与机构串通订立虚假技术合同，服务未发生或与合同不符；不同企业的合同、成果文本雷同是其迹象。",
        "Enterprise and institution collude in a sham contract: the service was not rendered, or is not "
        "the one in the contract. Text that several enterprises share is its sign.",
        flag=("文本雷同", "text reuse"),
    ),
    "T02": _kind(
        "批量套现", "cash-out by volume",
        "一次性大量申请专利、商标等，数量与企业规模明显不符。",
        "Filings bought at once in numbers out of all proportion to the enterprise.",
    ),
    "T03": _kind(
        "临期突击用完", "spent up before expiry",
        "在截止日前把券用完。通常不违规，仅供政策参考。",
        "The voucher is emptied just before it expires. Usually no offence: a matter for policy.",
    ),
    "T04": _kind(
        "价格虚高", "overpricing",
        "服务单价明显高于市场价或目录价。",
        "The unit price lies far above the market or the catalogue.",
        flag=("高于同类或目录价", "above market or catalogue"),
    ),
    "T05": _kind(
        "转让或代用", "transfer of a voucher",
        "转让、买卖、赠予创新券，或由他人代用、代付。",
        "The voucher was transferred, sold or given away, or used or paid for by another.",
    ),
    "T06": _kind(
        "缺乏研发能力", "no R&D capacity",
        "企业没有与所购服务相称的研发人员和活动。",
        "The enterprise has no staff or activity that the service could serve.",
    ),
    "T07": _kind(
        "购买硬件或非服务支出", "goods instead of services",
        "用券购买设备、软件、培训等制度不支持的内容。",
        "The voucher bought hardware or other things the programme does not support.",
    ),
    "T08": _kind(
        "非理性抢券", "irrational grabbing",
        "没有现时需求而抢领，其后不用。不属申请人违规，仅供政策参考。",
        "Vouchers are taken without a present need and lapse. No offence of the applicant: a matter "
        "for policy.",
        flag=("抢而不用", "vouchers left to lapse"), alleged=False,
    ),
    "T09": _kind(
        "以券代拨项目资金", "project money repackaged",
        "主管部门把原有项目资金以创新券名义发放，券额大、对象少、无服务合同。由审计部门核查。",
        "The authority hands out project money as vouchers: large, few, without a contract. A matter "
        "for the audit office.",
        flag=("资金过度集中", "concentration without a contract"), alleged=False,
    ),
    "T10": _kind(
        "成果说明无法审核", "report not reviewable",
        "成果说明为套话或不完整，无法判断服务是否符合政策。",
        "The report is boilerplate or incomplete: nobody can tell what was done.",
    ),
    "T11": _kind(
        "单据互不相符", "documents disagree",
        "合同、发票、付款、成果之间的金额、日期、内容不一致。",
        "Contract, invoice, payment and report contradict one another.",
    ),
    "T12": _kind(
        "审批人员违规", "abuse by insiders or approvers",
        "审核、审批人员与机构或企业勾结。只由纪检监察部门核查。",
        "Reviewers or approvers favour an institution or enterprise. For discipline inspection only.",
        flag=("审核人与机构", "reviewer and institution"), alleged=False,
    ),
    "T13": _kind(
        "中介包装", "packaging by an intermediary",
        "中介为互不相干的企业成批编制、提交申请。",
        "An agent makes up and files claims for unrelated enterprises.",
    ),
    "T14": _kind(
        "资金回流", "money flows back",
        "企业付给机构的款项又流回企业或其关联方。",
        "What the enterprise paid comes back to it or to its related parties.",
    ),
    "T15": _kind(
        "空壳企业", "shell enterprise",
        "企业或机构新设、无人员、无实际经营。",
        "Enterprise or institution is new, without staff or a business of its own.",
    ),
    "T16": _kind(
        "重复使用凭证", "document used twice",
        "同一发票、合同、成果在同一或不同制度中重复申报。",
        "One invoice, contract or result is claimed twice, here or in another programme.",
    ),
    "T17": _kind(
        "拆分合同", "contract splitting",
        "把一项服务拆成几份合同，以避开限额或提高补助比例。",
        "One service is split into several contracts to stay below a limit or gain a higher share.",
    ),
    "T18": _kind(
        "关联交易", "related parties",
        "企业与机构有隶属、持股、任职等关联关系。",
        "Enterprise and institution are tied by ownership, office or control.",
    ),
    "T19": _kind(
        "时间顺序不合理", "implausible order or speed",
        "签约、服务、开票、验收的先后或用时不合理。",
        "Contract, service, invoice and report follow in an order or at a speed that cannot be.",
    ),
    "T20": _kind(
        "金额雷同", "identical odd amounts",
        "同一机构的不同客户合同金额相同而非整数。",
        "Several clients of one institution have the same odd amount.",
    ),
    "T21": _kind(
        "发票异常", "invoice faults",
        "发票虚开、作废、红冲，或号码、开票方、日期不符。",
        "The invoice is false, void or red-flushed, or its number, seller or date is wrong.",
    ),
    "T22": _kind(
        "强制检测", "statutory testing",
        "把法定的强制检测、年检列为用券服务。",
        "A test that the law demands anyway is claimed.",
    ),
    "T23": _kind(
        "一户多企", "one account, many enterprises",
        "收款账户不属于申请企业，或多家企业共用一个账户，疑似冒用企业名义。",
        "The account is not the enterprise's own or serves many enterprises: their names may be misused.",
    ),
    "T24": _kind(
        "资格不符", "eligibility falsified",
        "企业不具备申请资格，或以贴线的营业收入、过期证书等取得资格。",
        "The enterprise is not eligible, or made itself so: revenue just under the limit, an expired "
        "certificate.",
        flag=("贴近资格上限", "just under the eligibility limit"),
    ),
    "T25": _kind(
        "孵化器利益冲突", "incubator's conflict of interest",
        "孵化器既受理创新券又向在孵企业出售服务。往往合法，须看制度规定。",
        "An incubator handles vouchers and sells services to its own tenants. Often legal: the "
        "programme decides.",
        flag=("在孵企业购买本孵化器服务", "tenant buys from its own incubator"),
    ),
    "T26": _kind(
        "走过场的确认", "rubber-stamp confirmation",
        "机构确认在极短时间内、成批或先于成果作出。",
        "The institution confirms within minutes, in bulk or before there is a result.",
    ),
}  # fmt: skip

TYPOLOGIES: dict[str, Term] = {code: kind.label for code, kind in CATALOGUE.items()}
RED_FLAGS: dict[str, Term] = {code: kind.flag for code, kind in CATALOGUE.items()}
# The red flags as headings: what the rules of these codes are called.
FLAG_TITLES: dict[str, Term] = {
    code: Term(flag.zh, flag.en[0].upper() + flag.en[1:]) for code, flag in RED_FLAGS.items()
}
ALLEGED: dict[str, Term] = {code: kind.label for code, kind in CATALOGUE.items() if kind.alleged}
