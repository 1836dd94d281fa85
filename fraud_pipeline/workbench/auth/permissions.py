"""Who may do what: the one table that routes, pages and tests read.

Duties are kept apart on purpose: an administrator manages accounts and sees no claim, an
auditor sees everything and changes nothing, a leader sees masked data only, and what is
said about reviewers themselves is for the inspector alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """A person's part; the words are what they are called before people."""

    REVIEWER = "reviewer"
    LEAD = "lead"
    INVESTIGATOR = "investigator"
    LEADER = "leader"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    INSPECTOR = "inspector"  # looks at the reviewers: the insider view, and no claim


ROLE_WORDS = {
    Role.REVIEWER: ("审核人员", "reviewer"), Role.LEAD: ("审核组长", "lead"),
    Role.INVESTIGATOR: ("调查人员", "investigator"), Role.LEADER: ("局领导", "bureau leader"),
    Role.AUDITOR: ("审计（只读）", "auditor (read only)"), Role.ADMINISTRATOR: ("管理员", "administrator"),
    Role.INSPECTOR: ("监察人员", "inspector"),
}  # fmt: skip


class May(Enum):
    """A permission; ANYONE needs no account, SIGNED_IN any account."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    SEE_CLAIMS = "see_claims"
    UNMASK = "unmask"
    WORK = "work"  # take, snooze, decide, undo one's own
    LEAD = "lead"  # assign, close in bulk, reopen
    SECOND = "second"  # the second pair of eyes
    JUDGE_RING = "judge_ring"
    DECIDE_RING = "decide_ring"
    EXPORT = "export"
    SEE_AUDIT = "see_audit"
    SIGN_OFF = "sign_off"
    SEE_RUNS = "see_runs"
    SEE_LOG = "see_log"
    SEE_SETTINGS = "see_settings"
    MANAGE = "manage"  # accounts, settings, tokens
    SEE_INSIDERS = "see_insiders"  # reviewers and institutions that meet too often


_EVERYBODY = {May.ANYONE, May.SIGNED_IN}
_READERS = _EVERYBODY | {May.SEE_CLAIMS, May.SEE_AUDIT, May.SEE_RUNS}

GRANTED: dict[Role | None, frozenset[May]] = {
    None: frozenset({May.ANYONE}),
    Role.REVIEWER: frozenset(_READERS | {May.UNMASK, May.WORK}),
    Role.LEAD: frozenset(
        _READERS
        | {May.UNMASK, May.WORK, May.LEAD, May.SECOND, May.JUDGE_RING, May.DECIDE_RING, May.EXPORT}
    ),
    Role.INVESTIGATOR: frozenset(
        _READERS | {May.UNMASK, May.WORK, May.JUDGE_RING, May.DECIDE_RING, May.EXPORT}
    ),
    Role.LEADER: frozenset(_READERS | {May.SECOND, May.SIGN_OFF}),
    Role.AUDITOR: frozenset(_READERS | {May.SEE_LOG, May.SEE_SETTINGS}),
    Role.ADMINISTRATOR: frozenset(
        _EVERYBODY | {May.SEE_LOG, May.SEE_SETTINGS, May.MANAGE, May.SEE_RUNS}
    ),
    Role.INSPECTOR: frozenset(_EVERYBODY | {May.SEE_INSIDERS}),
}


@dataclass(frozen=True)
class Rule:
    """One route: its name, address, method, and the permission it needs."""

    name: str
    method: str
    path: str
    needs: May

    @property
    def changes(self) -> bool:
        """Whether the request changes something, so that it needs the form's token."""
        return self.method != "GET"


def _rules(*lines: tuple[str, str, str, May]) -> tuple[Rule, ...]:
    return tuple(Rule(*line) for line in lines)


ROUTES = _rules(
    ("sign_in_page", "GET", "/sign-in", May.ANYONE),
    ("sign_in", "POST", "/sign-in", May.ANYONE),
    ("welcome_page", "GET", "/welcome/{token}", May.ANYONE),
    ("welcome", "POST", "/welcome/{token}", May.ANYONE),
    ("oidc_start", "GET", "/oidc/start", May.ANYONE),
    ("oidc_back", "GET", "/oidc/back", May.ANYONE),
    ("health", "GET", "/health", May.ANYONE),
    ("method_page", "GET", "/method", May.ANYONE),
    ("language", "POST", "/language", May.ANYONE),
    ("sign_out", "POST", "/sign-out", May.SIGNED_IN),
    ("home", "GET", "/", May.SIGNED_IN),
    ("account_page", "GET", "/account", May.SIGNED_IN),
    ("change_password", "POST", "/account/password", May.SIGNED_IN),
    ("declare_conflict", "POST", "/account/conflicts", May.WORK),
    ("queue_page", "GET", "/queue", May.SEE_CLAIMS),
    ("save_filter", "POST", "/queue/filters", May.WORK),
    ("drop_filter", "POST", "/queue/filters/{filter_id}/drop", May.WORK),
    ("take_next", "POST", "/queue/take", May.WORK),
    ("take_blind", "POST", "/queue/blind", May.WORK),
    ("bulk", "POST", "/queue/bulk", May.LEAD),
    ("undo_bulk", "POST", "/queue/bulk/{batch}/undo", May.LEAD),
    ("export_queue", "GET", "/queue.xlsx", May.EXPORT),
    ("claim_page", "GET", "/claims/{claim_id}", May.SEE_CLAIMS),
    ("take", "POST", "/claims/{claim_id}/take", May.WORK),
    ("release", "POST", "/claims/{claim_id}/release", May.WORK),
    ("snooze", "POST", "/claims/{claim_id}/snooze", May.WORK),
    ("assign", "POST", "/claims/{claim_id}/assign", May.LEAD),
    ("unmask", "POST", "/claims/{claim_id}/unmask", May.UNMASK),
    ("decide", "POST", "/claims/{claim_id}/decide", May.WORK),
    ("blind_check", "POST", "/claims/{claim_id}/blind", May.WORK),
    ("undo", "POST", "/claims/{claim_id}/undo", May.WORK),
    ("second", "POST", "/claims/{claim_id}/second", May.SECOND),
    ("reopen", "POST", "/claims/{claim_id}/reopen", May.LEAD),
    ("appeal", "POST", "/claims/{claim_id}/appeal", May.LEAD),
    ("export_claim", "GET", "/claims/{claim_id}/pack.zip", May.EXPORT),
    ("notice", "GET", "/claims/{claim_id}/notice", May.WORK),
    ("objection_pack", "GET", "/claims/{claim_id}/objection.zip", May.WORK),
    ("attach", "POST", "/claims/{claim_id}/files", May.WORK),
    ("download", "GET", "/claims/{claim_id}/files/{file_id}", May.UNMASK),
    ("rings_page", "GET", "/rings", May.SEE_CLAIMS),
    ("ring_page", "GET", "/rings/{ring_id}", May.SEE_CLAIMS),
    ("judge_ring", "POST", "/rings/{ring_id}/judge", May.JUDGE_RING),
    ("decide_ring", "POST", "/rings/{ring_id}/decide", May.DECIDE_RING),
    ("export_ring", "GET", "/rings/{ring_id}/pack.zip", May.EXPORT),
    ("overview", "GET", "/overview", May.SEE_AUDIT),
    ("audit_page", "GET", "/audit", May.SEE_AUDIT),
    ("double_checks", "GET", "/audit/double_checks.csv", May.SIGN_OFF),
    ("sign_off", "POST", "/audit/sign-off", May.SIGN_OFF),
    ("runs_page", "GET", "/runs", May.SEE_RUNS),
    ("run_page", "GET", "/runs/{run_id}", May.SEE_RUNS),
    ("drift_page", "GET", "/runs/{run_id}/drift", May.SEE_RUNS),
    ("fairness_page", "GET", "/fairness", May.SEE_RUNS),
    ("insiders_page", "GET", "/insiders", May.SEE_INSIDERS),
    ("log_page", "GET", "/log", May.SEE_LOG),
    ("verify_log", "GET", "/log/verify", May.SEE_LOG),
    ("settings_page", "GET", "/settings", May.SEE_SETTINGS),
    ("change_setting", "POST", "/settings", May.MANAGE),
    ("people_page", "GET", "/people", May.SEE_SETTINGS),
    ("invite", "POST", "/people", May.MANAGE),
    ("change_person", "POST", "/people/{user_id}", May.MANAGE),
    ("make_token", "POST", "/tokens", May.MANAGE),
    ("revoke_token", "POST", "/tokens/{token_id}/revoke", May.MANAGE),
    ("webhooks_page", "GET", "/webhooks", May.SEE_SETTINGS),
    ("make_webhook", "POST", "/webhooks", May.MANAGE),
    ("revoke_webhook", "POST", "/webhooks/{webhook_id}/revoke", May.MANAGE),
    ("resend", "POST", "/webhooks/{webhook_id}/resend", May.MANAGE),
)  # fmt: skip


UPLOADS = frozenset({"attach"})  # forms that may bring a file


class Scope(Enum):
    """What a token of an upstream system may do."""

    READ = "claims:read"
    WRITE = "decisions:write"
    OUTCOMES = "outcomes:read"
    CLAIMS_IN = "claims:write"
    SCORE = "claims:score"


@dataclass(frozen=True)
class ApiRule:
    """One door for machines: its name, address, method, and the scope it needs; None = open."""

    name: str
    method: str
    path: str
    needs: Scope | None


API_ROUTES = (
    ApiRule("api_description", "GET", "/api/openapi.json", None),
    ApiRule("api_queue", "GET", "/api/v1/claims", Scope.READ),
    ApiRule("api_claim", "GET", "/api/v1/claims/{claim_id}", Scope.READ),
    ApiRule("api_decide", "POST", "/api/v1/claims/{claim_id}/decisions", Scope.WRITE),
    ApiRule("api_outcomes", "GET", "/api/v1/outcomes", Scope.OUTCOMES),
    ApiRule("api_receive", "POST", "/api/v1/claims", Scope.CLAIMS_IN),
    ApiRule("api_score", "POST", "/api/v1/score", Scope.SCORE),
)


def allows(role: Role | None, needs: May) -> bool:
    """Whether a person of ``role`` (None = not signed in) may use what needs ``needs``."""
    return needs in GRANTED[role]
