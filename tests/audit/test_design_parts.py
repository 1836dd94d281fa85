"""Heads of enterprises and the other claims: audits, floors and limits of each part of a draw."""

from dataclasses import replace

import numpy as np
import pytest

from fraud_pipeline.audit.allocation import GREEDIEST
from fraud_pipeline.audit.design import Part, _parts, _shares, _whole_floor, problem_of
from fraud_pipeline.audit.limits import Group
from fraud_pipeline.errors import InputError
from tests.audit.test_design import claims_of


def in_parts(n_heads=40, n=120, seed=3):
    """Claims of which the first are the heads of their enterprises, and their problem."""
    claims = claims_of(n, seed)
    heads = np.arange(n) < n_heads
    return replace(claims, heads=heads)


def problem_for(claims, mandatory=(), floor=0.01):
    floors = np.full(len(claims), floor)
    floors[list(mandatory)] = 1.0
    return problem_of(claims.amount, claims.risk, claims.loss, floors)


def test_nothing_to_cover_is_one_part():
    claims = in_parts()
    (part,) = _parts(claims, problem_for(claims), 30, 0, 1.0)
    assert part.size == 30 and part.members.all()


@pytest.mark.parametrize(
    ("n", "covered", "mandatory", "dear", "size"),
    [
        (30, 1, (), "others", 1),  # one head is enough
        (30, 9, (), "others", 9),  # as many as must be covered
        (30, 2, range(7), "others", 8),  # seven heads are mandatory, the others have a chance
        (110, 1, (), "others", 30),  # the others are only eighty
        (30, 1, (), "heads", 29),  # one place for the chance of the others
        (30, 1, range(60, 65), "heads", 24),  # and for those of them that are mandatory
        (60, 1, (), "heads", 40),  # there are no more heads
    ],
)
def test_heads_get_their_share_within_what_must_be_left(n, covered, mandatory, dear, size):
    """``dear``: the part in which all money stands, so that it is wished for whole."""
    claims = in_parts()
    rich = claims.heads if dear == "heads" else ~claims.heads
    scale = np.where(rich, 1.0, 1e-9)
    claims = replace(claims, amount=claims.amount * scale, loss=claims.loss * scale)
    problem = problem_for(claims, mandatory, floor=0.001)
    heads, others = _parts(claims, problem, n, covered, GREEDIEST)
    assert (heads.name, others.name) == ("heads", "others")
    assert (heads.members == claims.heads).all() and (others.members == ~claims.heads).all()
    assert (heads.size, others.size) == (size, n - size)


def test_where_every_claim_is_a_head_there_is_one_part():
    claims = in_parts(n_heads=120)
    (part,) = _parts(claims, problem_for(claims), 30, 5, 1.0)
    assert (part.name, part.size) == ("heads", 30)


def test_too_few_audits_for_the_enterprises_and_a_chance_for_all_are_refused():
    claims = in_parts()
    with pytest.raises(InputError, match="9 audits are too few for 9 enterprises"):
        _parts(claims, problem_for(claims), 9, 9, 1.0)


@pytest.mark.parametrize(
    ("floor", "audits"),
    [
        ([], 0),
        ([0.4], 1),
        ([0.5, 0.4985], 1),
        ([0.5, 0.5], 2),
        ([0.9, 0.9, 0.9], 3),
        ([1.0] * 4, 5),
    ],
)
def test_floors_take_whole_audits_and_a_hair_more(floor, audits):
    assert _whole_floor(np.array(floor)) == audits


def shares_of(claims, problem, groups, n=30, n_heads=12):
    parts = (Part("heads", claims.heads, n_heads), Part("others", ~claims.heads, n - n_heads))
    return parts, [_shares(groups, part, parts, problem, 1.0) for part in parts]


def test_a_limit_is_divided_between_the_parts_as_the_audits_would_be():
    claims = in_parts()
    problem = problem_for(claims)
    members = np.arange(20, 80)  # twenty heads and forty others
    _, ((of_heads,), (of_others,)) = shares_of(claims, problem, (Group("region A", members, 10),))
    pi = problem.probabilities(30, 1.0)
    wished = round(10 * pi[20:40].sum() / pi[20:80].sum())
    assert 1 < wished < 9
    assert (of_heads.most, of_others.most) == (wished, 10 - wished)
    assert of_heads.members.tolist() == list(range(20, 40))
    assert of_others.members.tolist() == list(range(40))  # row numbers within the others
    assert of_heads.name == of_others.name == "region A"


def test_mandatory_claims_of_either_part_are_left_their_audits():
    claims = in_parts()
    members = np.arange(20, 80)
    for mandatory, wanted in ((range(20, 27), (8, 2)), (range(40, 47), (2, 8))):
        problem = problem_for(claims, mandatory, floor=1e-9)
        group = Group("region A", members, 10)
        if wanted[0] == 2:
            problem = replace(problem, benefit=np.where(claims.heads, 9.0, 1e-3))
        _, ((of_heads,), (of_others,)) = shares_of(claims, problem, (group,))
        assert of_heads.most + of_others.most == 10
        assert (of_heads.most >= wanted[0]) if wanted[0] == 8 else (of_heads.most == 2)


def test_a_limit_of_exactly_what_is_certain_is_kept_and_one_less_is_refused():
    claims = in_parts()
    problem = problem_for(claims, (20, 21, 22, 50, 51), floor=1e-9)  # 3 + 1 and 2 + 1 audits
    members = np.arange(20, 80)
    _, ((of_heads,), (of_others,)) = shares_of(claims, problem, (Group("A", members, 7),))
    assert (of_heads.most, of_others.most) == (4, 3)
    with pytest.raises(InputError, match=r"limit of 6 audits in A .* at least 7"):
        shares_of(claims, problem, (Group("A", members, 6),))


def test_a_limit_on_one_part_alone_and_no_limit_or_part_at_all():
    claims = in_parts()
    problem = problem_for(claims)
    group = Group("A", np.arange(50, 70), 5)
    parts, (of_heads, (of_others,)) = shares_of(claims, problem, (group,))
    assert of_heads == []
    assert of_others.most == 5 and of_others.members.tolist() == list(range(10, 30))
    assert _shares((), parts[0], parts, problem, 1.0) == []
    assert _shares((group,), parts[0], parts[:1], problem, 1.0) == [group]
