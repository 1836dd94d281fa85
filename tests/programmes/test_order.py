"""The order in which checks are asked: all of them, the long ones first and never two at once."""

import importlib
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud_pipeline.programmes.rule import Rule
from fraud_pipeline.programmes.rules import ALL_RULES

evaluating = importlib.import_module("fraud_pipeline.programmes.evaluate")


def checks_of(long):
    return [
        Rule(f"X{n:02}", "weak", "", "", "", "", evaluate=lambda case: None, long=flag)
        for n, flag in enumerate(long)
    ]


def answered(checks, ask):
    return [(check.code, answer) for check, answer in evaluating._in_order(checks, ask)]


@settings(deadline=None)  # threads start when the machine lets them
@given(st.lists(st.booleans(), max_size=60), st.sampled_from([1, 2, 4]))
def test_every_check_is_asked_once_and_told_in_order(long, threads):
    checks, asked = checks_of(long), []

    def ask(check):
        asked.append(check.code)
        return check.code

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluating, "N_THREADS", threads)
        assert answered(checks, ask) == [(check.code, check.code) for check in checks]
    assert sorted(asked) == [check.code for check in checks]


def test_two_long_checks_never_run_together():
    running, most, lock = [], [0], threading.Lock()

    def ask(check):
        with lock:
            running.append(check.long)
            most[0] = max(most[0], sum(running))
        time.sleep(0.002)
        with lock:
            running.remove(check.long)

    answered(checks_of([n % 5 == 4 for n in range(30)]), ask)
    assert most == [1]


def test_the_long_ones_come_first_and_of_them_the_last(monkeypatch):
    monkeypatch.setattr(evaluating, "N_THREADS", 1)
    begun = []
    answered(checks_of([False, True, False, True]), lambda check: begun.append(check.code))
    assert begun == ["X03", "X01", "X00", "X02"]


def test_answers_do_not_pile_up_while_nobody_reads_them():
    asked = []
    answers = evaluating._in_order(checks_of([False] * 60), lambda check: asked.append(check.code))
    next(answers)
    time.sleep(0.1)
    answers.close()
    assert len(asked) <= evaluating.MAX_IN_FLIGHT


def test_what_breaks_is_told_in_its_turn():
    def ask(check):
        if check.code == "X01":
            raise MemoryError("too large")
        return check.code

    answers = evaluating._in_order(checks_of([False, True, False]), ask)
    assert next(answers)[1] == "X00"
    with pytest.raises(MemoryError):
        next(answers)


def test_those_that_take_longest_are_long():
    assert {check.code for check in ALL_RULES if check.long} == {"T01", "T16", "T32"}
