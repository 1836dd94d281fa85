"""The twelve input tables of the data contract, section 1."""

from __future__ import annotations

from fraud_pipeline.schema import codes
from fraud_pipeline.schema.table_schema import Column, Kind, TableSchema

C, K = Column, Kind

# Where an accepted row stood, so that every piece of evidence can name file and row.
SOURCE = (
    C("source_file", K.TEXT),
    C("source_sheet", K.TEXT),
    C("source_row", K.COUNT),
    # the bureau's own kind of service (or of institution) that the row names; service_type (or
    # category) is then its parent
    C("source_kind", K.TEXT),
    # the date columns, separated by ";", of which the row names the month only: the first day of
    # it stands there
    C("source_months", K.TEXT),
)

CLAIMS = TableSchema(
    "claims",
    (
        C("claim_id", K.ID, True, "申请编号"),
        C("programme", K.CODE, True, "制度"),
        C("enterprise_id", K.ID, True, "企业统一社会信用代码"),
        C("institution_id", K.ID, True, "机构统一社会信用代码"),
        C("service_type", K.CODE, True, "服务类型", codes.SERVICE_TYPES),
        C("contract_amount", K.MONEY, True, "合同金额"),
        C("claimed_amount", K.MONEY, True, "申请兑付金额"),
        C("submitted_on", K.DATE, True, "申请日期"),
        C("redeemer", K.CODE, False, "兑付主体", codes.REDEEMERS),
        C("voucher_id", K.ID, False, "券编号"),
        C("voucher_used", K.MONEY, False, "创新券使用金额"),
        C("contract_id", K.ID, False, "合同编号"),
        C("quantity", K.NUMBER, False, "数量"),
        C("unit", K.TEXT, False, "单位"),
        C("service_title", K.TEXT, False, "服务项目名称"),
        C("service_start_on", K.DATE, False, "服务开始日期"),
        C("service_end_on", K.DATE, False, "服务结束日期"),
        C("confirmed_at", K.INSTANT, False, "机构确认时间"),
        C("confirmed_by", K.TEXT, False, "确认人"),
        C("agent_id", K.ID, False, "代办机构"),
        C("contact_phone", K.ID, False, "联系电话"),
        C("device_id", K.ID, False, "设备标识"),
        C("report_text", K.TEXT, False, "成果说明"),
        C("status", K.TEXT, False, "审核状态"),
        C("paid_amount", K.MONEY, False, "实际兑付金额"),
        C("paid_on", K.DATE, False, "兑付日期"),
        C("reviewer_id", K.ID, False, "审核人"),
        *SOURCE,
    ),
    key=("claim_id",),
    zh="兑付申请",
    known_on="submitted_on",
)

VOUCHERS = TableSchema(
    "vouchers",
    (
        C("voucher_id", K.ID, True, "券编号"),
        C("enterprise_id", K.ID, True, "企业统一社会信用代码"),
        C("programme", K.CODE, True, "制度"),
        C("voucher_class", K.TEXT, False, "券种"),
        C("face_value", K.MONEY, True, "面值"),
        C("issued_on", K.DATE, True, "申领日期"),
        C("expires_on", K.DATE, False, "使用截止日期"),
        *SOURCE,
    ),
    key=("voucher_id",),
    zh="创新券",
    known_on="issued_on",
)

ENTERPRISES = TableSchema(
    "enterprises",
    (
        C("enterprise_id", K.ID, True, "企业统一社会信用代码"),
        C("name", K.TEXT, True, "名称"),
        C("legal_representative", K.TEXT, False, "法定代表人"),
        C("region", K.TEXT, False, "地区"),
        C("address", K.TEXT, False, "地址"),
        C("phone", K.ID, False, "电话"),
        C("email", K.TEXT, False, "电子邮箱"),
        C("bank_account", K.ID, False, "账号"),
        C("founded_on", K.DATE, False, "成立日期"),
        C("annual_revenue", K.MONEY, False, "上年度营业收入"),
        C("employees", K.COUNT, False, "从业人数"),
        C("rd_employees", K.COUNT, False, "研发人数"),
        C("industry", K.TEXT, False, "行业"),
        C("qualifications", K.TEXT, False, "认定情况"),
        C("incubator_id", K.ID, False, "所在孵化器"),
        *SOURCE,
    ),
    key=("enterprise_id",),
    zh="企业",
)

INSTITUTIONS = TableSchema(
    "institutions",
    (
        C("institution_id", K.ID, True, "机构统一社会信用代码"),
        C("name", K.TEXT, True, "名称"),
        C("category", K.CODE, True, "机构类别", codes.INSTITUTION_CATEGORIES),
        C("legal_representative", K.TEXT, False, "法定代表人"),
        C("region", K.TEXT, False, "地区"),
        C("address", K.TEXT, False, "地址"),
        C("phone", K.ID, False, "电话"),
        C("email", K.TEXT, False, "电子邮箱"),
        C("bank_account", K.ID, False, "账号"),
        C("founded_on", K.DATE, False, "成立日期"),
        C("registered_on", K.DATE, False, "入库日期"),
        C("staff", K.COUNT, False, "人员数"),
        *SOURCE,
    ),
    key=("institution_id",),
    zh="服务机构",
)

CONTRACTS = TableSchema(
    "contracts",
    (
        C("contract_id", K.ID, True, "合同编号"),
        C("enterprise_id", K.ID, True, "企业统一社会信用代码"),
        C("institution_id", K.ID, True, "机构统一社会信用代码"),
        C("service_type", K.CODE, True, "服务类型", codes.SERVICE_TYPES),
        C("amount", K.MONEY, True, "合同金额"),
        C("signed_on", K.DATE, True, "签订日期"),
        C("starts_on", K.DATE, False, "开始日期"),
        C("ends_on", K.DATE, False, "结束日期"),
        C("registration_no", K.ID, False, "技术合同登记编号"),
        C("text", K.TEXT, False, "合同正文"),
        *SOURCE,
    ),
    key=("contract_id",),
    zh="合同",
    known_on="signed_on",
)

PAYMENTS = TableSchema(
    "payments",
    (
        C("payment_id", K.ID, True, "付款编号"),
        C("contract_id", K.ID, False, "合同编号"),
        C("payer_id", K.ID, False, "付款方"),
        C("payee_id", K.ID, False, "收款方"),
        C("payer_account", K.ID, False, "付款账号"),
        C("payee_account", K.ID, False, "收款账号"),
        C("amount", K.MONEY, True, "金额"),
        C("paid_on", K.DATE, True, "付款日期"),
        C("purpose", K.TEXT, False, "用途"),
        *SOURCE,
    ),
    key=("payment_id",),
    zh="付款",
    known_on="paid_on",
)

INVOICES = TableSchema(
    "invoices",
    (
        C("invoice_no", K.ID, True, "发票号码"),
        C("invoice_code", K.ID, False, "发票代码"),
        C("contract_id", K.ID, False, "合同编号"),
        C("seller_id", K.ID, False, "销售方"),
        C("buyer_id", K.ID, False, "购买方"),
        C("amount", K.MONEY, True, "金额"),
        C("issued_on", K.DATE, True, "开票日期"),
        C("tax_rate", K.SHARE, False, "税率"),
        C("item", K.TEXT, False, "项目名称"),
        C("status", K.CODE, False, "状态", codes.INVOICE_STATUSES),
        *SOURCE,
    ),
    # No key: one number may stand under two codes, and a reused number is a lead, not a fault.
    zh="发票",
    known_on="issued_on",
)

DELIVERABLES = TableSchema(
    "deliverables",
    (
        C("deliverable_id", K.ID, True, "交付物编号"),
        C("claim_id", K.ID, True, "申请编号"),
        C("kind", K.CODE, True, "类型", codes.DELIVERABLE_KINDS),
        C("reference_no", K.ID, False, "编号"),
        C("issued_on", K.DATE, False, "签发日期"),
        C("text", K.TEXT, False, "内容"),
        *SOURCE,
    ),
    key=("deliverable_id",),
    zh="交付物",
    known_on="issued_on",
)

RELATIONS = TableSchema(
    "relations",
    (
        C("party_id", K.ID, True, "主体"),
        C("person_id", K.ID, True, "人员代码"),
        C("role", K.CODE, True, "角色", codes.RELATION_ROLES),
        C("share", K.SHARE, False, "持股比例"),
        C("since_on", K.DATE, False, "起始日期"),
        C("until_on", K.DATE, False, "终止日期"),
        *SOURCE,
    ),
    zh="关联关系",
    known_on="since_on",
)

MARKET_PRICES = TableSchema(
    "market_prices",
    (
        C("service_type", K.CODE, True, "服务类型", codes.SERVICE_TYPES),
        C("unit", K.TEXT, True, "单位"),
        C("low", K.MONEY, False, "低价"),
        C("reference", K.MONEY, True, "参考价"),
        C("high", K.MONEY, False, "高价"),
        C("region", K.TEXT, False, "地区"),
        C("valid_from", K.DATE, False, "生效日期"),
        C("valid_to", K.DATE, False, "失效日期"),
        C("source", K.TEXT, False, "来源"),
        *SOURCE,
    ),
    zh="价格目录",
    known_on="valid_from",
)

OUTCOMES = TableSchema(
    "outcomes",
    (
        C("outcome_id", K.ID, True, "核查编号"),
        C("claim_id", K.ID, True, "申请编号"),
        C("decided_on", K.DATE, True, "核查日期"),
        C("verdict", K.CODE, True, "核查结论", codes.VERDICTS),
        C("typology", K.CODE, False, "问题类型", codes.TYPOLOGIES),
        C("disallowed_amount", K.MONEY, False, "不予认可金额"),
        C("recovered_amount", K.MONEY, False, "追回金额"),
        C("selected_by", K.CODE, False, "抽取方式", codes.SELECTED_BY),
        C("inclusion_prob", K.SHARE, False, "入样概率"),
        *SOURCE,
    ),
    key=("outcome_id",),
    zh="核查结果",
    known_on="decided_on",
)

SANCTIONS = TableSchema(
    "sanctions",
    (
        C("party_id", K.ID, True, "主体"),
        C("starts_on", K.DATE, True, "开始日期"),
        C("ends_on", K.DATE, False, "结束日期"),
        C("reason", K.TEXT, False, "事由"),
        C("authority", K.TEXT, False, "决定机关"),
        C("document_no", K.TEXT, False, "文号"),
        *SOURCE,
    ),
    zh="负面清单",
    known_on="starts_on",
)

INPUT_TABLES: dict[str, TableSchema] = {
    table.name: table
    for table in (
        CLAIMS, VOUCHERS, ENTERPRISES, INSTITUTIONS, CONTRACTS, PAYMENTS, INVOICES,
        DELIVERABLES, RELATIONS, MARKET_PRICES, OUTCOMES, SANCTIONS,
    )
}  # fmt: skip
