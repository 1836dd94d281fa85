"""The labels pages show: those of the catalogue, and why an action was refused."""

from __future__ import annotations

from fraud_pipeline.vocabulary.documents import PAPERS
from fraud_pipeline.vocabulary.parties import FIELDS
from fraud_pipeline.vocabulary.prices import PRICE_BASES, PRICE_QUEUES
from fraud_pipeline.vocabulary.rings import MEMBER_ROLES, TIE_KINDS
from fraud_pipeline.vocabulary.risk import BANDS
from fraud_pipeline.vocabulary.rules import OUTCOMES, SEVERITIES
from fraud_pipeline.vocabulary.services import SERVICES
from fraud_pipeline.vocabulary.typologies import ALLEGED, RED_FLAGS, TYPOLOGIES
from fraud_pipeline.vocabulary.verdicts import REASONS, STATUSES, STRATA, VERDICTS

__all__ = [
    "ALLEGED",
    "BANDS",
    "CASE_SOURCES",
    "CASE_STATUSES",
    "ENTITY_FIELDS",
    "MEMBER_ROLES",
    "OUTCOMES",
    "PAPERS",
    "PRICE_BASES",
    "PRICE_QUEUES",
    "PROBLEMS",
    "REASONS",
    "RED_FLAGS",
    "SEARCH_KINDS",
    "SERVICES",
    "SEVERITIES",
    "STATUSES",
    "STRATA",
    "TIE_KINDS",
    "TYPOLOGIES",
    "VERDICTS",
]  # fmt: skip

SEARCH_KINDS = {
    "claim": ("申请", "claim"), "contract": ("合同", "contract"), "invoice": ("发票", "invoice"),
    "voucher": ("创新券", "voucher"), "enterprise": ("企业", "enterprise"),
    "institution": ("服务机构", "institution"), "person": ("人员", "person"), "phone": ("电话", "phone"),
    "account": ("银行账号", "bank account"), "agent": ("代办机构", "agent"), "ring": ("团伙疑点", "ring"),
    "case": ("案件", "case"),
}  # fmt: skip
ENTITY_FIELDS = {
    **FIELDS, "region": ("地区", "region"), "founded_on": ("成立日期", "founded"),
    "industry": ("行业", "industry"), "employees": ("从业人员", "staff"), "staff": ("人员", "staff"),
    "annual_revenue": ("上年营收（元）", "revenue, yuan"), "category": ("类别", "category"),
    "address": ("地址", "address"), "agent_id": ("代办机构", "agent"),
}  # fmt: skip
CASE_STATUSES = {
    "open": ("办理中", "open"), "waiting": ("待回复", "awaiting an answer"),
    "referred": ("已移送", "referred"), "closed": ("已结案", "closed"), "merged": ("已并案", "merged"),
}  # fmt: skip
CASE_SOURCES = {
    "claim": ("申请", "a claim"), "ring": ("团伙疑点", "a ring"), "price": ("价格偏高的申请", "high prices"),
    "enterprise": ("企业", "an enterprise"), "institution": ("服务机构", "an institution"),
    "queue": ("队列中选定的申请", "claims chosen in the queue"), "case": ("另一案件", "another case"),
}  # fmt: skip
PROBLEMS = {
    "refused": ("用户名或密码不对，或尝试过多；请稍后再试", "wrong name or password, or too many tries; try again later"),
    "busy": ("登录的人太多，请稍候再试", "too many people are signing in; try again in a moment"),
    "sign_in_first": ("登录已过期，请重新登录；您填写的内容已保留", "your session has ended; sign in again: what you entered is kept"),
    "refused_oidc": ("统一身份登录未成功", "signing in at the identity provider did not work"),
    "oidc_down": ("统一身份服务暂不可用", "the identity provider cannot be reached"),
    "taken": ("此申请正由他人办理", "somebody else is working on this claim"),
    "decided": ("此申请已办结，此次操作没有记录", "this claim was decided already; nothing was recorded"),
    "not_listed": ("此申请不在本次名单中，不能办理", "this claim is not in the present list and cannot be decided"),
    "none_left": ("没有符合条件的待办申请", "no open claim fits"),
    "not_yours": ("只有作出决定的人可以撤回", "only who decided can undo it"),
    "too_late": ("已过撤回时限或已复核，请组长重新打开", "too late to undo: ask a lead to reopen it"),
    "same_person": ("复核须由另一人进行", "the second review needs another person"),
    "not_waiting": ("此申请不在待复核状态", "this claim is not pending a second review"),
    "not_decided": ("此申请尚未办结", "this claim is not decided yet"),
    "conflict": ("您已申报与该申请当事人有利益冲突", "you declared a conflict of interest here"),
    "reason_needed": ("请选择理由", "choose a reason"),
    "note_needed": ("请写明原因", "say why"),
    "typology_needed": ("请选择问题类型", "choose the kind of problem"),
    "amount_needed": ("请填写不予认可金额（0 至申请金额）", "give the amount disallowed, 0 up to the amount claimed"),
    "verdict_needed": ("请选择结论", "choose a verdict"),
    "date_needed": ("请填写今后的日期", "give a date to come"),
    "threshold_bad": ("此指标没有可调整的阈值，或数值超出允许范围", "this flag has no threshold that can be changed, or the value is out of its range"),
    "nothing_chosen": ("没有选中可办理的申请", "nothing that can be changed was chosen"),
    "not_a_member": ("不是该团伙成员或主体不存在", "no such party, or not a member"),
    "file_kind": ("只收 PDF、PNG、JPG、DOCX、XLSX、TXT、CSV，且内容须与后缀相符", "PDF, PNG, JPG, DOCX, XLSX, TXT or CSV only, and the content must be what the name says"),
    "no_file": ("没有选择文件", "no file was chosen"),
    "trial_kind": ("不能读取这种文件；请存为 .csv 或 .xlsx", "a file of this kind cannot be read; save it as .csv or .xlsx"),
    "trial_full": ("最多保留 20 个文件，请先删除不用的", "20 files are kept at most: remove one first"),
    "trial_busy": ("正在试算另一个文件，请稍候", "another file is being scored; wait a moment"),
    "trial_choice": ("所选的列不在此文件中", "what was chosen is not a column of this file"),
    "trial_unread": ("此文件尚不能读取，请先改正各列含义", "this file cannot be read yet: correct its columns first"),
    "file_size": ("文件为空或过大", "the file is empty or too large"),
    "file_known": ("此文件已上传", "this very file is there already"),
    "too_many_files": ("每件申请最多 50 个文件", "at most 50 files a claim"),
    "no_check": ("此申请不待您盲审复核", "there is no blind check of yours to make here"),
    "none_to_check": ("没有您可盲审复核的申请", "there is nothing you could check blindly"),
    "blind_first": ("此申请待盲审复核，完成前不提供材料包", "this claim awaits a blind check: no pack before it is made"),
    "title_needed": ("请填写名称", "give it a title"),
    "due_needed": ("请填写期限", "give a day"),
    "owner_needed": ("请选择负责人", "choose who is responsible"),
    "case_over": ("案件已结案或已并案，不能再更改", "the case is closed or merged and cannot be changed"),
    "too_large_case": ("移送材料最多包含 400 件申请，请先分案", "a referral pack holds at most 400 claims: split the case"),
    "same_case": ("不能并入自身", "a case cannot be merged into itself"),
    "too_many_items": ("一次最多加入 2000 项", "at most 2,000 items at once"),
    "too_many": ("一次最多 500 件", "at most 500 at once"),
}  # fmt: skip
