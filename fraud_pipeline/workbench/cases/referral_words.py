"""Titles, columns and fixed texts of the referral pack, in Chinese and English."""

from __future__ import annotations

from typing import NamedTuple

Pair = tuple[str, str]


class SectionWords(NamedTuple):
    """Title, column headings, relative widths, and which columns cite numbers."""

    title: Pair
    columns: tuple[Pair, ...] = ()
    widths: tuple[int, ...] = ()
    references: tuple[int, ...] = ()


SECTIONS: dict[str, SectionWords] = {
    "summary": SectionWords(
        ("一、疑点摘要", "1 Summary"),
        (("序号", "No."), ("疑点", "ground"), ("涉及申请", "claims")),
        (8, 46, 46),
    ),
    "parties": SectionWords(
        ("二、涉及主体", "2 Parties"),
        (("类别", "kind"), ("名称", "name"), ("统一社会信用代码", "credit code"),
         ("法定代表人与联系方式", "representative and contact"), ("地区与成立日期", "region, founded")),
        (10, 25, 21, 28, 16),
    ),
    "claims": SectionWords(
        ("三、涉及申请", "3 Claims"),
        (("申请编号", "claim"), ("企业", "enterprise"), ("机构", "institution"), ("服务", "service"),
         ("申请日期", "submitted"), ("申请金额（元）", "yuan"), ("结论", "verdict"), ("证据", "evidence")),
        (12, 18, 18, 13, 12, 11, 9, 12),
        (7,),
    ),
    "evidence": SectionWords(
        ("四、证据清单", "4 Evidence"),
        (("编号", "No."), ("申请或团伙", "claim or ring"), ("事实", "fact"),
         ("制度条款或来源", "clause or source"), ("单据", "document")),
        (7, 14, 48, 21, 10),
        (4,),
    ),
    "money": SectionWords(
        ("五、资金流向", "5 Money flow"),
        (("付款方", "from"), ("收款方", "to"), ("笔数", "payments"), ("金额（元）", "yuan"),
         ("说明", "note")),
        (30, 30, 10, 14, 16),
    ),
    "time_line": SectionWords(
        ("六、时间线", "6 Time line"),
        (("日期", "day"), ("申请", "claim"), ("事项", "event"), ("金额（元）", "yuan")),
        (18, 20, 44, 18),
    ),
    "documents": SectionWords(
        ("七、单据目录", "7 Documents"),
        (("编号", "No."), ("类别", "kind"), ("单据号或文件名", "number or file"), ("申请", "claim"),
         ("日期", "day"), ("金额（元）", "yuan"), ("数据来源（文件、行）", "source (file, row)")),
        (7, 12, 24, 14, 13, 12, 18),
    ),
    "method": SectionWords(("八、方法说明", "8 Method")),
    "hashes": SectionWords(
        ("九、校验值（SHA-256）", "9 Hashes (SHA-256)"),
        (("文件", "file"), ("校验值", "hash")),
        (36, 64),
    ),
}  # fmt: skip

METHOD: tuple[Pair, ...] = (
    ("数据来自主管部门提供的兑付申请、合同、发票、付款、成果和工商登记等资料；单据目录列出每份资料所在的文件和行。",
     "The data are claims, contracts, invoices, payments, results and registrations that the authority supplied; the list of documents names file and row of each."),
    ("“证据清单”中的事实由公开的制度条款逐条核对得出：每条写明核对的内容、相应条款和所依据的单据，可由人工按原件复核。",
     "Each fact in the list of evidence comes from checking a published clause: it says what was checked, under which clause and on which documents, and can be repeated by hand on the originals."),
    ("“单价偏高”指在同类服务中，出现不低于该单价的可能性小于二十分之一；比较时已考虑服务类型、规模、时间和地区。",
     "A “high price” is one that fewer than one in twenty claims of its kind reach, with kind of service, size, time and region taken into account."),
    ("“团伙疑点”指若干企业与机构之间的往来和共用信息（电话、账号、设备、代办等），比在保持各方业务量不变的随机情况下密集得多；知名机构、长期客户等正常原因已经排除。",
     "A “ring” is a group of enterprises and institutions whose dealings and shared details (phone, account, device, agent …) are far denser than in random data in which each keeps its volume of business; ordinary causes such as well-known institutions and regular customers are excluded."),
    ("系统的排序和分值只用于确定先核查哪些申请，不作为证据，本材料不列。",
     "The order and the scores of the system decide what is looked at first; they are no evidence and are not given here."),
    ("缺失的资料按“未知”处理，既不作为违规，也不作为合规。",
     "What is missing counts as unknown: neither as a breach nor as compliance."),
    ("校验值可证明本材料所依据的数据、程序和附件自制作之日起没有改动；日志凭证可与系统日志核对。",
     "The hashes show whether data, program or files were changed since the pack was made; the log receipt can be compared with the log of the system."),
)  # fmt: skip
COVER: dict[str, Pair] = {
    "document": ("案件移送材料", "Referral pack"),
    "case": ("案件", "Case"),
    "to": ("移送对象", "For"),
    "made": ("制作", "Made"),
    "data": ("数据截至", "Data as of"),
    "run": ("运行编号", "Run"),
    "receipt": ("日志凭证", "Log receipt"),
    "personal": ("个人信息", "Personal data"),
    "masked": ("已遮盖", "masked"),
    "unmasked": ("未遮盖，理由：", "not masked, because: "),
    "contents": ("目录", "Contents"),
    "page": ("第 {n} 页", "page {n}"),
    "more_lines": ("另有 {n} 行，见同时制作的表格文件。", "{n} more rows are in the workbook made with this document."),
}  # fmt: skip
TABLES: dict[str, Pair] = {
    "claims": ("兑付申请", "claims"), "enterprises": ("企业登记", "registered enterprises"),
    "institutions": ("机构登记", "registered institutions"), "contracts": ("合同", "contracts"),
    "invoices": ("发票", "invoices"), "payments": ("付款", "payments"), "vouchers": ("创新券", "vouchers"),
    "deliverables": ("成果", "results"), "relations": ("股东与任职", "shareholders and offices"),
    "outcomes": ("核查结论", "verdicts"), "sanctions": ("负面清单", "negative list"),
}  # fmt: skip
RECIPIENTS: dict[str, Pair] = {
    "prosecutor": ("检察机关", "the prosecutor"),
    "discipline": ("纪检监察机关", "the discipline inspection"),
    "police": ("公安机关", "the police"),
    "authority": ("上级主管部门", "the higher authority"),
}
