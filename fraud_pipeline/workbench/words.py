"""Words of the workbench that are not part of one page: statuses, verdicts, reasons, papers."""

from __future__ import annotations

from fraud_pipeline.rings.words import TIE_KINDS as TIE_KINDS  # noqa: PLC0414 - asked for here

STATUSES = {
    "open": ("待办", "open"), "taken": ("办理中", "in work"), "snoozed": ("暂缓", "snoozed"),
    "second": ("待复核", "awaits second look"), "decided": ("已办结", "decided"),
}  # fmt: skip
VERDICTS = {
    "fraud": ("涉嫌骗取", "suspected fraud"), "irregular": ("违规", "irregular"),
    "clean": ("未见问题", "clean"), "explained": ("已说明", "explained"),
    "undetermined": ("无法认定", "undetermined"),
}  # fmt: skip
# One click each; which verdicts they go with.
REASONS = {
    "documents_fit": ("材料相互印证", "documents bear each other out", ("clean", "explained")),
    "price_explained": ("价格有合理说明", "the price is explained", ("clean", "explained")),
    "tie_explained": ("关联有合理说明", "the tie is explained", ("clean", "explained")),
    "limit_broken": ("超出制度限制", "a limit of the programme is broken", ("irregular",)),
    "service_missing": ("未见真实服务", "no real service found", ("fraud", "irregular")),
    "documents_reused": ("材料重复使用", "documents were used twice", ("fraud", "irregular")),
    "money_returned": ("资金回流", "money came back", ("fraud", "irregular")),
    "price_inflated": ("价格虚高", "the price is inflated", ("fraud", "irregular")),
    "related_parties": ("关联交易未申报", "undeclared related parties", ("fraud", "irregular")),
    "data_missing": ("资料不足", "documents are missing", ("undetermined",)),
    "no_answer": ("未答复", "no answer was given", ("undetermined",)),
    "other": ("其他（请写明）", "other (say what)", tuple(VERDICTS)),
}
TYPOLOGIES = {
    "T01": ("文本雷同", "text reuse"), "T02": ("批量套现", "cash-out by volume"),
    "T03": ("临期突击用完", "spending before expiry"), "T04": ("虚假合同", "sham contract"),
    "T05": ("转让或代用", "transfer"), "T06": ("缺乏研发能力", "no capacity for research"),
    "T07": ("购买硬件", "hardware"), "T08": ("价格虚高", "inflated price"),
    "T09": ("超发", "over-issue"), "T10": ("成果无法审核", "report cannot be checked"),
    "T11": ("单据不符", "documents differ"), "T12": ("服务未发生", "service not rendered"),
    "T13": ("中介包装", "packaged by agents"), "T14": ("资金回流", "money back"),
    "T15": ("空壳企业", "shell firm"), "T16": ("重复使用凭证", "reused documents"),
    "T17": ("拆分合同", "splitting"), "T18": ("关联交易", "related parties"),
    "T19": ("时间顺序不合理", "impossible order"), "T20": ("金额雷同", "equal amounts"),
    "T21": ("发票异常", "invoice trouble"), "T22": ("强制检测", "statutory testing"),
    "T23": ("一户多企", "one account, many firms"), "T24": ("资格不符", "eligibility"),
    "T25": ("本孵化器服务", "own incubator"), "T26": ("走过场的确认", "rubber-stamp confirmation"),
}  # fmt: skip
STRATA = {
    "certainty": ("必查", "certain"), "risk": ("风险", "by risk"), "huzhou": ("湖州三类", "Huzhou"),
    "random": ("随机", "random"),
}  # fmt: skip
# What a rule could not see, or saw and doubts: the paper that would settle it.
PAPERS = {
    "T01": ("服务成果原件与过程记录（邮件、图纸、原始数据）", "the original deliverable and its working records"),
    "T02": ("机构人员名册与工时记录", "the institution's staff list and time sheets"),
    "T05": ("付款方与企业关系的书面说明、付款凭证", "proof of payment and who the payer is"),
    "T06": ("研发人员社保证明、研发项目立项文件", "proof of research staff and of the project"),
    "T07": ("采购清单与服务明细", "the list of what was bought and the services in detail"),
    "T10": ("完整的成果说明", "a full report of results"),
    "T11": ("合同、发票、付款凭证原件", "original contract, invoice and proof of payment"),
    "T13": ("代办委托书、实际联系人说明", "the agent's mandate and who the contact is"),
    "T14": ("双方该期间银行流水", "both parties' bank statements of the period"),
    "T15": ("经营场所证明、纳税记录", "proof of premises and tax records"),
    "T16": ("凭证原件", "the original documents"),
    "T17": ("各合同任务书，说明为何分签", "the tasks of each contract and why they were split"),
    "T18": ("股权结构说明、关联关系申报", "shareholders and the declaration of related parties"),
    "T19": ("合同签订与服务过程的时间证明", "proof of when the contract and service took place"),
    "T20": ("报价与结算明细", "the quote and the settlement in detail"),
    "T21": ("发票原件与查验结果", "the original invoice and its check"),
    "T22": ("检测是否属法定义务的说明", "whether the test was a legal duty"),
    "T23": ("开户许可证与账户使用说明", "the account's permit and who uses it"),
    "T24": ("资格证明、上年度审计报告", "proof of eligibility, last year's audited accounts"),
    "T26": ("验收记录", "the acceptance record"),
    "price": ("报价单、成本构成、同类成交参考", "the quote, its cost, and comparable deals"),
}  # fmt: skip
SERVICES = {
    "patent_invention": "发明专利代理", "patent_utility": "实用新型代理", "patent_design": "外观设计代理",
    "trademark": "商标代理", "software_copyright": "软件著作权", "testing": "检测", "novelty_search": "查新",
    "hightech_certification": "高企认定", "technology_development": "技术开发",
    "technology_transfer": "技术转让", "technology_consulting": "技术咨询",
    "technology_service": "技术服务", "incubation": "孵化服务", "instrument_sharing": "仪器共享",
    "product_design": "产品设计", "standard_setting": "标准制定",
    "enterprise_certification": "企业认证", "patent_purchase": "专利购买", "talent": "人才",
    "training": "培训", "scientific_data": "科学数据", "germplasm": "种质资源", "other": "其他",
}  # fmt: skip
MEMBER_ROLES = {
    "complicit_institution": ("业务多在此内的机构", "institution mostly busy here"),
    "institution": ("机构", "institution"), "organiser": ("居中", "in the middle"),
    "agent": ("代办", "agent"), "shell": ("新设或空壳特征", "shell-like"), "member": ("成员", "member"),
    "insider": ("与机构有关联", "related to the institution"),
    "drawn_in_customer": ("外围", "at the edge"),
}  # fmt: skip
OUTCOME_WORDS = {
    "hit": ("命中", "hit"), "pass": ("通过", "pass"), "not_applicable": ("不适用", "not applicable"),
    "error": ("未能判断", "error"),
}  # fmt: skip
PROBLEMS = {
    "taken": ("此申请正由他人办理", "somebody else is working on this claim"),
    "decided": ("此申请已办结", "this claim is decided already"),
    "none_left": ("没有符合条件的待办申请", "no open claim fits"),
    "not_yours": ("只有作出决定的人可以撤回", "only who decided can undo it"),
    "too_late": ("已过撤回时限或已复核，请组长重新打开", "too late to undo: ask a lead to reopen it"),
    "same_person": ("复核须由另一人进行", "the second look needs another person"),
    "not_waiting": ("此申请不在待复核状态", "this claim does not await a second look"),
    "not_decided": ("此申请尚未办结", "this claim is not decided yet"),
    "conflict": ("您已申报与该申请当事人有利益冲突", "you declared a conflict of interest here"),
    "reason_needed": ("请选择理由", "choose a reason"),
    "note_needed": ("请写明原因", "say why"),
    "typology_needed": ("请选择问题类型", "choose the kind of problem"),
    "amount_needed": ("请填写不予认可金额（0 至申请金额）", "give the amount disallowed, 0 up to the amount claimed"),
    "verdict_needed": ("请选择结论", "choose a verdict"),
    "date_needed": ("请填写今后的日期", "give a date to come"),
    "nothing_chosen": ("没有选中可办理的申请", "nothing that can be changed was chosen"),
    "not_a_member": ("不是该团伙成员或主体不存在", "no such party, or not a member"),
    "file_kind": ("只收 PDF、PNG、JPG、DOCX、XLSX、TXT、CSV，且内容须与后缀相符", "PDF, PNG, JPG, DOCX, XLSX, TXT or CSV only, and the content must be what the name says"),
    "file_size": ("文件为空或过大", "the file is empty or too large"),
    "file_known": ("此文件已收存", "this very file is kept already"),
    "too_many_files": ("每件申请最多 50 个文件", "at most 50 files a claim"),
    "no_check": ("此申请不待您盲审复核", "there is no blind check of yours to make here"),
    "none_to_check": ("没有您可盲审复核的申请", "there is nothing you could check blindly"),
    "blind_first": ("此申请待盲审复核，完成前不提供材料包", "this claim awaits a blind check: no pack before it is made"),
    "too_many": ("一次最多 500 件", "at most 500 at once"),
}  # fmt: skip
