"""Enterprises and institutions: categories, qualifications, relations, who redeems, fields."""

from __future__ import annotations

from fraud_pipeline.vocabulary.term import Term

PARTIES: dict[str, Term] = {
    "enterprise": Term("企业", "enterprise"),
    "institution": Term("服务机构", "institution"),
}
INSTITUTION_CATEGORIES: dict[str, Term] = {
    "university": Term("高等院校", "university"),
    "research_institute": Term("科研院所", "research institute"),
    "industrial_research_institute": Term("工业技术研究院", "industrial research institute"),
    "incubator": Term("孵化器和众创空间", "incubator"),
    "statutory_testing": Term("法定检测机构", "statutory testing body"),
    "ip_agency": Term("知识产权代理机构", "IP agency"),
    "hightech_engineering_centre": Term(
        "建有工程技术研究中心的企业", "enterprise with an engineering centre"
    ),
    "instrument_platform": Term("仪器共享平台", "instrument platform"),
    "service_platform": Term("科技服务平台", "service platform"),
    "other": Term("其他", "other"),
}
QUALIFICATIONS: dict[str, Term] = {
    "hightech_enterprise": Term("高新技术企业", "high-tech enterprise"),
    "advanced_service_enterprise": Term("技术先进型服务企业", "advanced service enterprise"),
    "incubated": Term("科技企业孵化器在孵企业", "tenant of an incubator"),
    "tech_sme": Term("科技型中小企业", "tech SME"),
    "startup_team": Term("创业团队", "start-up team"),
}
RELATION_ROLES: dict[str, Term] = {
    "shareholder": Term("股东", "shareholder"),
    "director": Term("董事", "director"),
    "executive": Term("高管", "executive"),
    "legal_representative": Term("法定代表人", "legal representative"),
    "employee": Term("员工", "employee"),
}
REDEEMERS: dict[str, Term] = {
    "enterprise": Term("企业兑付", "the enterprise redeems"),
    "institution": Term("机构兑付", "the institution redeems"),
}
# Whose field is masked, and which: what the workbench shows one at a time.
SUBJECTS: dict[str, Term] = {
    "enterprise": Term("企业", "enterprise"),
    "institution": Term("机构", "institution"),
    "claim": Term("申请", "claim"),
    "payments": Term("付款", "payments"),
}
FIELDS: dict[str, Term] = {
    "legal_representative": Term("法定代表人", "legal representative"),
    "phone": Term("电话", "phone"),
    "confirmed_by": Term("确认人", "confirmed by"),
    "contact_phone": Term("联系电话", "contact phone"),
    "email": Term("邮箱", "e-mail"),
    "bank_account": Term("账号", "account"),
    "payer_account": Term("付款账号", "payer's account"),
    "payee_account": Term("收款账号", "payee's account"),
}
