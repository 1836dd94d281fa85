"""Kinds of service, and their families in the usage report."""

from __future__ import annotations

from fraud_pipeline.vocabulary.term import Term

SERVICES: dict[str, Term] = {
    "patent_invention": Term("发明专利代理", "invention patent"),
    "patent_utility": Term("实用新型代理", "utility model"),
    "patent_design": Term("外观设计代理", "design patent"),
    "trademark": Term("商标代理", "trademark"),
    "software_copyright": Term("软件著作权登记", "software copyright"),
    "testing": Term("检验检测", "testing"),
    "novelty_search": Term("科技查新", "novelty search"),
    "hightech_certification": Term("高企认定服务", "high-tech certification"),
    "technology_development": Term("技术开发", "technology development"),
    "technology_transfer": Term("技术转让", "technology transfer"),
    "technology_consulting": Term("技术咨询", "technology consulting"),
    "technology_service": Term("技术服务", "technology service"),
    "incubation": Term("创业孵化", "incubation"),
    "instrument_sharing": Term("仪器共享", "instrument sharing"),
    "product_design": Term("产品与工业设计", "product design"),
    "standard_setting": Term("标准制定", "standard setting"),
    "enterprise_certification": Term("企业认证", "enterprise certification"),
    "patent_purchase": Term("专利购买", "patent purchase"),
    "talent": Term("人才引进", "talent"),
    "training": Term("培训", "training"),
    "scientific_data": Term("科学数据", "scientific data"),
    "germplasm": Term("种质资源", "germplasm"),
    "other": Term("其他", "other"),
}
SERVICE_FAMILIES: dict[str, Term] = {
    "ip": Term("知识产权", "intellectual property"),
    "testing": Term("检验检测", "testing"),
    "technology": Term("四技服务", "technology contracts"),
    "incubation": Term("创业孵化", "incubation"),
    "other": Term("其他", "other"),
}
