"""``serve`` says that its port is taken before it prints an address, in one line, with status 2."""

import socket
import subprocess
import sys


def test_a_taken_port_is_one_line_and_status_2(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        line = [
            sys.executable,
            "-m",
            "fraud_pipeline",
            "--lang",
            "en",
            "serve",
            "-w",
            str(tmp_path),
        ]
        done = subprocess.run([*line, "--port", port], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert (
        len(done.stderr.splitlines()) == 1
        and f"127.0.0.1:{port} cannot be listened on" in done.stderr
    )
