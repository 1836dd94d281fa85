"""A signed receipt kept elsewhere shows a chain that was made anew; a time stamp is about its file."""

import hashlib
import json
import stat
import string
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from fraud_pipeline.cli.app import app
from fraud_pipeline.errors import FraudPipelineError, InputError, IntegrityError
from fraud_pipeline.store import ledger, signed_receipt, time_stamp
from fraud_pipeline.store.workspace import locked

PAGE_DIGEST = hashlib.sha256(b"x").digest()
ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"  # of base64


def run(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


@pytest.fixture
def workspace(tmp_path):
    """A ledger of three lines: the artefacts themselves are no matter here."""
    with locked(tmp_path / "w") as place:
        for k in range(3):
            ledger.append(place, "commitment", f"c{k}", "0" * 64)
    return tmp_path / "w"


@pytest.fixture
def key(tmp_path):
    run("receipt", "--new-key", tmp_path / "bureau.pem")
    return tmp_path / "bureau.pem"


def issued(workspace, key, out, *more):
    run("receipt", "--key", key, "--out", out, "-w", workspace, *more)
    return out


def forged_anew(workspace):
    """The whole ledger made again with another content: consistent with itself."""
    (workspace / ledger.FILE).unlink()
    with locked(workspace) as place:
        for k in range(4):
            ledger.append(place, "commitment", f"other {k}", "1" * 64)


def check(workspace, receipt, signer):
    noted = signed_receipt.read(receipt, signer)
    end = ledger.Receipt.parse(noted.ledger)
    from fraud_pipeline.store.workspace import Workspace

    return ledger.fault(ledger.read(Workspace(workspace)), end)


def test_a_ledger_made_anew_is_found_by_the_receipt(workspace, key, tmp_path):
    receipt, public = issued(workspace, key, tmp_path / "r.json"), tmp_path / "bureau.pem.pub"
    assert check(workspace, receipt, public) is None
    forged_anew(workspace)
    assert "receipt is not met" in check(workspace, receipt, public)


@pytest.mark.parametrize("field", ["issued", "ledger", "decisions", "public_key", "signature"])
def test_one_changed_character_breaks_the_signature(workspace, key, tmp_path, field):
    receipt = issued(workspace, key, tmp_path / "r.json")
    content = json.loads(receipt.read_text())
    value = content[field] or " "
    content[field] = value[:-3] + ("A" if value[-3:-2] != "A" else "B") + value[-2:]
    receipt.write_text(json.dumps(content))
    with pytest.raises(IntegrityError, match="does not fit"):
        signed_receipt.read(receipt)


def test_another_spelling_of_the_same_signature_is_refused(workspace, key, tmp_path):
    """The last character of a signature has bits that decode to nothing; they are no free choice."""
    receipt = issued(workspace, key, tmp_path / "r.json")
    content = json.loads(receipt.read_text())
    last = ALPHABET.index(content["signature"][-3])
    content["signature"] = content["signature"][:-3] + ALPHABET[last ^ 1] + "=="
    receipt.write_text(json.dumps(content))
    with pytest.raises(IntegrityError, match="does not fit"):
        signed_receipt.read(receipt)


def test_a_receipt_signed_by_somebody_else_is_refused(workspace, key, tmp_path):
    run("receipt", "--new-key", tmp_path / "other.pem")
    receipt = issued(workspace, tmp_path / "other.pem", tmp_path / "r.json")
    signed_receipt.read(receipt)
    with pytest.raises(IntegrityError, match="another key"):
        signed_receipt.read(receipt, tmp_path / "bureau.pem.pub")


def test_a_key_is_private_and_never_replaced(key):
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with pytest.raises(InputError, match="already"):
        signed_receipt.new_key(key)


@pytest.mark.parametrize(
    ("words", "named"),
    [(["--key", "no.pem", "--out", "r"], "cannot be read"), (["--out", "r"], "needs --key"),
     (["--key", "pyproject.toml", "--out", "r"], "not an Ed25519 key")],
)  # fmt: skip
def test_bad_input_is_one_line(workspace, words, named):
    with pytest.raises(FraudPipelineError, match=named) as caught:
        run("receipt", *words, "-w", workspace)
    assert "\n" not in str(caught.value)


def test_verify_takes_the_file_and_the_signer(tiny_run, key, tmp_path):
    receipt = issued(tiny_run, key, tmp_path / "r.json")
    public = f"{key}.pub"
    words = ("verify", "--all", "-w", tiny_run, "--receipt", receipt, "--signer", public)
    assert "holds" in run(*words)
    content = json.loads(receipt.read_text())
    receipt.write_text(json.dumps({**content, "decisions": f"1:{'0' * 64}"}))
    with pytest.raises(IntegrityError, match="does not fit"):
        run(*words)


@pytest.fixture
def authority():
    """A time-stamp authority on this machine, without a certificate; ``bend`` changes its answer."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        bend = staticmethod(lambda answer: answer)

        def log_message(self, *args):
            pass

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            asked.append((self.headers["content-type"], body))
            status = time_stamp._tlv(0x30, time_stamp._integer(0))
            token = time_stamp._tlv(0x30, time_stamp._tlv(0x04, body[2:]))  # holds what was sent
            answer = Handler.bend(time_stamp._tlv(0x30, status + token))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.handler, server.asked = Handler, asked
    server.address = f"http://127.0.0.1:{server.server_port}/"
    yield server
    server.shutdown()
    server.server_close()


def test_a_time_stamp_is_about_this_receipt(workspace, key, tmp_path, authority):
    receipt = issued(workspace, key, tmp_path / "r.json", "--time-stamp", authority.address)
    assert authority.asked[0][0] == "application/timestamp-query"
    assert hashlib.sha256(receipt.read_bytes()).digest() in authority.asked[0][1]
    assert time_stamp.check(receipt)
    receipt.write_text(receipt.read_text() + " ")
    with pytest.raises(IntegrityError, match="not about this receipt"):
        time_stamp.check(receipt)


@pytest.mark.parametrize(
    ("bend", "named"),
    [
        (lambda a: b"", "not a response"),
        (lambda a: a[:20], "not a response"),
        (lambda a: b"<html>", "not a response"),
        (lambda a: bytes.fromhex("30053003020102"), "granted no time stamp .status 2"),
        (lambda a: a.replace(a[60:70], bytes(10)), "not about this receipt"),
        (lambda a: a[:-4] + bytes(4), "not about this receipt"),
    ],
)
def test_an_answer_about_something_else_is_refused(tmp_path, authority, bend, named):
    authority.handler.bend = staticmethod(bend)
    (tmp_path / "r.json").write_text("{}")
    with pytest.raises(IntegrityError, match=named):
        time_stamp.stamp(tmp_path / "r.json", authority.address)
    assert not (tmp_path / "r.json.tsr").exists()


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:9/", "x"])
def test_an_authority_that_cannot_be_asked_is_one_line(tmp_path, address):
    (tmp_path / "r.json").write_text("{}")
    with pytest.raises(InputError, match="time-stamp authority"):
        time_stamp.stamp(tmp_path / "r.json", address)


def test_the_request_is_the_one_of_the_standard():
    """Bytes of a request that OpenSSL reads as SHA-256 of "x", nonce 0x4000000000000005, with certificate."""
    wanted = (
        "30430201013031300d060960864801650304020105000420" + PAGE_DIGEST.hex()
        + "02084000000000000005" + "0101ff"
    )  # fmt: skip
    assert time_stamp.request_bytes(PAGE_DIGEST, 0x4000000000000005).hex() == wanted
