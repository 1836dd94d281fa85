"""Workbooks are read by a process of their own, with limits on its memory and its time.

A workbook comes from outside, and its reader is compiled: it may take memory without end, panic
or abort. Then that process ends, not the run. A process reads one workbook after another, so
that starting it is paid for once; after a large one it is ended, and its memory with it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import BinaryIO, cast

import fraud_pipeline
from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest.grids import Grid
from fraud_pipeline.schema.source import Source
from fraud_pipeline.store import workbook_worker

# An honest workbook is packed about fifteenfold and takes some three times its XML to read, 50
# times the file's size in all; a cell takes about 60 bytes. Measured on sheets of 1 million cells.
BASE_BYTES = 512 << 20  # of the process and its libraries, with room
BYTES_A_BYTE = 400  # of memory, by the size of the file
BYTES_A_CELL = 64
BASE_SECONDS, BYTES_A_SECOND = 120.0, 100_000
LARGE = 5_000_000  # bytes of a workbook after which the process is not used again
_PROGRAM = "from fraud_pipeline.store.workbook_worker import main; main()"


class _Worker:
    """A process that reads workbooks, and the pipes to it."""

    def __init__(self) -> None:
        root = str(Path(fraud_pipeline.__file__).parents[1])
        path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH")) if p)
        self.process = subprocess.Popen(  # noqa: S603 - this interpreter, a program of ours
            [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1",
                 "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        self.owner = os.getpid()  # after a fork the pipes are another process's

    def read(self, head: bytes, source: Source, seconds: float) -> list[Grid]:
        """The grids of one workbook. Raises InputError in one line, whatever happens."""
        late = threading.Event()

        def stop() -> None:
            late.set()
            self.process.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            requests = cast(BinaryIO, self.process.stdin)
            requests.write(head)
            requests.write(source.data or b"")
            requests.flush()
            return workbook_worker.grids_of(cast(BinaryIO, self.process.stdout))
        except (EOFError, OSError, ValueError) as error:
            self.end()
            reason = (
                f"reading the workbook took more than {seconds:.0f} s"
                if late.is_set()
                else f"{workbook_worker.UNREADABLE}, or {workbook_worker.TOO_LARGE}"
            )
            raise InputError(reason, file=source.name) from error
        finally:
            timer.cancel()

    @property
    def is_usable(self) -> bool:
        return self.owner == os.getpid() and self.process.poll() is None

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                cast(BinaryIO, pipe).close()
            except OSError:
                continue  # what was not written yet is for nobody


_idle: deque[_Worker] = deque()


def read(
    source: Source, wanted: frozenset[str], foreign: frozenset[str], max_cells: int
) -> list[Grid]:
    """As ``ingest.workbooks.read``, in another process; InputError also when that one dies."""
    n_bytes = len(source.data or b"")
    memory = BASE_BYTES + min(BYTES_A_BYTE * n_bytes, BYTES_A_CELL * max_cells)
    head = workbook_worker.request(source, wanted, foreign, max_cells, memory)
    worker = _free_worker()
    try:
        grids = worker.read(head, source, BASE_SECONDS + n_bytes / BYTES_A_SECOND)
    finally:
        if worker.is_usable:
            if n_bytes > LARGE:
                worker.end()
            else:
                _idle.append(worker)
    return grids


def _free_worker() -> _Worker:
    """A process that waits for work, or a new one."""
    while True:
        try:
            worker = _idle.pop()
        except IndexError:
            return _Worker()
        if worker.is_usable:
            return worker
