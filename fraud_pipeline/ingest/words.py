"""Words people write for the codes of the data contract."""

from __future__ import annotations

import re

from fraud_pipeline.vocabulary.parties import QUALIFICATIONS

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
             "商标注册": "trademark", "商标申请": "trademark", "发明专利": "patent_application",
             "实用新型": "patent_application", "外观设计": "patent_application",
             "实用新型专利": "patent_application", "外观设计专利": "patent_application",
             "检测报告": "test_report", "检验报告": "test_report", "测试报告": "test_report",
             "查新报告": "novelty_report", "科技查新报告": "novelty_report", "证书": "certificate",
             "软著": "copyright", "软件著作权": "copyright", "结题报告": "report", "研究报告": "report",
             "报告": "report", "其他": "other"},
    "role": {"股东": "shareholder", "董事": "director", "高管": "executive", "法定代表人": "legal_representative",
             "员工": "employee"},
    "programme": {"武汉": "wuhan", "武汉市": "wuhan", "北京": "beijing", "北京市": "beijing", "上海": "shanghai",
                  "上海市": "shanghai", "浙江": "zhejiang", "浙江省": "zhejiang", "湖州": "huzhou", "湖州市": "huzhou",
                  "长兴": "changxing", "长兴县": "changxing", "山西": "shanxi", "山西省": "shanxi",
                  "昌平": "changping", "昌平区": "changping"},
    "selected_by": {"必查": "certainty", "风险": "risk", "随机": "random", "举报": "tip", "历史": "legacy"},
}  # fmt: skip


def code_words(column: str, allowed: tuple[str, ...]) -> dict[str, str]:
    """Every accepted word of a code column, the codes themselves included.

    A column without a closed list (the programme) accepts other words as well.
    """
    words = {w: c for w, c in CODE_WORDS.get(column, {}).items() if c in allowed or not allowed}
    return {**words, **{code.lower(): code for code in allowed}}


def qualification_codes(text: str) -> str:
    """认定情况 in words, separated by any usual mark, as semicolon-separated codes."""
    text = "".join(c for c in text if c.isprintable())
    code_by_label = {term.zh: code for code, term in QUALIFICATIONS.items()}
    parts = [p.strip() for p in re.split(r"[;；,，、|]", text) if p.strip()]
    return ";".join(dict.fromkeys(code_by_label.get(p, p) for p in parts))
