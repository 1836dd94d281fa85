"""Documents of a claim: what is handed in, what is delivered, and what would settle a doubt."""

from __future__ import annotations

from fraud_pipeline.vocabulary.term import Term

DOCUMENTS: dict[str, Term] = {
    "contract": Term("合同", "contract"),
    "invoice": Term("发票", "invoice"),
    "payment": Term("支付凭证", "proof of payment"),
    "report": Term("结果报告", "report"),
    "deliverable": Term("成果证明", "proof of the result"),
}
DELIVERABLES: dict[str, Term] = {
    "patent_application": Term("专利申请", "patent application"),
    "trademark": Term("商标", "trademark"),
    "test_report": Term("检测报告", "test report"),
    "novelty_report": Term("查新报告", "novelty report"),
    "certificate": Term("证书", "certificate"),
    "copyright": Term("著作权", "copyright"),
    "report": Term("报告", "report"),
    "other": Term("其他", "other"),
}
INVOICE_STATUSES: dict[str, Term] = {
    "正常": Term("正常", "valid"),
    "作废": Term("作废", "void"),
    "红冲": Term("红冲", "red-flushed"),
}
# What a rule could not see, or saw and doubts: the document that would settle it. By rule code.
PAPERS: dict[str, Term] = {
    "T01": Term(
        "服务成果原件与过程记录（邮件、图纸、原始数据）",
        "the original deliverable and its working records",
    ),
    "T02": Term("机构人员名册与工时记录", "the institution's staff list and time sheets"),
    "T05": Term("付款方与企业关系的书面说明、付款凭证", "proof of payment and who the payer is"),
    "T06": Term("研发人员社保证明、研发项目立项文件", "proof of research staff and of the project"),
    "T07": Term("采购清单与服务明细", "the list of what was bought and the services in detail"),
    "T10": Term("完整的成果说明", "a full report of results"),
    "T11": Term("合同、发票、付款凭证原件", "original contract, invoice and proof of payment"),
    "T13": Term("代办委托书、实际联系人说明", "the agent's mandate and who the contact is"),
    "T14": Term("双方该期间银行流水", "both parties' bank statements of the period"),
    "T15": Term("经营场所证明、纳税记录", "proof of premises and tax records"),
    "T16": Term("凭证原件", "the original documents"),
    "T17": Term("各合同任务书，说明为何分签", "the tasks of each contract and why they were split"),
    "T18": Term(
        "股权结构说明、关联关系申报", "shareholders and the declaration of related parties"
    ),
    "T19": Term(
        "合同签订与服务过程的时间证明", "proof of when the contract and service took place"
    ),
    "T20": Term("报价与结算明细", "the quote and the settlement in detail"),
    "T21": Term("发票原件与查验结果", "the original invoice and its check"),
    "T22": Term("检测是否属法定义务的说明", "whether the test was a legal duty"),
    "T23": Term("开户许可证与账户使用说明", "the account's permit and who uses it"),
    "T24": Term("资格证明、上年度审计报告", "proof of eligibility, last year's audited accounts"),
    "T26": Term("验收记录", "the acceptance record"),
    "price": Term("报价单、成本构成、同类成交参考", "the quote, its cost, and comparable deals"),
}
