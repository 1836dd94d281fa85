"""One temporary orchestrator for all flow tests of a session, and a place to hear messages."""

import http.server
import json
import threading

import pytest

import flows  # noqa: F401 - switches the analytics off before Prefect is imported


@pytest.fixture(scope="session")
def orchestrator():
    from prefect.logging.loggers import disable_run_logger
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120), disable_run_logger():
        yield


@pytest.fixture
def impatient(monkeypatch):
    """Retries without the waiting: the number and the condition stay as they are."""
    from flows import nightly

    for name in ("prepare_run", "run_step", "publish"):
        task = getattr(nightly, name)
        quick = task.with_options(retry_delay_seconds=0, retry_jitter_factor=None)
        monkeypatch.setattr(nightly, name, quick)


@pytest.fixture
def heard():
    """A webhook on loopback: yields its address and the messages it received."""
    messages = []

    class Ear(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            messages.append(json.loads(self.rfile.read(length)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", messages
    server.shutdown()
