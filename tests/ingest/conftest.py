"""A throw-away PostgreSQL server from the distribution's own binaries."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.conftest import unavailable


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory):
    """The address of an empty database; the server lives as long as the tests."""
    if given := os.environ.get("FRAUD_TEST_POSTGRES_URL"):
        yield given
        return
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        unavailable("POSTGRESQL")
    binaries = found[-1].parent
    # not under pytest's own folder, which the server's user cannot reach
    home = Path(tempfile.mkdtemp(prefix="fraud-postgres-"))
    as_user = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(home, "postgres", "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(*command):
        subprocess.run(
            [*as_user, *map(str, command)], check=True, capture_output=True, cwd=home, timeout=120
        )

    run(binaries / "initdb", "-D", home / "data", "-A", "trust", "-U", "fraud")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home}"
    run(binaries / "pg_ctl", "-D", home / "data", "-o", options, "-l", home / "log", "-w", "start")
    try:
        yield f"postgresql+psycopg://fraud@127.0.0.1:{port}/postgres"
    finally:
        run(binaries / "pg_ctl", "-D", home / "data", "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)
