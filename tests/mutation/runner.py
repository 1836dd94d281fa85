"""Runs the tests of a module once for each mutant of it, each in a forked process.

    python -m tests.mutation.runner fraud_pipeline.risk.score tests/risk/test_score.py
        [--sample N] [--seed S]

The tests are imported once; a fork then needs no import. In the fork the code objects of the
module's functions are replaced, so that a function which others imported by name changes as
well. Prints one JSON object: the keys of the mutants that were killed and of those that survived.
A mutant that makes the tests run much longer counts as killed.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import os
import random
import resource
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any

import hypothesis
import pytest

from tests.mutation.mutants import Mutant, mutants_of, mutated

AT_ONCE = 2
OPTIONS = (
    "-x",
    "-q",
    "-m",
    "not long and not spark",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-p",
    "no:timeout",
)


def main(arguments: Sequence[str]) -> dict[str, list[str]]:
    """What became of each mutant, or of a sample of them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("module")
    parser.add_argument("tests", nargs="+")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args(arguments)
    hypothesis.settings.register_profile("mutation", derandomize=True, database=None, deadline=None)
    hypothesis.settings.load_profile("mutation")
    module = importlib.import_module(wanted.module)
    source = inspect.getsource(module)
    chosen = mutants_of(source)
    if wanted.sample is not None and wanted.sample < len(chosen):
        chosen = random.Random(wanted.seed).sample(chosen, wanted.sample)  # noqa: S311
    with _silence():
        # imports every test module, runs none: a fork must not inherit running threads
        if pytest.main(["--collect-only", *OPTIONS, *wanted.tests]) != 0:
            raise RuntimeError(f"{wanted.tests} cannot be collected")
        _, status, used = os.wait4(_forked(module, None, source, wanted.tests), 0)
        if status != 0:
            raise RuntimeError(f"{wanted.tests} fail without any mutant")
        patience = 5 + int(5 * used.ru_utime)
        survived = set(_survivors(module, source, chosen, wanted.tests, patience))
    return {
        "killed": [m.key for m in chosen if m.key not in survived],
        "survived": [m.key for m in chosen if m.key in survived],
    }


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing that pytest writes, here or in a fork, reaches the standard output."""
    kept = os.dup(1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def _survivors(
    module: ModuleType, source: str, chosen: Sequence[Mutant], tests: Sequence[str], patience: int
) -> Iterator[str]:
    """Keys of the mutants with which the tests pass within ``patience`` CPU seconds."""
    running: list[tuple[int, Mutant]] = []
    left = list(reversed(chosen))
    while left or running:
        while left and len(running) < AT_ONCE:
            mutant = left.pop()
            running.append((_forked(module, mutant, source, tests, patience), mutant))
        pid, mutant = running.pop(0)
        _, status = os.waitpid(pid, 0)
        if status == 0:
            yield mutant.key


def _forked(
    module: ModuleType, mutant: Mutant | None, source: str, tests: Sequence[str],
    patience: int | None = None,
) -> int:  # fmt: skip
    """The process in which the tests run; it is ended after ``patience`` seconds of CPU time, which
    unlike time on the clock do not depend on what else the machine does."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            if patience is not None:
                resource.setrlimit(resource.RLIMIT_CPU, (patience, patience))
            if mutant is not None:
                replace_code(module, compile(mutated(source, mutant), module.__file__, "exec"))
            status = int(pytest.main([*OPTIONS, *tests]))
        finally:
            os._exit(status)
    return pid


def replace_code(module: ModuleType, code: Any) -> None:
    """Gives the functions, methods and constants of ``module`` what the changed source says."""
    changed: dict[str, Any] = {
        k: v for k, v in vars(module).items() if k.startswith("__") and k != "__builtins__"
    }
    exec(code, changed)  # noqa: S102 - our own source with one change
    for name, new in changed.items():
        old = vars(module).get(name)
        if isinstance(new, FunctionType) and isinstance(old, FunctionType):
            _take_over(old, new)
        elif isinstance(new, type) and new.__module__ == module.__name__:
            for key, member in vars(new).items():
                _take_over_member(vars(old).get(key), member)
        elif isinstance(new, (int, float, str, tuple, frozenset)) and not name.startswith("__"):
            setattr(module, name, new)


def _take_over_member(old: Any, new: Any) -> None:
    old, new = (getattr(m, "fget", None) or getattr(m, "__func__", m) for m in (old, new))
    if isinstance(old, FunctionType) and isinstance(new, FunctionType):
        _take_over(old, new)


def _take_over(old: FunctionType, new: FunctionType) -> None:
    old, new = inspect.unwrap(old), inspect.unwrap(new)
    if old.__code__.co_filename == "<string>":  # made by dataclass: only its defaults are written
        old.__defaults__ = new.__defaults__
    elif old.__module__ == new.__module__:
        old.__code__, old.__defaults__ = new.__code__, new.__defaults__
        old.__kwdefaults__ = new.__kwdefaults__


if __name__ == "__main__":
    result = main(sys.argv[1:])
    sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
