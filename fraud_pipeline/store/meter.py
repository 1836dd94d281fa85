"""Seconds and peak memory of a step, as the operating system counts them."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import re
import resource
import time
from pathlib import Path

import pyarrow as pa

_RESET = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
_WORTH_RELEASING_MB = 100.0
_after_release: dict[str, float] = {}  # memory in use right after the last release


class ResourceMeter:
    """Seconds and memory spent since the meter was made.

    The CPU seconds are of all threads: on a busy machine they say more than elapsed time. Linux
    can reset the high-water mark of memory, so the peak is the step's own; elsewhere it is
    the process's so far. Steps that run at the same time count each other's.
    """

    def __init__(self) -> None:
        with contextlib.suppress(OSError):
            _RESET.write_text("5")
        self._started, self._cpu_started = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        """``seconds``, ``cpu_seconds`` and ``peak_mb`` so far."""
        return {
            "cpu_seconds": round(time.process_time() - self._cpu_started, 3),
            "seconds": round(time.perf_counter() - self._started, 3),
            "peak_mb": round(_peak_mb(), 1),
        }


def release_memory() -> None:
    """Returns freed memory to the operating system, so that a step's peak is its own.

    Only where the process has grown since the last time: going through the objects of the
    libraries takes a fifth of the time of a run of a hundred claims, and frees nothing.
    """
    if _memory_mb("VmRSS") < _after_release.get("mb", 0.0) + _WORTH_RELEASING_MB:
        return
    gc.collect()
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # glibc only
    _after_release["mb"] = _memory_mb("VmRSS")


def _peak_mb() -> float:
    return _memory_mb("VmHWM")


def _memory_mb(line: str) -> float:
    """``VmRSS`` (now) or ``VmHWM`` (at most so far); elsewhere than on Linux always the latter."""
    with contextlib.suppress(OSError):
        kilobytes = re.search(rf"{line}:\s+(\d+) kB", _STATUS.read_text())
        if kilobytes:
            return int(kilobytes[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
