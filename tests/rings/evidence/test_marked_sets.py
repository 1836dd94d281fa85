"""Sets that the search found are weighed by marks it never looked at, and completed by them."""

import math

import numpy as np
import pytest

from fraud_pipeline.rings.evidence.marked_sets import marked_nats
from fraud_pipeline.rings.evidence.scan import Group, by_kind, whole_membership
from fraud_pipeline.rings.evidence.selection import _with_own_evidence
from tests.rings.evidence.test_scan import (
    MEMBERS,
    hidden_group,
    marks_of,
    outcomes_of,
    priced,
)
from tests.rings.worlds import sharing

NOTHING = np.array([-np.inf])


def numbered(parties, names):
    return tuple(sorted(parties.ids.index(name) for name in names))


def dear_and_caught():
    claims = priced(hidden_group(), dict.fromkeys(MEMBERS, 2.0))
    return marks_of(claims, sharing([]), {"outcomes": outcomes_of(claims, MEMBERS[:3])})


def test_kinds_add_up_less_the_number_of_sets():
    parties, other = dear_and_caught()
    ring = numbered(parties, [*MEMBERS, "I003"])
    kinds = by_kind(parties, other.marks, ring)
    expected = kinds["price"].nats + kinds["verdict"].nats
    alone = marked_nats(parties, other, [ring], NOTHING, [])
    assert math.isclose(alone[0], expected)
    honest = numbered(parties, ["E0001", "E0002", "E0003", "I000"])
    both = marked_nats(parties, other, [ring, honest, ring], np.repeat(NOTHING, 3), [])
    assert math.isclose(both[0], expected - math.log(2.0))
    assert both[2] == both[0], "the same set twice is one set"
    assert both[1] == -np.inf


def test_one_kind_says_nothing_however_loud_and_a_value_is_a_kind():
    claims = priced(hidden_group(), dict.fromkeys(MEMBERS, 2.0))
    parties, other = marks_of(claims, sharing([]), {})
    ring = numbered(parties, [*MEMBERS, "I003"])
    assert marked_nats(parties, other, [ring], NOTHING, [])[0] == -np.inf
    assert marked_nats(parties, other, [ring], np.array([2.9]), [])[0] == -np.inf
    assert marked_nats(parties, other, [ring], np.array([3.1]), [])[0] > 3.0


def test_one_marked_member_is_about_that_member():
    claims = priced(hidden_group(), {MEMBERS[0]: 2.0})
    parties, other = marks_of(claims, sharing([]), {"outcomes": outcomes_of(claims, MEMBERS[:1])})
    ring = numbered(parties, [*MEMBERS[:3], "I003"])
    assert marked_nats(parties, other, [ring], NOTHING, [])[0] == -np.inf


def test_what_was_chosen_by_its_marks_is_not_tested_by_them():
    parties, other = dear_and_caught()
    ring = numbered(parties, [*MEMBERS, "I003"])
    group = Group(ring, ring, 1.0)
    assert marked_nats(parties, other, [ring, ring[1:]], np.repeat(NOTHING, 2), [group]).tolist() == [
        -np.inf, -np.inf,
    ]  # fmt: skip


def test_a_part_is_completed_by_those_with_the_same_marks_and_nobody_leaves():
    parties, other = dear_and_caught()
    honest = next(
        parties.ids[n] for n in range(parties.graph.n_enterprises)
        if parties.ids[n] not in MEMBERS
        and parties.ids.index("I003") - parties.graph.n_enterprises
        in parties.graph.enterprise_institution[
            parties.graph.enterprise_ptr[n] : parties.graph.enterprise_ptr[n + 1]
        ]
    )  # fmt: skip
    part = numbered(parties, [*MEMBERS[:3], "I003"])
    assert whole_membership(parties, other, [part]) == [numbered(parties, [*MEMBERS, "I003"])]
    mixed = numbered(parties, [*MEMBERS[:4], honest, "I003"])
    (whole,) = whole_membership(parties, other, [mixed])
    assert set(whole) == {*mixed, parties.ids.index(MEMBERS[4])}


@pytest.mark.parametrize(
    ("stronger", "kept"),
    [
        ((1, 2, 8, 90), [0]),  # one of its clients at its institution
        ((1, 2, 8, 91), [0, 1]),  # the same client elsewhere
        ((7, 8, 9, 90), [0, 1]),  # other clients of its institution
    ],
)
def test_a_group_has_no_evidence_left_that_a_stronger_ring_has(stronger, kept):
    core, whole = (2, 3, 4, 90), (2, 3, 4, 5, 90)
    assert _with_own_evidence([(), core], [stronger, whole], [0, 1]) == kept
    assert _with_own_evidence([core, ()], [whole, stronger], [0, 1]) == [0, 1], "it is the stronger"
