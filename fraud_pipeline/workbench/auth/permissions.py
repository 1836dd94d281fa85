"""Roles, permissions and routes: the one table that the guard, the pages and the tests read.

Duties are separated: an administrator manages accounts and sees no claim, an auditor sees
everything and changes nothing, a leader sees masked data only, and statistics about reviewers
are for the inspector alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """The role of an account; ROLE_WORDS has its names in Chinese and English."""

    REVIEWER = "reviewer"
    LEAD = "lead"
    INVESTIGATOR = "investigator"
    LEADER = "leader"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    INSPECTOR = "inspector"  # sees statistics about reviewers (insider view) and no claim


ROLE_WORDS = {
    Role.REVIEWER: ("审核人员", "reviewer"), Role.LEAD: ("审核组长", "lead"),
    Role.INVESTIGATOR: ("调查人员", "investigator"), Role.LEADER: ("局领导", "bureau leader"),
    Role.AUDITOR: ("审计（只读）", "auditor (read only)"), Role.ADMINISTRATOR: ("管理员", "administrator"),
    Role.INSPECTOR: ("监察人员", "inspector"),
}  # fmt: skip


class Permission(Enum):
    """A permission; ANYONE needs no account, SIGNED_IN any account."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    SEE_CLAIMS = "see_claims"
    UNMASK = "unmask"
    WORK = "work"  # take, snooze, decide, undo one's own
    LEAD = "lead"  # assign, close in bulk, reopen
    SECOND = "second"  # second review
    JUDGE_RING = "judge_ring"
    DECIDE_RING = "decide_ring"  # a verdict on all claims of a ring or case; merging and splitting
    EXPORT = "export"  # of what the role may see: unmasked data needs UNMASK as well
    SEE_AUDIT = "see_audit"
    SIGN_OFF = "sign_off"
    SEE_RUNS = "see_runs"
    SEE_LOG = "see_log"
    SEE_SETTINGS = "see_settings"
    MANAGE = "manage"  # accounts, settings, tokens
    TRY_FILES = "try_files"  # read and score a file of one's own, apart from the bureau's data
    SEE_INSIDERS = "see_insiders"  # pairs of reviewer and institution


_ALL_ACCOUNTS = {Permission.ANYONE, Permission.SIGNED_IN}
_READERS = _ALL_ACCOUNTS | {Permission.SEE_CLAIMS, Permission.SEE_AUDIT, Permission.SEE_RUNS}

GRANTED: dict[Role | None, frozenset[Permission]] = {
    None: frozenset({Permission.ANYONE}),
    Role.REVIEWER: frozenset(_READERS | {Permission.UNMASK, Permission.WORK, Permission.TRY_FILES}),
    Role.LEAD: frozenset(
        _READERS
        | {
            Permission.UNMASK,
            Permission.WORK,
            Permission.LEAD,
            Permission.SECOND,
            Permission.JUDGE_RING,
            Permission.DECIDE_RING,
            Permission.EXPORT,
            Permission.TRY_FILES,
        }
    ),
    Role.INVESTIGATOR: frozenset(
        _READERS
        | {
            Permission.UNMASK,
            Permission.WORK,
            Permission.JUDGE_RING,
            Permission.DECIDE_RING,
            Permission.EXPORT,
            Permission.TRY_FILES,
        }
    ),
    Role.LEADER: frozenset(_READERS | {Permission.SECOND, Permission.SIGN_OFF, Permission.EXPORT}),
    Role.AUDITOR: frozenset(
        _READERS | {Permission.SEE_LOG, Permission.SEE_SETTINGS, Permission.EXPORT}
    ),
    Role.ADMINISTRATOR: frozenset(
        _ALL_ACCOUNTS
        | {Permission.SEE_LOG, Permission.SEE_SETTINGS, Permission.MANAGE, Permission.SEE_RUNS}
    ),
    Role.INSPECTOR: frozenset(_ALL_ACCOUNTS | {Permission.SEE_INSIDERS}),
}


@dataclass(frozen=True)
class RouteRule:
    """One route: its name, address, method, and the permission it needs."""

    name: str
    method: str
    path: str
    needs: Permission

    @property
    def changes(self) -> bool:
        """Whether the request changes something, so that it needs the form's token."""
        return self.method != "GET"


def _rules(*lines: tuple[str, str, str, Permission]) -> tuple[RouteRule, ...]:
    return tuple(RouteRule(*line) for line in lines)


ROUTES = _rules(
    ("sign_in_page", "GET", "/sign-in", Permission.ANYONE),
    ("sign_in", "POST", "/sign-in", Permission.ANYONE),
    ("welcome_page", "GET", "/welcome/{token}", Permission.ANYONE),
    ("welcome", "POST", "/welcome/{token}", Permission.ANYONE),
    ("oidc_start", "GET", "/oidc/start", Permission.ANYONE),
    ("oidc_back", "GET", "/oidc/back", Permission.ANYONE),
    ("health", "GET", "/health", Permission.ANYONE),
    ("method_page", "GET", "/method", Permission.ANYONE),
    ("language", "POST", "/language", Permission.ANYONE),
    ("sign_out", "POST", "/sign-out", Permission.SIGNED_IN),
    ("home", "GET", "/", Permission.SIGNED_IN),
    ("account_page", "GET", "/account", Permission.SIGNED_IN),
    ("change_password", "POST", "/account/password", Permission.SIGNED_IN),
    ("declare_conflict", "POST", "/account/conflicts", Permission.WORK),
    ("notifications_page", "GET", "/notifications", Permission.SEE_CLAIMS),
    ("search_page", "GET", "/search", Permission.SEE_CLAIMS),
    ("entity_page", "GET", "/entities/{kind}/{key}", Permission.SEE_CLAIMS),
    ("queue_page", "GET", "/queue", Permission.SEE_CLAIMS),
    ("save_filter", "POST", "/queue/filters", Permission.WORK),
    ("drop_filter", "POST", "/queue/filters/{filter_id}/drop", Permission.WORK),
    ("take_next", "POST", "/queue/take", Permission.WORK),
    ("take_blind", "POST", "/queue/blind", Permission.WORK),
    ("bulk", "POST", "/queue/bulk", Permission.LEAD),
    ("undo_bulk", "POST", "/queue/bulk/{batch}/undo", Permission.LEAD),
    ("export_queue", "GET", "/queue.xlsx", Permission.EXPORT),
    ("claim_page", "GET", "/claims/{claim_id}", Permission.SEE_CLAIMS),
    ("take", "POST", "/claims/{claim_id}/take", Permission.WORK),
    ("release", "POST", "/claims/{claim_id}/release", Permission.WORK),
    ("snooze", "POST", "/claims/{claim_id}/snooze", Permission.WORK),
    ("assign", "POST", "/claims/{claim_id}/assign", Permission.LEAD),
    ("unmask", "POST", "/claims/{claim_id}/unmask", Permission.UNMASK),
    ("decide", "POST", "/claims/{claim_id}/decide", Permission.WORK),
    ("blind_check", "POST", "/claims/{claim_id}/blind", Permission.WORK),
    ("undo", "POST", "/claims/{claim_id}/undo", Permission.WORK),
    ("second", "POST", "/claims/{claim_id}/second", Permission.SECOND),
    ("reopen", "POST", "/claims/{claim_id}/reopen", Permission.LEAD),
    ("appeal", "POST", "/claims/{claim_id}/appeal", Permission.LEAD),
    ("export_claim", "GET", "/claims/{claim_id}/pack.zip", Permission.EXPORT),
    ("notice", "GET", "/claims/{claim_id}/notice", Permission.WORK),
    ("objection_pack", "GET", "/claims/{claim_id}/objection.zip", Permission.WORK),
    ("attach", "POST", "/claims/{claim_id}/files", Permission.WORK),
    ("download", "GET", "/claims/{claim_id}/files/{file_id}", Permission.UNMASK),
    ("rings_page", "GET", "/rings", Permission.SEE_CLAIMS),
    ("ring_page", "GET", "/rings/{ring_id}", Permission.SEE_CLAIMS),
    ("judge_ring", "POST", "/rings/{ring_id}/judge", Permission.JUDGE_RING),
    ("decide_ring", "POST", "/rings/{ring_id}/decide", Permission.DECIDE_RING),
    ("export_ring", "GET", "/rings/{ring_id}/pack.zip", Permission.EXPORT),
    ("cases_page", "GET", "/cases", Permission.SEE_CLAIMS),
    ("open_case", "POST", "/cases", Permission.WORK),
    ("case_page", "GET", "/cases/{case_id}", Permission.SEE_CLAIMS),
    ("change_case", "POST", "/cases/{case_id}/change", Permission.WORK),
    ("merge_case", "POST", "/cases/{case_id}/merge", Permission.DECIDE_RING),
    ("split_case", "POST", "/cases/{case_id}/split", Permission.DECIDE_RING),
    ("decide_case", "POST", "/cases/{case_id}/decide", Permission.DECIDE_RING),
    ("export_case", "GET", "/cases/{case_id}/referral", Permission.EXPORT),
    ("make_referral", "POST", "/cases/{case_id}/referral", Permission.DECIDE_RING),
    ("case_attach", "POST", "/cases/{case_id}/files", Permission.WORK),
    ("case_download", "GET", "/cases/{case_id}/files/{file_id}", Permission.UNMASK),
    ("ring_graph", "GET", "/rings/{ring_id}/graph.json", Permission.SEE_CLAIMS),
    ("claim_graph", "GET", "/claims/{claim_id}/graph.json", Permission.SEE_CLAIMS),
    ("party_graph_data", "GET", "/parties/{party_id}/graph.json", Permission.SEE_CLAIMS),
    ("overview", "GET", "/overview", Permission.SEE_AUDIT),
    ("charts_page", "GET", "/charts", Permission.SEE_AUDIT),
    ("audit_page", "GET", "/audit", Permission.SEE_AUDIT),
    ("planner_page", "GET", "/audit/planner", Permission.SEE_AUDIT),
    ("planner_data", "GET", "/audit/planner.json", Permission.SEE_AUDIT),
    ("double_checks", "GET", "/audit/double_checks.csv", Permission.SIGN_OFF),
    ("sign_off", "POST", "/audit/sign-off", Permission.SIGN_OFF),
    ("tuning_page", "GET", "/tuning", Permission.SEE_AUDIT),
    ("propose", "POST", "/tuning", Permission.WORK),
    ("answer_proposal", "POST", "/tuning/{event_id}/answer", Permission.LEAD),
    ("mark_noise", "POST", "/claims/{claim_id}/noise", Permission.WORK),
    ("runs_page", "GET", "/runs", Permission.SEE_RUNS),
    ("run_page", "GET", "/runs/{run_id}", Permission.SEE_RUNS),
    ("drift_page", "GET", "/runs/{run_id}/drift", Permission.SEE_RUNS),
    ("fairness_page", "GET", "/fairness", Permission.SEE_RUNS),
    ("insiders_page", "GET", "/insiders", Permission.SEE_INSIDERS),
    ("log_page", "GET", "/log", Permission.SEE_LOG),
    ("verify_log", "GET", "/log/verify", Permission.SEE_LOG),
    ("settings_page", "GET", "/settings", Permission.SEE_SETTINGS),
    ("change_setting", "POST", "/settings", Permission.MANAGE),
    ("people_page", "GET", "/people", Permission.SEE_SETTINGS),
    ("invite", "POST", "/people", Permission.MANAGE),
    ("invite_list", "POST", "/people/list", Permission.MANAGE),
    ("change_person", "POST", "/people/{user_id}", Permission.MANAGE),
    ("make_token", "POST", "/tokens", Permission.MANAGE),
    ("revoke_token", "POST", "/tokens/{token_id}/revoke", Permission.MANAGE),
    ("rotate_token", "POST", "/tokens/{token_id}/rotate", Permission.MANAGE),
    ("tokens_page", "GET", "/tokens", Permission.LEAD),
    ("approve_token", "POST", "/tokens/{token_id}/approve", Permission.LEAD),
    ("webhooks_page", "GET", "/webhooks", Permission.SEE_SETTINGS),
    ("make_webhook", "POST", "/webhooks", Permission.MANAGE),
    ("revoke_webhook", "POST", "/webhooks/{webhook_id}/revoke", Permission.MANAGE),
    ("resend", "POST", "/webhooks/{webhook_id}/resend", Permission.MANAGE),
    ("trials_page", "GET", "/files", Permission.TRY_FILES),
    ("try_file", "POST", "/files", Permission.TRY_FILES),
    ("trial_page", "GET", "/files/{file_id}", Permission.TRY_FILES),
    ("correct_trial", "POST", "/files/{file_id}", Permission.TRY_FILES),
    ("score_trial", "POST", "/files/{file_id}/score", Permission.TRY_FILES),
    ("drop_trial", "POST", "/files/{file_id}/drop", Permission.TRY_FILES),
    ("trial_mapping", "GET", "/files/{file_id}/mapping.toml", Permission.TRY_FILES),
    ("trial_report", "GET", "/files/{file_id}/report.html", Permission.TRY_FILES),
)  # fmt: skip


UPLOADS = frozenset({"attach", "case_attach", "try_file"})  # forms that may bring a file


class Scope(Enum):
    """What a token of an upstream system may do."""

    READ = "claims:read"
    WRITE = "decisions:write"
    OUTCOMES = "outcomes:read"
    CLAIMS_IN = "claims:write"
    SCORE = "claims:score"


# The right a token's scope carries: who lacks it can ask for such a token and not hand it out.
SCOPE_NEEDS = {
    Scope.READ: Permission.SEE_CLAIMS,
    Scope.WRITE: Permission.WORK,
    Scope.OUTCOMES: Permission.SEE_CLAIMS,
    Scope.CLAIMS_IN: Permission.SIGNED_IN,  # it brings claims in and shows none
    Scope.SCORE: Permission.SEE_CLAIMS,
}


@dataclass(frozen=True)
class ApiRouteRule:
    """One route of the API and the scope a token needs for it (None = no token)."""

    name: str
    method: str
    path: str
    needs: Scope | None


API_ROUTES = (
    ApiRouteRule("api_description", "GET", "/api/openapi.json", None),
    ApiRouteRule("api_queue", "GET", "/api/v1/claims", Scope.READ),
    ApiRouteRule("api_claim", "GET", "/api/v1/claims/{claim_id}", Scope.READ),
    ApiRouteRule("api_decide", "POST", "/api/v1/claims/{claim_id}/decisions", Scope.WRITE),
    ApiRouteRule("api_outcomes", "GET", "/api/v1/outcomes", Scope.OUTCOMES),
    ApiRouteRule("api_receive", "POST", "/api/v1/claims", Scope.CLAIMS_IN),
    ApiRouteRule("api_score", "POST", "/api/v1/score", Scope.SCORE),
)


def allows(role: Role | None, needs: Permission) -> bool:
    """Whether a person of ``role`` (None = not signed in) may use what needs ``needs``."""
    return needs in GRANTED[role]
