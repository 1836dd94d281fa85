"""Seconds and peak memory of a step, as the operating system counts them."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import re
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

_RESET = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


@contextlib.contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Fills the yielded dict with ``seconds``, ``cpu_seconds`` and ``peak_mb`` at the block's end.

    The CPU seconds are of all threads: on a busy machine they tell more than the clock.

    Linux can reset the high-water mark, so the peak is the step's own; elsewhere
    it is the process's so far.
    """
    cost: dict[str, float] = {}
    with contextlib.suppress(OSError):
        _RESET.write_text("5")
    start, worked = time.perf_counter(), time.process_time()
    yield cost
    cost["cpu_seconds"] = round(time.process_time() - worked, 3)
    cost["seconds"] = round(time.perf_counter() - start, 3)
    cost["peak_mb"] = round(_peak_mb(), 1)


def give_back() -> None:
    """Hands freed memory back to the system: a step's peak should be its own, not the last one's."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # glibc only


def _peak_mb() -> float:
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text())
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
