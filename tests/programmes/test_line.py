"""The order in which checks are asked: all of them, in time, and never two long ones at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from fraud_pipeline.programmes.check import Check
from fraud_pipeline.programmes.evaluate import _Line


def _check(code, long=False):
    return Check(code, "weak", "", "", "", "", evaluate=lambda case: None, long=long)


def _asked_by(threads, checks, ask):
    line = _Line(checks, ask)
    with ThreadPoolExecutor(threads) as pool:
        for _ in checks:
            pool.submit(line.ask_next)
        return [line.answer(check) for check in checks]


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("long", [(), (0,), (3, 7), (10, 11), tuple(range(12))])
def test_every_check_is_asked_once_and_answers_for_itself(threads, long):
    checks = [_check(f"C{n:02}", n in long) for n in range(12)]
    asked = []

    def ask(check):
        asked.append(check.code)
        return check.code

    assert _asked_by(threads, checks, ask) == [check.code for check in checks]
    assert sorted(asked) == [check.code for check in checks]


def test_two_long_checks_never_run_together():
    checks = [_check(f"C{n:02}", n % 3 == 0) for n in range(30)]
    running, most, lock = [], [0], threading.Lock()

    def ask(check):
        with lock:
            running.append(check.long)
            most[0] = max(most[0], sum(running))
        time.sleep(0.002)
        with lock:
            running.remove(check.long)

    _asked_by(4, checks, ask)
    assert most == [1]


def test_a_long_check_is_begun_first():
    checks = [_check("A"), _check("B"), _check("Z", long=True)]
    begun = []
    _asked_by(1, checks, lambda check: begun.append(check.code))
    assert begun == ["Z", "A", "B"]


def test_what_breaks_is_told_to_who_waits_for_it_and_stops_no_other():
    checks = [_check("A"), _check("B", long=True), _check("C")]

    def ask(check):
        if check.code == "B":
            raise MemoryError("too large")
        return check.code

    line = _Line(checks, ask)
    for _ in checks:
        line.ask_next()
    assert line.answer(checks[0]) == "A" and line.answer(checks[2]) == "C"
    with pytest.raises(MemoryError):
        line.answer(checks[1])
