"""Other words for the contract's columns and codes, as forms and clerks use them."""

from __future__ import annotations

# Headers besides the contract's own, as forms and exports of voucher systems word them.
HEADERS: dict[str, tuple[str, ...]] = {
    "claim_id": ("兑付申请编号", "申请单号"), "programme": ("所属制度",), "service_type": ("创新服务类型", "服务类别"),
    "enterprise_id": ("企业信用代码", "申领单位统一社会信用代码"), "contract_amount": ("合同总金额", "合同额"),
    "institution_id": ("机构信用代码", "服务机构统一社会信用代码"), "claimed_amount": ("申请兑现金额", "申请金额"),
    "submitted_on": ("申请时间", "提交日期"), "voucher_id": ("创新券编号",), "voucher_used": ("创新券使用额",),
    "contract_id": ("合同号",), "contact_phone": ("联系人电话",), "paid_amount": ("实际兑现金额",),
    "paid_on": ("兑现日期",), "status": ("状态",), "face_value": ("券面金额",), "name": ("单位名称",),
    "legal_representative": ("法人代表", "法 定 代 表 人"), "address": ("注册地址", "通讯地址"),
    "phone": ("联系电话", "联系方式"), "bank_account": ("银行账号",), "annual_revenue": ("上年度销售额",),
    "employees": ("上年度从业人数", "职工人数"), "founded_on": ("成立时间", "注册日期"), "amount": ("金额",),
    "signed_on": ("签约日期",), "seller_id": ("销售方税号",), "buyer_id": ("购买方税号",),
    "payment_id": ("银行回单号",), "expires_on": ("有效期至",), "email": ("电子邮件",),
}  # fmt: skip

# Words for codes.
WORDS = {
    "wuhan": ("武汉", "武汉市", "WUHAN"), "testing": ("检验检测", "检测", "Testing"),
    "patent_invention": ("发明专利", "发明专利代理"), "patent_utility": ("实用新型", "实用新型专利"),
    "patent_design": ("外观设计", "外观设计专利"), "trademark": ("商标", "商标注册"),
    "software_copyright": ("软件著作权", "软著"), "novelty_search": ("科技查新", "查新"),
    "hightech_certification": ("高新技术企业认定", "高企申报"), "technology_development": ("技术开发", "委托开发"),
    "technology_transfer": ("技术转让",), "technology_consulting": ("技术咨询",), "technology_service": ("技术服务",),
    "incubation": ("创业孵化", "孵化服务"), "institution": ("机构", "收券机构"), "enterprise": ("企业",),
    "university": ("高等院校", "高校"), "research_institute": ("科研院所",), "incubator": ("孵化器", "众创空间"),
    "industrial_research_institute": ("工业技术研究院",), "statutory_testing": ("法定检测机构", "检测机构"),
    "ip_agency": ("知识产权代理机构",), "hightech_engineering_centre": ("工程技术研究中心",),
    "patent_application": ("专利申请", "专利"), "test_report": ("检测报告",), "novelty_report": ("查新报告",),
    "copyright": ("软著",), "certificate": ("证书",), "report": ("报告",), "正常": ("正 常", "valid"),
    "红冲": ("红字",), "fraud": ("骗取", "欺诈"), "irregular": ("违规",), "clean": ("无问题",),
    "shareholder": ("股东",), "legal_representative": ("法定代表人",), "director": ("董事",),
    "executive": ("高管",), "employee": ("员工",), "random": ("随机",), "risk": ("风险",), "tip": ("举报",),
}  # fmt: skip
