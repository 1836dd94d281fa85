"""``fraud-pipeline serve``: runs the workbench, exports outcomes, verifies the log."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraud_pipeline.cli.options import WORKSPACE, Workspace_
from fraud_pipeline.cli.output import note, show
from fraud_pipeline.core.report import Report
from fraud_pipeline.errors import IntegrityError, SettingsError
from fraud_pipeline.store import places
from fraud_pipeline.store.files import writing
from fraud_pipeline.store.hash_chain import Receipt
from fraud_pipeline.store.permissions import make_private, tighten
from fraud_pipeline.vocabulary.messages import t

if TYPE_CHECKING:
    from fraud_pipeline.workbench.auth.oidc import Provider


@dataclass(frozen=True)
class Listening:
    """Where the server listens, and what stands in front of it."""

    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000
    tls_certificate: Annotated[Path | None, typer.Option(help="PEM file; serve over TLS.")] = None
    tls_key: Annotated[Path | None, typer.Option(help="PEM file of the certificate's key.")] = None
    behind_tls: Annotated[bool, typer.Option(help="A proxy in front speaks TLS.")] = False
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            help="Address of a proxy in front, whose word on the client's address counts."
        ),
    ] = None

    @property
    def is_secure(self) -> bool:
        """Whether people reach the pages over TLS."""
        return self.behind_tls or self.tls_certificate is not None


@dataclass(frozen=True)
class IdentityProvider:
    """Who signs people in beside local accounts."""

    oidc_issuer: Annotated[
        str | None,
        typer.Option(help="Identity provider (OpenID Connect) beside local accounts."),
    ] = None
    oidc_client: Annotated[str, typer.Option(help="Client id registered there.")] = ""
    oidc_secret: Annotated[str, typer.Option(help="env:NAME of the client's secret.")] = (
        "env:OIDC_CLIENT_SECRET"  # noqa: S105 - a variable's name
    )


@dataclass(frozen=True)
class Instead:
    """What is done with the database instead of serving it."""

    export_outcomes: Annotated[
        Path | None,
        typer.Option(help="Write the verdicts that stand to this .csv or .parquet, and end."),
    ] = None
    verify_log: Annotated[
        bool,
        typer.Option(
            help="Check the log's chain and every row of the database against it, and end."
        ),
    ] = False
    reset_setting: Annotated[
        str | None, typer.Option(help="Set this setting of the workbench to its default, and end.")
    ] = None
    receipt: Annotated[
        str | None,
        typer.Option(help="With --verify-log: NUMBER:HASH noted earlier; finds a cut-off end."),
    ] = None


def serve(
    listening: Listening,
    identity_provider: IdentityProvider,
    instead: Instead,
    workspace: Workspace_ = WORKSPACE,
    database: Annotated[
        str | None,
        typer.Option(help="Database URL or env:NAME; default workbench.db in the workspace."),
    ] = None,
    webhook_network: Annotated[
        list[str] | None,
        typer.Option(help="Internal network or address that webhooks may reach, like 10.1.2.0/24."),
    ] = None,
) -> None:
    """The workbench: people read the leads, decide, and every look is accounted for.

    Example: fraud-pipeline serve -w demo --port 8000
    """
    make_private()
    address = database_address(workspace, database)
    tighten(workspace)
    report = _done_instead(address, instead)
    if report is not None:
        show(report)
        return
    require_free(listening.host, listening.port)
    provider = _provider(identity_provider)
    _run(workspace, address, listening, provider, webhook_network or [])


def _done_instead(address: str, instead: Instead) -> Report | None:
    """Does what is asked for instead of serving; None when nothing is."""
    if instead.verify_log:
        return _verify(address, instead.receipt)
    if instead.export_outcomes is not None:
        return _export(address, instead.export_outcomes)
    if instead.reset_setting is not None:
        return _reset(address, instead.reset_setting)
    return None


def _export(address: str, to: Path) -> Report:
    from fraud_pipeline.workbench.db.database import Database
    from fraud_pipeline.workbench.decisions.outcomes import write_outcomes

    db = Database(address)
    _report_reclassified(db.reclassified)
    n = write_outcomes(db, to)
    return Report(t("serve.exported", file=to, n=n), {"file": to, "outcomes": n})


def require_free(host: str, port: int) -> None:
    """Raises SettingsError when ``host:port`` cannot be listened on: taken, or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server will
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or str(error)
            raise SettingsError(
                t("serve.port_taken", host=host, port=port, reason=reason)
            ) from None


def _provider(options: IdentityProvider) -> Callable[[bytes], Provider] | None:
    """What makes the identity provider's side, once the installation's secret is known."""
    issuer, client, secret = options.oidc_issuer, options.oidc_client, options.oidc_secret
    if issuer is None:
        return None
    from fraud_pipeline.workbench.auth.oidc import Provider

    if not client:
        raise SettingsError("--oidc-issuer needs --oidc-client")
    if not secret.startswith("env:"):
        raise SettingsError(
            "--oidc-secret reads env:NAME, so that the secret is on no command line"
        )
    known = places.source_address(secret)
    return lambda key: Provider(issuer, client, known, key)


def _run(
    workspace: Path, address: str, listening: Listening,
    provider: Callable[[bytes], Provider] | None, networks: list[str],
) -> None:  # fmt: skip
    """Serves until it is stopped; the one-time link is printed once the pages can be opened."""
    import uvicorn

    from fraud_pipeline.workbench.application import make_application
    from fraud_pipeline.workbench.auth import accounts, installation_key
    from fraud_pipeline.workbench.db import settings
    from fraud_pipeline.workbench.exchange.outgoing import parse_networks

    host, port, secure = listening.host, listening.port, listening.is_secure
    application = make_application(workspace, address, secure=secure, provider=provider)
    app_state = application.state.app_state
    app_state.webhook_networks = parse_networks(networks)
    note(t("run.reading"))  # minutes for a million claims, the first time
    note(t("run.served", run_id=app_state.leads.run_id))
    if _report_reclassified(app_state.db.reclassified):
        app_state.publish_outcomes()
    shown = f"{'https' if secure else 'http'}://{host}:{port}"
    with app_state.db.writing() as connection:
        token = accounts.first_administrator(connection, settings.current(connection))
        installation_key.record(connection, workspace)
    if token is not None:
        note(t("serve.link", address=f"{shown}/welcome/{token}"))
    note(t("serve.address", address=shown))
    sys.stdout.flush()
    uvicorn.run(
        application, host=host, port=port, log_level="warning", server_header=False,
        proxy_headers=listening.behind_tls, timeout_graceful_shutdown=5,
        forwarded_allow_ips=listening.trusted_proxy or ["127.0.0.1"],
        ssl_certfile=listening.tls_certificate, ssl_keyfile=listening.tls_key,
    )  # fmt: skip


def _report_reclassified(count: int) -> bool:
    """Says in one line how many verdicts the migration just corrected; nothing when none."""
    if count:
        note(t("serve.reclassified", n=count))
    return count > 0


def database_address(workspace: Path, database: str | None) -> str:
    """The address asked for, or the file in the workspace."""
    if database is not None:
        return places.source_address(database)
    with writing(workspace):
        workspace.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{(workspace / 'workbench.db').resolve()}"


def _reset(address: str, key: str) -> Report:
    """Sets one setting to its default: the way back when a value keeps everybody out."""
    from fraud_pipeline.workbench.db import settings
    from fraud_pipeline.workbench.db.database import Database

    with Database(address).writing() as connection:
        value = settings.reset(connection, key)
    return Report(t("serve.reset", name=key, value=value), {"setting": key, "value": value})


def _verify(address: str, receipt: str | None) -> Report:
    from fraud_pipeline.workbench.db import audit_log
    from fraud_pipeline.workbench.db.database import Database
    from fraud_pipeline.workbench.db.state_verification import state_faults

    expected = None
    if receipt is not None:
        try:
            expected = Receipt.parse(receipt)
        except IntegrityError:
            raise typer.BadParameter("a receipt reads NUMBER:HASH") from None
    db = Database(address)
    _report_reclassified(db.reclassified)
    with db.reading() as connection:
        check = audit_log.verify(connection, expected)
        if not check.is_intact:
            raise IntegrityError(f"log row {check.broken_at}: {check.problem}")
        for fault in state_faults(connection):
            raise IntegrityError(fault)
    facts = {"rows": check.rows, "receipt": check.head}
    return Report(t("verify.log", **facts), facts)
