"""Words people write for the codes and headers of the data contract."""

from __future__ import annotations

import re
import unicodedata

from fraud_pipeline.records import TableSchema, codes

CODE_WORDS: dict[str, dict[str, str]] = {
    "service_type": {
        "发明专利": "patent_invention", "发明专利代理": "patent_invention", "发明专利申请": "patent_invention",
        "实用新型": "patent_utility", "实用新型专利": "patent_utility", "实用新型代理": "patent_utility",
        "外观设计": "patent_design", "外观设计专利": "patent_design", "外观设计代理": "patent_design",
        "商标": "trademark", "商标注册": "trademark", "商标代理": "trademark",
        "软件著作权": "software_copyright", "软著": "software_copyright", "软件著作权登记": "software_copyright",
        "检验检测": "testing", "检测": "testing", "测试": "testing", "测试检验": "testing", "产品检验检测": "testing",
        "科技查新": "novelty_search", "查新": "novelty_search",
        "高新技术企业申报": "hightech_certification", "高企申报": "hightech_certification",
        "高新技术企业认定": "hightech_certification", "高新技术企业申报服务": "hightech_certification",
        "技术开发": "technology_development", "委托开发": "technology_development", "合作研发": "technology_development",
        "技术转让": "technology_transfer", "技术咨询": "technology_consulting", "技术服务": "technology_service",
        "创业孵化": "incubation", "创业孵化服务": "incubation", "孵化服务": "incubation",
        "仪器共享": "instrument_sharing", "大型仪器设备共享": "instrument_sharing",
        "工业设计": "product_design", "产品设计": "product_design", "产品标准制定": "standard_setting",
        "企业认证": "enterprise_certification", "专利购买": "patent_purchase", "人才引进": "talent",
        "技术培训": "training", "科学数据": "scientific_data", "生物种质资源": "germplasm", "其他": "other",
    },
    "category": {
        "高等院校": "university", "高校": "university", "大学": "university", "科研院所": "research_institute",
        "研究所": "research_institute", "工业技术研究院": "industrial_research_institute", "孵化器": "incubator",
        "众创空间": "incubator", "孵化器和众创空间": "incubator", "法定检测机构": "statutory_testing",
        "检测机构": "statutory_testing", "知识产权代理机构": "ip_agency", "工程技术研究中心": "hightech_engineering_centre",
        "仪器平台": "instrument_platform", "服务平台": "service_platform", "其他": "other",
    },
    "redeemer": {"企业": "enterprise", "机构": "institution", "收券机构": "institution"},
    "verdict": {"欺诈": "fraud", "骗取": "fraud", "违规": "irregular", "不合规": "irregular", "正常": "clean",
                "无问题": "clean", "无法确定": "undetermined", "待定": "undetermined"},
    "status": {"valid": "正常", "normal": "正常", "void": "作废", "cancelled": "作废", "red": "红冲",
               "red_flushed": "红冲", "红字": "红冲"},
    "kind": {"专利": "patent_application", "专利申请": "patent_application", "商标": "trademark",
             "检测报告": "test_report", "查新报告": "novelty_report", "证书": "certificate", "软著": "copyright",
             "报告": "report", "其他": "other"},
    "role": {"股东": "shareholder", "董事": "director", "高管": "executive", "法定代表人": "legal_representative",
             "员工": "employee"},
    "selected_by": {"必查": "certainty", "风险": "risk", "随机": "random", "举报": "tip", "历史": "legacy"},
}  # fmt: skip

# Headers that are neither the English name nor the contract's Chinese one.
HEADER_WORDS: dict[str, tuple[str, ...]] = {
    "claim_id": ("申请号", "兑付申请编号", "编号"),
    "programme": ("项目", "制度名称"),
    "enterprise_id": ("企业代码", "申领单位代码", "统一社会信用代码"),
    "institution_id": ("机构代码", "服务机构代码"),
    "service_type": ("创新服务类型", "服务类别"),
    "contract_amount": ("合同总金额", "合同额"),
    "claimed_amount": ("申请兑现金额", "兑付金额", "申请金额"),
    "submitted_on": ("申请时间", "提交日期"),
    "voucher_id": ("创新券编号",),
    "voucher_used": ("使用金额", "抵扣金额"),
    "name": ("单位名称", "企业名称", "机构名称"),
    "address": ("注册地址", "办公地址"),
    "phone": ("手机", "联系电话", "联系方式"),
    "annual_revenue": ("营业收入", "上年度销售额"),
    "employees": ("上年度从业人数", "职工人数"),
    "founded_on": ("注册日期", "成立时间"),
    "amount": ("价税合计", "付款金额"),
    "text": ("正文",),
}  # fmt: skip

_UNIT = re.compile(r"[（(【\[](.*?)[)）】\]]")
_TEN_THOUSAND = ("万元", "万")


def simple(header: str) -> str:
    """A header without case, spaces, line breaks and bracketed remarks."""
    text = unicodedata.normalize("NFKC", header).lower()
    return re.sub(r"[\s_:：*]+", "", _UNIT.sub("", text))


def in_ten_thousands(header: str) -> bool:
    """Whether the header says that its amounts are in 万元."""
    found = _UNIT.search(unicodedata.normalize("NFKC", header))
    return bool(found and found[1].strip().endswith(_TEN_THOUSAND))


def headers_of(schema: TableSchema) -> dict[str, str]:
    """simple header -> column name, for every way a column of the table is headed."""
    known = {}
    for column in reversed(schema.columns):
        if column.name.startswith("source_"):
            continue
        for word in (*HEADER_WORDS.get(column.name, ()), column.zh, column.name):
            if word:
                known[simple(word)] = column.name
    return known


def code_words(column: str, allowed: tuple[str, ...]) -> dict[str, str]:
    """Every accepted word of a code column, the codes themselves included."""
    words = {w: c for w, c in CODE_WORDS.get(column, {}).items() if c in allowed}
    return {**words, **{code.lower(): code for code in allowed}}


def qualification_codes(text: str) -> str:
    """认定情况 in words, separated by any usual mark, as semicolon-separated codes."""
    named = {zh: code for code, zh in codes.QUALIFICATIONS.items()}
    parts = [p.strip() for p in re.split(r"[;；,，、|]", text) if p.strip()]
    return ";".join(dict.fromkeys(named.get(p, p) for p in parts))
