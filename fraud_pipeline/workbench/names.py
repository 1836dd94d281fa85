"""What columns, codes and logged actions are called before people, in Chinese and English."""

from __future__ import annotations

from fraud_pipeline.vocabulary.documents import DELIVERABLES
from fraud_pipeline.vocabulary.parties import FIELDS, REDEEMERS, SUBJECTS
from fraud_pipeline.vocabulary.parties import INSTITUTION_CATEGORIES as CATEGORIES
from fraud_pipeline.vocabulary.rings import LINEAGE

__all__ = [
    "CATEGORIES", "DEEDS", "DELIVERABLES", "FIELDS", "LINEAGE", "REDEEMERS", "SUBJECTS", "lineage",
]  # fmt: skip

DEEDS = {
    "view": ("查看", "view"), "unmask": ("查看遮盖信息", "unmask"), "decide": ("作出结论", "decide"),
    "second": ("复核", "second review"), "undo": ("撤回", "undo"), "reopen": ("重新打开", "reopen"),
    "appeal": ("登记异议", "objection"), "take": ("领取", "take"), "release": ("放回", "release"),
    "snooze": ("暂缓", "snooze"), "assign": ("分派", "assign"), "export": ("导出", "export"),
    "notice": ("核实通知", "notice"), "judge": ("判断成员", "judge member"),
    "sign-off": ("签署", "sign-off"), "setting": ("更改设置", "setting"), "filter": ("保存筛选", "filter"),
    "invite": ("邀请", "invite"), "password": ("设置密码", "password"), "sign-in": ("登录", "sign-in"),
    "sign-out": ("退出", "sign-out"), "refused": ("登录失败", "sign-in refused"),
    "case": ("办理案件", "case"), "search": ("查找", "search"),
    "denied": ("越权被拒", "denied"), "conflict": ("申报冲突", "conflict"), "token": ("新建令牌", "token"),
    "revoke": ("撤销令牌", "revoke"), "token-approve": ("批准令牌", "token approved"),
    "token-end": ("令牌到期提前", "end of a token set earlier"), "installation-key": ("登记安装密钥", "installation key recorded"), "api-read": ("接口读取", "API read"),
    "blind": ("盲审复核", "blind check"), "attach": ("上传文件", "file uploaded"), "download": ("下载文件", "file saved"),
    "webhook": ("新建推送", "webhook"), "webhook-revoke": ("撤销推送", "webhook revoked"),
    "webhook-resend": ("重发推送", "messages sent again"), "receive": ("接口收到", "received"),
    "oidc-bind": ("绑定统一身份", "bound to the identity provider"), "api-score": ("接口评分", "API score"),
    "trial": ("试读文件", "file tried out"), "trial_corrected": ("更正试读列", "column of a tried file corrected"),
    "trial_scored": ("试读文件评分", "tried file scored"), "trial_removed": ("删除试读文件", "tried file removed"),
    "tuning": ("预警指标调整", "tuning of a red flag"), "filter-drop": ("删除筛选", "filter removed"),
    "reclassify": ("更正问题类型代码", "typology codes corrected"),
    "person-name": ("选定用户名", "user name chosen"), "person-role": ("更改角色", "role changed"), "person-disable": ("停用账户", "disabled"),
    "erase": ("删除个人信息", "personal data erased"),
    "person-enable": ("启用账户", "enabled"), "person-link": ("新邀请链接", "new link"),
}  # fmt: skip


def lineage(text: str | None, language: str) -> str:
    """``kept from R-1`` in the language asked for: the first word is known, ids stay.

    >>> lineage("new", "zh")
    '新出现'
    """
    word, _, rest = (text or "").partition(" ")
    known = LINEAGE.get(word.rstrip(":,"), (word, word))[0 if language == "zh" else 1]
    return f"{known} {rest}".strip()


_TABLES = {
    "claims": ("申请", "claims"), "enterprises": ("企业登记信息", "details of enterprises"),
    "institutions": ("机构登记信息", "details of institutions"), "payments": ("付款", "payments"),
    "relations": ("任职与持股信息", "posts and holdings"), "contracts": ("合同", "contracts"),
    "invoices": ("发票", "invoices"), "deliverables": ("交付物", "deliverables"),
}  # fmt: skip


def tie_source(text: str) -> tuple[str, str]:
    """Where the evidence of a tie stands, in Chinese and English, without names of columns.

    >>> tie_source("claims C1 + claims C2")
    ('申请 C1、C2', 'claims C1, C2')
    >>> tie_source("enterprises+institutions")
    ('企业登记信息、机构登记信息', 'details of enterprises, details of institutions')
    """
    if text.startswith("settings "):
        return "运行设置（随机模拟）", "settings of the run (random comparison)"
    parts: dict[str, list[str]] = {}
    table = ""
    for word in text.replace("+", " ").split():
        if word in _TABLES:
            table = word
            parts.setdefault(table, [])
        else:
            parts.setdefault(table, []).append(word.partition("=")[2] or word)
    return _listed(parts, 0), _listed(parts, 1)


def _listed(parts: dict[str, list[str]], at: int) -> str:
    comma = ("、", ", ")[at]
    texts = (
        " ".join(filter(None, (_TABLES[table][at] if table else "", comma.join(keys))))
        for table, keys in parts.items()
    )
    return comma.join(texts)
