"""Codes of services, institutions and papers in the words of a rule sheet."""

from __future__ import annotations

from fraud_pipeline.schema import codes

WORDS_ZH: dict[str, str] = {
    **codes.QUALIFICATIONS,
    "patent_invention": "发明专利代理", "patent_utility": "实用新型代理", "patent_design": "外观设计代理",
    "trademark": "商标代理", "software_copyright": "软件著作权登记", "testing": "检验检测",
    "novelty_search": "科技查新", "hightech_certification": "高企认定服务",
    "technology_development": "技术开发", "technology_transfer": "技术转让",
    "technology_consulting": "技术咨询", "technology_service": "技术服务", "incubation": "创业孵化",
    "instrument_sharing": "仪器共享", "product_design": "产品与工业设计",
    "standard_setting": "标准制定", "enterprise_certification": "企业认证",
    "patent_purchase": "专利购买", "talent": "人才引进", "training": "培训",
    "scientific_data": "科学数据", "germplasm": "种质资源", "other": "其他",
    "university": "高等院校", "research_institute": "科研院所",
    "industrial_research_institute": "工业技术研究院", "incubator": "孵化器和众创空间",
    "statutory_testing": "法定检测机构", "ip_agency": "知识产权代理机构",
    "hightech_engineering_centre": "建有工程技术研究中心的企业",
    "instrument_platform": "仪器共享平台", "service_platform": "科技服务平台",
    "contract": "合同", "invoice": "发票", "payment": "支付凭证", "report": "结果报告",
    "deliverable": "成果证明", "enterprise": "企业", "institution": "服务机构",
    "rolling": "滚动周期", "calendar_year": "自然年", "fixed": "固定周期", "lifetime": "全程",
    "received": "领取的券", "claimed": "申请的补助",
}  # fmt: skip


def in_words(code: str, language: str) -> str:
    """``code`` as people write it; a word that is no code stays as it is."""
    if language == "zh":
        return WORDS_ZH.get(code, code)
    return code.replace("_", " ")
