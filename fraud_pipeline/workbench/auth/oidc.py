"""Sign-in at an identity provider: OpenID Connect, authorization code flow with PKCE.

The provider authenticates; permissions belong to the local account, which an administrator
created. An account is bound to the provider's subject the first time, and only
while it has no password: a name chosen at the provider cannot take over an account.
"""

from __future__ import annotations

import base64
import hmac
import http.client
import json
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.workbench.auth import installation_key
from fraud_pipeline.workbench.auth.sessions import new_session
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.access_verification import fingerprint
from fraud_pipeline.workbench.db.database import Database, now
from fraud_pipeline.workbench.http_client import OPENER, TIMEOUT_SECONDS, is_loopback

COOKIE_SECONDS = 600
_PURPOSE = "oidc"
_MAX_BYTES = 1 << 20
_CACHE_SECONDS = 3_600
_ALGORITHMS = ["RS256", "PS256", "ES256"]  # public keys only: "none" and shared secrets are not


class SignInRejectedError(Exception):
    """The provider's response does not sign anybody in; the message says why."""


@dataclass
class Provider:
    """Client of one identity provider. Raises SettingsError unless the issuer is https or local."""

    issuer: str
    client_id: str
    client_secret: str
    key: bytes  # of this installation
    _cache: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.issuer = self.issuer.rstrip("/")
        parts = urllib.parse.urlsplit(self.issuer)
        if parts.scheme != "https" and not (
            parts.scheme == "http" and is_loopback(parts.hostname or "")
        ):
            raise SettingsError("an OIDC issuer starts with https://")

    def begin(self, root: str, onward: str) -> tuple[str, str]:
        """(authorization URL, sealed value for the browser's cookie). Raises SignInRejectedError."""
        sealed_state = {"state": secrets.token_urlsafe(24), "nonce": secrets.token_urlsafe(24),
                "verifier": secrets.token_urlsafe(48), "onward": onward, "root": root}  # fmt: skip
        parameters = {
            "response_type": "code", "client_id": self.client_id, "scope": "openid profile email",
            "redirect_uri": f"{root}/oidc/back", "state": sealed_state["state"], "nonce": sealed_state["nonce"],
            "code_challenge": create_s256_code_challenge(sealed_state["verifier"]),
            "code_challenge_method": "S256",
        }  # fmt: skip
        address = self._metadata("authorization_endpoint")
        joint = "&" if "?" in address else "?"
        cookie = installation_key.seal(self.key, _PURPOSE, sealed_state, COOKIE_SECONDS)
        return f"{address}{joint}{urllib.parse.urlencode(parameters)}", cookie

    def finish(self, cookie: str, query: dict[str, str]) -> tuple[dict[str, Any], str]:
        """(validated claims of the id token, path to continue at). Raises SignInRejectedError."""
        sealed_state = installation_key.unseal(self.key, _PURPOSE, cookie)
        if sealed_state is None:
            raise SignInRejectedError("no sign-in was begun in this browser, or it took too long")
        if not hmac.compare_digest(sealed_state["state"].encode(), query.get("state", "").encode()):
            raise SignInRejectedError("the state differs")
        if "iss" in query and query["iss"].rstrip("/") != self.issuer:
            raise SignInRejectedError("another issuer answered")
        if not query.get("code"):
            raise SignInRejectedError(f"no code: {query.get('error', '')[:80]}")
        answer = self._exchange_code(query["code"], sealed_state)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignInRejectedError("no id token")
        return self._validate(token, sealed_state["nonce"]), str(sealed_state["onward"])

    def _exchange_code(self, code: str, sealed_state: dict[str, Any]) -> dict[str, Any]:
        body = urllib.parse.urlencode({
            "grant_type": "authorization_code", "code": code, "code_verifier": sealed_state["verifier"],
            "redirect_uri": f"{sealed_state['root']}/oidc/back", "client_id": self.client_id,
        })  # fmt: skip
        quoted = (urllib.parse.quote_plus(part) for part in (self.client_id, self.client_secret))
        basic = base64.b64encode(":".join(quoted).encode()).decode()
        return _json(self._metadata("token_endpoint"), body.encode(), f"Basic {basic}")

    def _validate(self, token: str, nonce: str) -> dict[str, Any]:
        """The id token's claims, after checks of signature, issuer, audience, expiry and nonce."""
        try:
            claims = self._decode(token)
            jwt.JWTClaimsRegistry(
                leeway=60, iss={"essential": True, "value": self._metadata("issuer")},
                aud={"essential": True, "value": self.client_id}, exp={"essential": True},
                sub={"essential": True}, nonce={"essential": True, "value": nonce},
            ).validate(claims)  # fmt: skip
        except (JoseError, ValueError) as error:
            raise SignInRejectedError(
                f"the id token does not hold: {type(error).__name__}"
            ) from None
        audience = claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != self.client_id:
            raise SignInRejectedError("the id token is for somebody else too")
        return claims

    def _decode(self, token: str) -> dict[str, Any]:
        try:
            return dict(jwt.decode(token, self._keys(), algorithms=_ALGORITHMS).claims)
        except (JoseError, ValueError):
            self._cache.pop("keys", None)  # the provider may have changed its keys
            return dict(jwt.decode(token, self._keys(), algorithms=_ALGORITHMS).claims)

    def _keys(self) -> KeySet:
        return KeySet.import_key_set(self._fetch_cached("keys", self._metadata("jwks_uri")))  # type: ignore[arg-type]

    def _metadata(self, name: str) -> str:
        """One entry of the provider's discovery document, which must be about this issuer."""
        described = self._fetch_cached("about", f"{self.issuer}/.well-known/openid-configuration")
        if str(described.get("issuer", "")).rstrip("/") != self.issuer:
            raise SignInRejectedError("the provider describes another issuer")
        if not isinstance(described.get(name), str):
            raise SignInRejectedError(f"the provider does not name its {name}")
        return str(described[name])

    def _fetch_cached(self, name: str, address: str) -> dict[str, Any]:
        entry = self._cache.get(name)
        if entry is None or entry[0] < time.monotonic():
            entry = (time.monotonic() + _CACHE_SECONDS, _json(address))
            self._cache[name] = entry
        return entry[1]


def _json(address: str, body: bytes | None = None, authorization: str = "") -> dict[str, Any]:
    parts = urllib.parse.urlsplit(address)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and is_loopback(parts.hostname or "")
    ):
        raise SignInRejectedError("the provider's address is not https")
    headers = {"Accept": "application/json", "User-Agent": "fraud-pipeline"}
    if authorization:
        headers["Authorization"] = authorization
    request = urllib.request.Request(address, body, headers)  # noqa: S310 - checked above
    try:
        with OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
            document = json.loads(answer.read(_MAX_BYTES))
    except urllib.error.HTTPError as error:
        raise SignInRejectedError(f"the provider answered {error.code}") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise SignInRejectedError(f"the provider cannot be asked: {type(error).__name__}") from None
    if not isinstance(document, dict):
        raise SignInRejectedError("the provider did not answer with an object")
    return document


def sign_in(db: Database, provider: Provider, claims: dict[str, Any]) -> str:
    """Starts a session for the account bound to the subject, binding it the first time.

    Returns the session's token. Raises SignInRejectedError when no account matches.
    """
    subject = f"{provider.issuer}|{claims['sub']}"
    u = t.USERS
    with db.writing() as connection:
        row = connection.execute(sa.select(u).where(u.c.oidc_subject == subject)).first()
        if row is None:
            row = connection.execute(
                sa.select(u).where(
                    u.c.name == str(claims.get("preferred_username") or "")[:200],
                    u.c.oidc_subject.is_(None), u.c.password_hash.is_(None),
                )
            ).first()  # fmt: skip
            if row is not None and row.disabled_at is None:
                _bind(connection, row.id, row.name, subject)
        if row is None or row.disabled_at is not None:
            audit_log.append(connection, None, "", "refused", "oidc")
            session = None
        else:
            session = new_session(connection, row.id, row.name, "oidc")
    if session is None:
        raise SignInRejectedError("no account here is meant")
    return session


def _bind(connection: sa.Connection, user_id: int, name: str, subject: str) -> None:
    u, i = t.USERS, t.INVITATIONS
    connection.execute(sa.update(u).where(u.c.id == user_id).values(oidc_subject=subject))
    connection.execute(
        sa.update(i).where(i.c.user_id == user_id, i.c.used_at.is_(None)).values(used_at=now())
    )
    audit_log.append(
        connection, user_id, name, "oidc-bind", f"user {name}", fingerprint=fingerprint(subject)
    )
