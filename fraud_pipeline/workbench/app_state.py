"""State shared by all requests (workspace, database, current run) and the context of one request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
import sqlalchemy as sa
from starlette.requests import Request

from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.store import runs
from fraud_pipeline.store.hash_chain import Receipt
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.workbench.addresses import identifier_of
from fraud_pipeline.workbench.auth import installation_key
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.auth.permissions import RouteRule
from fraud_pipeline.workbench.cases.attachments import Upload
from fraud_pipeline.workbench.cases.case_book import CaseBook
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db.database import Database
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.db.tables import SIGN_OFFS
from fraud_pipeline.workbench.decisions import blind_review, notifications, outcomes
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.exchange import intake, webhooks
from fraud_pipeline.workbench.exchange.outgoing import Network
from fraud_pipeline.workbench.queue.state_cache import StateCache

if TYPE_CHECKING:
    from fraud_pipeline.workbench.auth.oidc import Provider

T = TypeVar("T")
_MAX_CACHED = 32  # cached results of slow computations
_LEAST_REASON = 4  # letters or digits
_COUNT_SECONDS = 30


class _CacheSlot:
    """One cached result; requests for it wait while it is computed."""

    def __init__(self) -> None:
        self.guard, self.done, self.value = threading.Lock(), False, None  # type: Any, bool, Any


class AppState:
    """The workspace, its latest run and the database; a newly published run is loaded automatically."""

    def __init__(
        self, workspace: Path, db: Database, *, secure: bool = False,
        provider: Provider | None = None,
    ):  # fmt: skip
        self.workspace = Workspace(workspace)
        self.db = db
        self.state_cache = StateCache()
        self.case_book = CaseBook()
        self.secure = secure  # served over TLS: cookies get the flag Secure
        self._guard = threading.Lock()
        self._leads: Leads | None = None
        self._pointer: tuple[int, int] | None = None
        self._replacing: threading.Thread | None = None  # loads the newer run
        self._plan: tuple[str, dict[str, tuple[str, float | None]]] = ("", {})
        self.provider = provider  # identity provider, besides local accounts
        self.webhook_networks: tuple[Network, ...] = ()  # internal ones that may be reached
        self._published: Receipt | None = None
        self._received = 0
        self._cache: dict[Hashable, _CacheSlot] = {}
        self._counts: dict[int, tuple[float, int]] = {}  # account -> (until, notifications)

    @property
    def leads(self) -> Leads:
        """The latest complete run. Raises UnknownRecordError while there is none.

        A newer run is loaded in the background and replaces the current one when it is ready;
        one that cannot be read is ignored. While the current one is pruned already, requests wait.
        """
        pointer = self.workspace.runs / "LATEST"
        stamp = (s.st_mtime_ns, s.st_ino) if (s := _stat(pointer)) else None
        if self._leads is not None and stamp == self._pointer:
            return self._leads
        with self._guard:
            if self._leads is None:
                self._leads = self._load()
                self._pointer = stamp
            elif stamp != self._pointer:
                self._pointer = stamp
                self._replacing = threading.Thread(target=self._replace, daemon=True)
                self._replacing.start()
            replacing, present = self._replacing, self._leads
        if replacing is not None and runs.existing(self.workspace, present.run_id) is None:
            replacing.join()  # the present run was pruned: only the newer one can be read
        return self._leads

    def _load(self) -> Leads:
        secret = installation_key.derive_secret(self.key, "addresses of persons")
        return Leads(
            runs.find(self.workspace.path), self.workspace.path / "workbench-cache", secret
        )

    def _replace(self) -> None:
        """Loads the newer run; requests that still read the old one keep it."""
        try:
            fresh = self._load()
        except (FraudPipelineError, duckdb.Error, OSError):
            return
        with self._guard:
            self._leads = fresh
        with self.db.writing() as connection:
            webhooks.enqueue(connection, "run", run_id=fresh.run_id, as_of=fresh.as_of)

    @cached_property
    def key(self) -> bytes:
        """The installation's secret."""
        return installation_key.installation_key(self.workspace.path)

    def cached(self, name: Hashable, make: Callable[[], T]) -> T:
        """The result of ``make``, computed once per ``name``; concurrent requests wait for it."""
        with self._guard:
            if len(self._cache) >= _MAX_CACHED:
                self._cache.clear()
            slot = self._cache.setdefault(name, _CacheSlot())
        with slot.guard:
            if not slot.done:
                slot.value, slot.done = make(), True
            return slot.value

    def notification_count(self, account: int, make: Callable[[], int]) -> int:
        """The number of an account's notifications, counted anew when half a minute is over."""
        until, n = self._counts.get(account, (0.0, 0))
        if until <= time.monotonic():
            n = make()
            self._counts[account] = (time.monotonic() + _COUNT_SECONDS, n)
        return n

    def with_signed_plan(self, lead: dict[str, Any]) -> dict[str, Any]:
        """``lead`` with stratum and inclusion probability of the plan that was signed off last.

        Later runs draw other samples; the signed plan is the one carried out, and an estimate
        needs its probabilities. Without a signature the run's own plan holds.
        """
        with self.db.reading() as connection:
            signed = _signed(connection)
        if signed is None or signed == self.leads.run_id:
            return lead
        if self._plan[0] != signed:
            run = runs.existing(self.workspace, signed)
            if run is None:  # removed by retention: only the current run's plan is left
                return lead
            plan = run.table("audit_plan")
            columns = (plan[n].to_pylist() for n in ("claim_id", "stratum", "inclusion_prob"))
            self._plan = (signed, {c: (stratum, p) for c, stratum, p in zip(*columns, strict=True)})
        stratum, prob = self._plan[1].get(lead["claim_id"], ("", None))
        return {**lead, "stratum": stratum, "inclusion_prob": prob}

    def is_drawn(self, connection: sa.Connection, lead: dict[str, Any], percent: int) -> bool:
        """Whether the verdict on this claim is drawn for a blind double review.

        ``percent``: share drawn. Claims of a plan are drawn by the seed of the audit; other
        claims by the installation's secret, so that a reviewer cannot predict the draw.
        """
        if not lead["stratum"]:
            return blind_review.draw_number(self.key, lead["claim_id"]) * 100 < percent
        signed = _signed(connection)
        run = (signed and runs.existing(self.workspace, signed)) or self.leads.run
        return lead["claim_id"] in self.cached(
            ("double checks", run.run_id, percent), lambda: blind_review.drawn_in_plan(run, percent)
        )

    def publish_outcomes(self) -> None:
        """Writes decisions and received rows for the next run, if there are new ones."""
        with self.db.reading() as connection:
            head = audit_log.head(connection)
        if head != self._published:
            outcomes.publish(self.db, self.workspace.path)
            self._received = intake.publish_rows(self.db, self.workspace.path, self._received)
            self._published = head

    def remind(self) -> int:
        """Queues a webhook message for each deadline that draws near, once a claim and day; how many."""
        leads = self.leads
        with self.db.writing() as connection:
            return webhooks.enqueue_once_a_day(
                connection, "deadline",
                [{"claim_id": one.claim_id, "to": name, "state": one.kind, "working_days": one.days}
                 for name, one in notifications.approaching(connection, leads)],
            )  # fmt: skip

    def deliver(self) -> int:
        """Sends the webhook messages that are due; returns how many were delivered."""
        return webhooks.deliver(self.db, self.key, self.webhook_networks)


def _signed(connection: sa.Connection) -> str | None:
    """The run whose plan was signed off last."""
    s = SIGN_OFFS
    return connection.execute(sa.select(s.c.run_id).order_by(s.c.id.desc()).limit(1)).scalar()


def _stat(path: Path) -> Any:
    try:
        return path.stat()
    except OSError:
        return None


@dataclass(frozen=True)
class RequestContext:
    """One request after the guard: route, person, form, language."""

    app_state: AppState
    request: Request
    rule: RouteRule
    person: Person | None
    form: Mapping[str, list[str]]
    language: str
    csrf: str  # the token for the forms of the response
    upload: Upload | None = None  # the file uploaded with the form

    @property
    def user(self) -> Person:
        """The signed-in person. Raises PermissionError on a route without sign-in."""
        if self.person is None:
            raise PermissionError(self.rule.name)
        return self.person

    def field(self, name: str) -> str:
        return self.form.get(name, [""])[0]

    def reason(self) -> str:
        """Why personal data is to be seen: at least four letters or digits, or the action is refused."""
        text = self.field("reason").strip()[:500]
        if sum(letter.isalnum() for letter in text) < _LEAST_REASON:
            raise ActionRefusedError("note_needed")
        return text

    def path(self, name: str) -> str:
        return identifier_of(str(self.request.path_params[name]))

    def query(self) -> dict[str, str]:
        return dict(self.request.query_params)

    def log(self, action: str, subject: str, **detail: Any) -> Receipt:
        """Appends one row to the log in this person's name, in a transaction of its own."""
        who = self.person
        with self.app_state.db.writing() as connection:
            return audit_log.append(
                connection, who.id if who else None, who.name if who else "", action, subject,
                **detail,
            )  # fmt: skip
