"""A small identity provider on this machine: real HTTP, real signatures, and ways to misbehave."""

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "workbench-client", "s3cret & more"


class Provider:
    """Hands out codes for ``claims``; ``bend`` changes the id token before it is signed."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "k1"})
        self.claims = {"sub": "u-1", "preferred_username": "oidc-lead"}
        self.bend = lambda claims: claims
        self.sign_with, self.algorithm, self.unsigned = None, "RS256", False
        self.codes, self.asked = {}, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                outer.get(self)

            def do_POST(self):
                outer.post(self)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def get(self, handler):
        if handler.path == "/keys":
            return _say(handler, 200, {"keys": [self.key.as_dict(private=False)]})
        if handler.path != "/.well-known/openid-configuration":
            return _say(handler, 404, {})
        return _say(handler, 200, {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
        })  # fmt: skip

    def authorize(self, address):
        """What a browser does there: the query string it is sent back with."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def post(self, handler):
        body = handler.rfile.read(int(handler.headers["content-length"])).decode()
        given = {k: v[0] for k, v in parse_qs(body).items()}
        self.asked.append((given, handler.headers["authorization"]))
        asked = self.codes.pop(given["code"], None)
        expected = base64.b64encode(f"{CLIENT}:s3cret+%26+more".encode()).decode()
        challenge = base64.urlsafe_b64encode(
            hashlib.sha256(given["code_verifier"].encode()).digest()
        ).decode().rstrip("=")  # fmt: skip
        if (
            asked is None
            or handler.headers["authorization"] != f"Basic {expected}"
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != given["redirect_uri"]
        ):
            return _say(handler, 400, {"error": "invalid_grant"})
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300,
                  "nonce": asked["nonce"], **self.claims}  # fmt: skip
        head = {"alg": self.algorithm, "kid": "k1"}
        if self.unsigned:
            parts = ({"alg": "none", "kid": "k1"}, self.bend(claims))
            coded = [
                base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts
            ]
            return _say(handler, 200, {"access_token": "x", "id_token": ".".join([*coded, ""])})
        token = jwt.encode(head, self.bend(claims), self.sign_with or self.key,
                           algorithms=[self.algorithm])  # fmt: skip
        return _say(handler, 200, {"access_token": "x", "token_type": "Bearer", "id_token": token})


def _say(handler, status, value):
    body = json.dumps(value).encode()
    handler.send_response(status)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
