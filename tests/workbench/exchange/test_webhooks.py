"""Webhooks: a message is there when the deed is, is signed, arrives, and is tried again."""

import contextlib
import hashlib
import hmac
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa

from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.exchange import outgoing, webhooks
from tests.workbench import world
from tests.workbench.decisions.test_verdicts import CLEAN, SMALL, do


@pytest.fixture
def upstream():
    """A system that listens: what it got, and what it answers."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        answer = 200

        def log_message(self, *args):
            pass

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            got.append((dict(self.headers), body))
            self.send_response(Handler.answer)
            if Handler.answer == 302:
                self.send_header("location", "/elsewhere")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.got, server.handler = got, Handler
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _this_machine_is_listed(app_state):
    app_state.webhook_networks = outgoing.parse_networks(["127.0.0.0/8"])


def hook(signed, upstream, *events):
    page = signed("administrator").submit(
        "/webhooks", name="财政", url=f"http://127.0.0.1:{upstream.server_port}/in",
        event=list(events or webhooks.EVENTS),
    )  # fmt: skip
    return page.text.split("whsec_")[1].split("<")[0]


def outbox(app_state):
    with app_state.db.reading() as connection:
        return [
            dict(r)
            for r in connection.execute(sa.select(t.OUTBOX).order_by(t.OUTBOX.c.id)).mappings()
        ]


def test_a_decision_arrives_signed_and_without_personal_data(app_state, signed, upstream):
    secret = "whsec_" + hook(signed, upstream)
    do(signed("reviewer"), SMALL, "decide", **CLEAN, note=world.PHONE)
    assert app_state.deliver() == 1
    headers, body = upstream.got[0]
    at, mark = (part.split("=")[1] for part in headers["Webhook-Signature"].split(","))
    signature = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    assert hmac.compare_digest(signature, mark) and abs(time.time() - int(at)) < 60
    payload = json.loads(body)
    assert (payload["event"], payload["claim_id"], payload["kind"], payload["verdict"]) == (
        "decision", SMALL, "verdict", "clean")  # fmt: skip
    assert world.PHONE not in body and world.NAME not in body
    assert app_state.deliver() == 0 and outbox(app_state)[0]["delivered_at"]
    page = signed("auditor").get("/webhooks").text
    assert "财政" in page and secret[6:] not in page  # the secret was shown once


def test_what_does_not_arrive_is_tried_again_then_given_up_then_sent_by_hand(
    app_state, signed, upstream
):
    hook(signed, upstream, "decision")
    upstream.handler.answer = 500
    do(signed("reviewer"), SMALL, "decide", **CLEAN)
    for tries in range(1, len(webhooks.RETRY_DELAYS) + 1):
        assert app_state.deliver() == 0 and len(upstream.got) == tries
        assert app_state.deliver() == 0 and len(upstream.got) == tries  # not before its time
        row = outbox(app_state)[0]
        assert (row["attempts"], row["problem"]) == (tries, "HTTP 500")
        if row["next_at"]:
            with app_state.db.writing() as connection:
                connection.execute(sa.update(t.OUTBOX).values(next_at=row["created_at"]))
    assert outbox(app_state)[0]["next_at"] is None
    upstream.handler.answer = 204
    assert signed("administrator").submit("/webhooks/1/resend").status_code == 303
    assert app_state.deliver() == 1
    assert upstream.got[0][0]["Webhook-Id"] == upstream.got[-1][0]["Webhook-Id"]


def test_a_redirect_is_not_followed_and_a_dead_listener_is_noted(app_state, signed, upstream):
    hook(signed, upstream, "decision")
    upstream.handler.answer = 302
    do(signed("reviewer"), SMALL, "decide", **CLEAN)
    assert app_state.deliver() == 0 and len(upstream.got) == 1
    assert outbox(app_state)[0]["problem"] == "HTTP 302"
    upstream.shutdown()
    upstream.server_close()
    with app_state.db.writing() as connection:
        connection.execute(sa.update(t.OUTBOX).values(next_at="2020"))
    assert app_state.deliver() == 0 and "refused" in outbox(app_state)[0]["problem"].lower()


def test_no_deed_without_its_message_and_no_message_without_its_deed(app_state, signed, upstream):
    hook(signed, upstream, "decision")
    assert do(signed("reviewer"), SMALL, "decide", verdict="guilty") == "verdict_needed"
    assert outbox(app_state) == []
    with pytest.raises(ZeroDivisionError), app_state.db.writing() as connection:
        webhooks.enqueue(connection, "decision", claim_id="x")
        raise ZeroDivisionError
    assert outbox(app_state) == []
    do(signed("reviewer"), SMALL, "decide", **CLEAN)
    do(signed("reviewer"), SMALL, "undo")
    assert [json.loads(r["body"])["kind"] for r in outbox(app_state)] == ["verdict", "undo"]


def test_a_revoked_webhook_hears_nothing_more(app_state, signed, upstream):
    hook(signed, upstream)
    do(signed("reviewer"), SMALL, "decide", **CLEAN)
    signed("administrator").submit("/webhooks/1/revoke")
    do(signed("reviewer"), SMALL, "undo")
    assert app_state.deliver() == 0 and upstream.got == [] and len(outbox(app_state)) == 1


@pytest.mark.parametrize(
    "url",
    ["http://example.cn/x", "ftp://127.0.0.1/x", "https://", "javascript:alert(1)", "",
     "https://user:pw@example.cn/", "http://[", "http://localhost.evil.cn/"],
)  # fmt: skip
def test_an_address_that_could_be_read_on_the_wire_is_refused(app_state, signed, url):
    answer = signed("administrator").submit("/webhooks", name="x", url=url, event="run")
    assert answer.status_code == 400
    with app_state.db.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(t.WEBHOOKS)).scalar() == 0


def test_the_installations_key_is_made_once_and_readable_for_its_owner_only(app_state, tmp_path):
    from fraud_pipeline.workbench.auth.installation_key import (
        FILE_NAME,
        installation_key,
        seal,
        unseal,
    )

    key = installation_key(tmp_path)
    assert installation_key(tmp_path) == key and len(key) == 64
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0
    text = seal(key, "a", {"x": 1}, 60)
    assert unseal(key, "a", text) == {"x": 1}
    assert unseal(key, "b", text) is None and unseal(key, "a", "x" + text) is None
    assert unseal(key, "a", seal(key, "a", {"x": 1}, -1)) is None


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.1.1", "172.16.0.1", "0.0.0.0",  # noqa: S104
                "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "224.0.0.1", "100.64.0.1"],
)  # fmt: skip
def test_an_internal_address_is_reached_only_where_it_is_listed(app_state, signed, address):
    listed = outgoing.parse_networks([address])
    assert not outgoing.may_reach(address, ()) and outgoing.may_reach(address, listed)
    assert outgoing.may_reach("1.1.1.1", ()) and outgoing.may_reach("2606:4700::1111", ())
    app_state.webhook_networks = ()
    host = f"[{address}]" if ":" in address else address
    answer = signed("administrator").submit(
        "/webhooks", name="x", url=f"https://{host}/x", event="run"
    )
    assert answer.status_code == 400


def test_a_name_that_stands_for_an_internal_address_is_refused_when_it_is_resolved(monkeypatch):
    rows = [(2, 1, 6, "", (address, 443)) for address in ("1.1.1.1", "127.0.0.1")]
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *a, **k: rows)
    with pytest.raises(outgoing.AddressRefusedError, match=r"127\.0\.0\.1"):
        outgoing.post("https://rebound.example.cn/x", b"", {})


@pytest.fixture
def dripping():
    """A receiver that sends a byte of its response now and then and never ends."""
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve():
        server.settimeout(0.2)
        while not stop.is_set():
            with contextlib.suppress(OSError):
                peer, _ = server.accept()
                threading.Thread(target=drip, args=(peer,), daemon=True).start()

    def drip(peer):
        with contextlib.suppress(OSError), peer:
            peer.sendall(b"HTTP/1.1 200 OK\r\n")
            while not stop.wait(0.1):
                peer.sendall(b"x: y\r\n")

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    stop.set()
    server.close()


def test_one_bad_receiver_keeps_nobody_waiting(app_state, signed, upstream, dripping, monkeypatch):
    """One drips for ever, one refuses: the good one gets everything, each message has a limit."""
    monkeypatch.setattr(outgoing, "TOTAL_SECONDS", 0.5)
    monkeypatch.setattr(outgoing.post, "__defaults__", ((), 0.5))
    administrator = signed("administrator")
    for name, port in (("dripping", dripping), ("dead", 9)):
        url = f"http://127.0.0.1:{port}/in"
        administrator.submit("/webhooks", name=name, url=url, event="decision")
    hook(signed, upstream, "decision")
    for k in range(12, 24):
        do(signed("reviewer"), world.claim(k), "decide", **CLEAN)
    started = time.monotonic()
    assert app_state.deliver() == 12 and len(upstream.got) == 12
    assert time.monotonic() - started < 30  # one after the other it would be the sum of all limits
    problems = {r["webhook_id"]: r["problem"] for r in outbox(app_state) if r["problem"]}
    assert "no response within 0.5 seconds" in problems[1] and "refused" in problems[2]
    # after a failure a receiver is left alone for a while: none of its other messages is tried
    assert app_state.deliver() == 0
    assert sum(r["attempts"] for r in outbox(app_state)) == 12 + 2
