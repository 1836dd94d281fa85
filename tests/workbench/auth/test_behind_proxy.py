"""Behind a proxy: whose word on the client's address counts; TLS ended by the proxy or by the server."""

import datetime
import ipaddress
import ssl
import subprocess
import sys
import time

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth import accounts
from fraud_pipeline.workbench.auth.permissions import Role
from tests.workbench.conftest import HASHED, PASSWORD, WorkbenchClient, engage, message
from tests.workbench.db.test_database import free_port, started

WRONG = "wrong password"
PROXY, OTHER = "10.0.0.5", "10.0.0.66"


@pytest.fixture(autouse=True)
def _hashing_is_fast(monkeypatch):
    monkeypatch.setattr(accounts, "_DUMMY_HASH", HASHED)


def fail(application, trusted, peer, said, times):
    """Failed sign-ins of ``said`` (X-Forwarded-For) through ``peer``, each under another name."""
    wrapped = ProxyHeadersMiddleware(application, trusted_hosts=[trusted])
    client = WorkbenchClient(wrapped, base_url="http://127.0.0.1", follow_redirects=False,
                             client=(peer, 5000), headers={"x-forwarded-for": said})  # fmt: skip
    for k in range(times):
        client.submit("/sign-in", name=f"nobody {said} {k}", password=WRONG, next="/")
    return client


def is_paused(client):
    answer = client.submit("/sign-in", name="lead", password=PASSWORD, next="/")
    return message(answer) == "refused"


def test_one_person_behind_the_proxy_does_not_pause_another(application):
    assert is_paused(fail(application, PROXY, PROXY, "192.0.2.1", 51))
    assert not is_paused(fail(application, PROXY, PROXY, "192.0.2.2", 0))


def test_a_client_that_is_no_proxy_cannot_change_its_address(application):
    """Every try under another made-up address: they are all counted as those of the real one."""
    for k in range(51):
        fail(application, PROXY, OTHER, f"192.0.2.{k}", 1)
    assert is_paused(fail(application, PROXY, OTHER, "198.51.100.7", 0))


def test_what_a_proxy_ended_tls_for_is_sent_as_secure(workspace, tmp_path):
    secure = make_application(workspace, f"sqlite:///{tmp_path / 's.db'}", secure=True)
    engage(secure.state.app_state, "lead", Role.LEAD)
    wrapped = ProxyHeadersMiddleware(secure, trusted_hosts=[PROXY])
    client = WorkbenchClient(wrapped, base_url="http://bureau.example", follow_redirects=False,
                             client=(PROXY, 5000), headers={"x-forwarded-proto": "https"})  # fmt: skip
    answer = client.get("/sign-in")
    assert "max-age" in answer.headers["strict-transport-security"]
    assert all("secure" in c.lower() for c in answer.headers.get_list("set-cookie"))
    secure.state.app_state.db.dispose()


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, private = tmp_path / "c.pem", tmp_path / "k.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    return pem, private


@pytest.mark.long
def test_the_server_speaks_tls_itself(workspace, certificate):
    pem, private = certificate
    port = free_port()
    command = [sys.executable, "-c", "from fraud_pipeline.cli.app import main; main()", "serve", "-w",
               str(workspace), "--port", str(port), "--tls-certificate", str(pem), "--tls-key", str(private)]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert f"https://127.0.0.1:{port}/welcome/" in started(server)
        context = ssl.create_default_context(cafile=pem)
        with httpx.Client(verify=context, base_url=f"https://127.0.0.1:{port}") as client:
            for _ in range(100):
                try:
                    answer = client.get("/sign-in")
                    break
                except httpx.ConnectError:
                    time.sleep(0.1)
        assert "strict-transport-security" in answer.headers
        cookies = answer.headers.get_list("set-cookie")
        assert cookies and all("Secure" in cookie for cookie in cookies)
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{port}/sign-in", timeout=5)
    finally:
        server.kill()
        server.wait()
