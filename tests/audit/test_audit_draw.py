"""The stored probabilities are the real ones: counted over thousands of redraws."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud_pipeline import audit
from fraud_pipeline.audit import draw as drawing
from fraud_pipeline.audit.floors import least_audits
from fraud_pipeline.audit.plan import draw_order
from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.settings import AuditSettings

AS_OF = date(2018, 1, 1)


def redrawn(frame, n_draws):
    """How often each claim is drawn under seeds 1 to n_draws; every draw has the same size."""
    size = round(sum(frame["inclusion_prob"].to_pylist()))
    counts = np.zeros(frame.num_rows)
    root = drawing.frame_sha256(frame)
    for seed in range(1, n_draws + 1):
        drawn = draw_order(frame, seed, root) > 0
        assert drawn.sum() == size
        counts += drawn
    return counts


def check_frequencies(frame, n_draws):
    pi = frame["inclusion_prob"].to_numpy()
    counts = redrawn(frame, n_draws)
    assert (counts[pi == 1.0] == n_draws).all()
    open_ = pi < 1.0
    z = (counts - n_draws * pi)[open_] / np.sqrt(n_draws * pi * (1 - pi))[open_]
    assert np.abs(z).max() < 4.5
    assert 0.85 < np.sqrt(np.mean(z**2)) < 1.15
    return z


@pytest.mark.parametrize("cover", [None, 0.10, 0.25])
def test_frequencies_match_the_stored_probabilities(world, cover):
    made = world(150, 60, seed=5)
    plan = audit.make_plan(
        made.ranked, made.tables(), AuditSettings(), budget=25, seed=1, as_of=AS_OF,
        requirements=audit.Requirements(cover),
    )  # fmt: skip
    check_frequencies(plan.frame, 2_000)


def test_the_test_can_fail(world):
    """Frequencies of another design are told apart at this number of redraws."""
    made = world(150, 60, seed=5)
    plan = audit.make_plan(
        made.ranked, made.tables(), AuditSettings(), budget=25, seed=1, as_of=AS_OF
    )
    pi = plan.frame["inclusion_prob"].to_numpy()
    counts = redrawn(plan.frame, 2_000)
    wrong = 25 * pi**0.9 / (pi**0.9).sum()
    z = (counts - 2_000 * wrong) / np.sqrt(2_000 * wrong * np.maximum(1 - wrong, 1e-3))
    assert np.abs(z).max() > 4.5


@pytest.mark.long
@pytest.mark.parametrize("budget", [1, 12, 42, 107])
def test_frequencies_over_20000_redraws(world, budget):
    made = world(400, 150, seed=6)
    plan = audit.make_plan(
        made.ranked, made.tables(), AuditSettings(), budget=budget, seed=1, as_of=AS_OF
    )
    check_frequencies(plan.frame, 20_000)


def test_random_stratum_is_an_equal_probability_sample(world):
    made = world(60, 30, seed=7)
    counts = np.zeros(60)
    sizes = set()
    for seed in range(300):
        plan = audit.make_plan(
            made.ranked, made.tables(), AuditSettings(random_share=0.4, target_half_width=1.0),
            budget=10, seed=seed, as_of=AS_OF,
        )  # fmt: skip
        picked = {
            claim
            for claim, stratum in zip(
                plan.plan["claim_id"].to_pylist(), plan.plan["stratum"].to_pylist(), strict=True
            )
            if stratum == "random"
        }
        sizes.add(len(picked))
        counts += [claim in picked for claim in plan.frame["claim_id"].to_pylist()]
    open_ = plan.frame["inclusion_prob"].to_numpy() < 1.0
    expected = 300 * 0.4 * 10 / 60
    z = (counts[open_] - expected) / np.sqrt(expected * (1 - expected / 300))
    assert np.abs(z).max() < 4.0
    assert max(sizes) - min(sizes) <= 3  # the labels vary only as much as the draw does


@given(
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40),
    st.floats(0.001, 0.2),
    st.floats(0.0, 1.0),
)
@settings(max_examples=200, deadline=None)
def test_whole_probabilities_add_up_and_stay_in_bounds(wish, floor, position):
    pi = np.array(wish)
    least = least_audits(np.full(len(pi), floor))  # floors round up: five of 0.2 are over one
    n = least + round(position * (len(pi) - least))
    units = drawing.whole(pi, np.full(len(pi), floor), n)
    assert int(units.sum()) == n * drawing.ONE
    assert (units >= floor * drawing.ONE).all()
    assert (units <= drawing.ONE).all()


@given(st.lists(st.integers(1, drawing.ONE), min_size=1, max_size=30), st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_hits_are_the_slow_walk(units, first):
    """Against the textbook: walk along the line and note who stands on a whole number."""
    place, expected = first, []
    for unit in units:
        expected.append((place + unit) // drawing.ONE > place // drawing.ONE)
        place += unit
    assert drawing.hits(np.array(units), first).tolist() == expected


def test_probabilities_that_do_not_add_up_are_refused():
    units = np.array([drawing.ONE // 2, drawing.ONE // 3])
    with pytest.raises(IntegrityError, match="add up"):
        drawing.draw(units, np.zeros(2), np.array([1, 2]), [0])


def test_tickets_are_what_the_page_says():
    import hashlib

    word = hashlib.sha256(b"7|abc|draw|C1").digest()[:8]
    assert drawing.tickets(7, "abc", ["C1"])[0] == int.from_bytes(word, "big")
