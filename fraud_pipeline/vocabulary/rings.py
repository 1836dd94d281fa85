"""Rings: kinds of tie, what parties share, innocent reasons, roles of members, lineage."""

from __future__ import annotations

from fraud_pipeline.vocabulary.term import Term

# What kinds of tie, and of facts that are no ties, are called where one word must do.
TIE_KINDS: dict[str, Term] = {
    "claim": Term("申请往来", "claims"),
    "tenancy": Term("入孵", "tenancy"),
    "money_back": Term("资金回流", "money back"),
    "payment": Term("付款", "payments"),
    "group": Term("同一集团", "group of companies"),
    "text": Term("文本", "text"),
    "phone": Term("电话", "phone"),
    "email": Term("邮箱", "e-mail"),
    "bank_account": Term("账号", "account"),
    "device": Term("设备", "device"),
    "address": Term("地址", "address"),
    "agent": Term("代办", "agent"),
    "legal_representative": Term("法定代表人", "legal representative"),
    "person": Term("人员", "person"),
    "elsewhere": Term("他处往来", "claims elsewhere"),
    "other_clients": Term("其他客户", "other clients"),
    "chance": Term("随机对照", "compared with chance"),
    "judgement": Term("人工判断", "judgement"),
    "price": Term("价格水平", "price level"),
    "verdict": Term("核查结论或负面清单", "verdicts or sanctions"),
    "newness": Term("机构新设", "new institution"),
    "money_path": Term("资金流向", "path of money"),
}
# What two parties of an identity tie share, as the object of a sentence.
SHARED: dict[str, Term] = {
    "person": Term("股东或任职人员", "a person behind them"),
    "legal_representative": Term("法定代表人", "legal representative"),
    "bank_account": Term("账号", "bank account"),
    "phone": Term("电话", "phone"),
    "email": Term("邮箱", "e-mail"),
    "device": Term("设备", "device"),
    "agent": Term("代办机构", "agent"),
    "address": Term("地址", "address"),
    "text": Term("文本", "text"),
    "group": Term("控股公司", "majority holder"),
    "tenancy": Term("场地", "premises"),
}
# What marks several enterprises of a ring, as the predicate of a sentence about them.
MARKED: dict[str, Term] = {
    "price": Term(
        "的单价属于同类服务的最高一档", "paid prices among the highest for such services"
    ),
    "verdict": Term(
        "有申请已被认定为欺诈，或已列入负面清单",
        "have claims that audits found fraudulent, or are sanctioned",
    ),
    "newness": Term(
        "在机构成立不久时即成为其客户", "became clients when the institution was among the youngest"
    ),
    "money_path": Term(
        "收到由机构直接或经他人转来的资金",
        "received money from the institution, directly or through others",
    ),
}
INNOCENT_REASONS: dict[str, Term] = {
    "own_incubator": Term("企业在该孵化器内", "the enterprise sits in that incubator"),
    "fellow_tenants": Term("同一孵化器的入驻企业", "tenants of one incubator"),
    "spin_off": Term("高校院所衍生企业", "a spin-off of a university or institute"),
    "own_group": Term("同一集团，公开登记", "one group of companies, openly registered"),
}
# A role names a place in the picture, not a guilt.
MEMBER_ROLES: dict[str, Term] = {
    "complicit_institution": Term(
        "业务集中于该团伙的机构", "institution with most business in the ring"
    ),
    "institution": Term("机构", "institution"),
    "organiser": Term("核心关联方", "central party"),
    "agent": Term("代办", "agent"),
    "shell": Term("新设或空壳特征", "shell-like"),
    "member": Term("成员", "member"),
    "insider": Term("与机构有关联", "related to the institution"),
    "drawn_in_customer": Term("外围关联方", "peripheral party"),
}
LINEAGE: dict[str, Term] = {
    "new": Term("新出现", "new"),
    "kept": Term("延续", "kept"),
    "split": Term("拆分自", "split"),
    "merged": Term("合并自", "merged"),
}
