"""Structure alone is no ring: what is shared, and with whom else, decides what is shown."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline import rings
from fraud_pipeline.rings.choose import choose, known_numbers
from fraud_pipeline.rings.exclusive import shared_values, stars
from fraud_pipeline.rings.further import marked
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.parties import build
from tests.rings.worlds import START, claims_of, market, random_groups, ring, sharing

SETTINGS = RingParameters()


def two_sectors(seed):
    """600 honest claims in two sectors of 60 enterprises and 20 institutions that do not trade
    with each other; within each everybody buys from everybody."""
    rng = np.random.default_rng(seed)
    return [
        (f"{sector}{rng.integers(60):03d}", f"{sector}I{rng.integers(20):02d}", 5000,
         START + timedelta(int(rng.integers(540))))
        for sector in "AB" for _ in range(300)
    ]  # fmt: skip


def enterprises(trades, head=""):
    return sorted({e for e, *_ in trades if e.startswith(head)})


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_two_sectors_are_no_rings_whoever_keeps_their_books(seed):
    trades = two_sectors(seed)
    bookkeepers = random_groups(seed, enterprises(trades, "A"), [20, 8, 2, 2, 2])
    bookkeepers += random_groups(seed, enterprises(trades, "B"), [15, 3, 2, 2])
    claims, ties = claims_of(trades), sharing(bookkeepers)
    parties = build(ties, claims, SETTINGS)
    money = known_numbers(parties, ties)
    by_structure, _ = choose(parties, money, marked(parties, claims, ties), SETTINGS)
    assert by_structure, "structure and ties alone show the sectors, or this test shows nothing"
    assert rings.find(ties, claims, SETTINGS).rings.num_rows == 0


def test_a_market_without_any_tie_has_no_ring():
    assert rings.find(sharing([]), claims_of(two_sectors(6)), SETTINGS).rings.num_rows == 0


def test_the_same_group_is_a_ring_if_its_phone_is_its_own_and_none_if_the_phone_is_everybodys():
    honest = market(11)
    trades = honest + ring(6)
    members = [f"RE{k}" for k in range(6)]
    own = rings.find(sharing([members]), claims_of(trades), SETTINGS)
    assert own.members.filter(pa.compute.equal(own.members["party_kind"], "enterprise"))[
        "party_id"
    ].to_pylist() == sorted(members)
    # a bookkeeper of 24 more enterprises that buy all over town, some of them like the six
    clients = [*members, *enterprises(honest)[:24]]
    busy = [(e, "I000", a, d) for e, _, a, d in ring(6)]
    everybodys = rings.find(sharing([clients]), claims_of(honest + busy), SETTINGS)
    assert everybodys.rings.num_rows == 0


def test_clients_with_a_value_of_their_own_are_a_candidate_without_a_dense_group():
    """Six claims in six seasons at a busy institution: nothing dense, but one phone."""
    honest = market(12)
    slow = [(f"SE{k}", "I000", 5000, START.replace(month=1 + 2 * k)) for k in range(6)]
    ties = sharing([[f"SE{k}" for k in range(6)]])
    parties = build(ties, claims_of(honest + slow), SETTINGS)
    found = stars(shared_values(parties, ties), 3)
    named = [sorted(parties.ids[n] for n in nodes) for nodes in found]
    assert named == [["I000", *(f"SE{k}" for k in range(6))]]


def test_rows_in_another_order_give_the_same_answer():
    trades = market(13) + ring(5)
    ties = sharing([[f"RE{k}" for k in range(5)], ["E0001", "E0002"]])
    claims = claims_of(trades)
    order = np.random.default_rng(1).permutation(claims.num_rows)
    turned = np.random.default_rng(2).permutation(ties.num_rows)
    one = rings.find(ties, claims, SETTINGS)
    other = rings.find(ties.take(turned), claims.take(order), SETTINGS)
    assert one.rings.equals(other.rings)
    assert one.rings.num_rows == 1


def slow_ring():
    """Six claims in six seasons at a busy institution, and the ties of their one phone."""
    slow = [(f"SE{k}", "I000", 5000, START.replace(month=1 + 2 * k)) for k in range(6)]
    return claims_of(market(12) + slow), sharing([[f"SE{k}" for k in range(6)]])


def test_a_ring_without_a_dense_group_says_what_it_is_shown_for():
    claims, ties = slow_ring()
    found = rings.find(ties, claims, SETTINGS).rings.to_pylist()
    (ring_,) = [r for r in found if r["n_enterprises"] == 6]
    assert ring_["p_value"] > 0.5
    assert "The pattern of trade by itself is ordinary" in ring_["story_en"]
    assert "往来结构本身并不异常" in ring_["story_zh"]


def test_members_that_people_took_out_do_not_take_the_evidence_along():
    claims, ties = slow_ring()
    before = rings.find(ties, claims, SETTINGS)
    (ring_id,) = before.rings["ring_id"].to_pylist()
    out = rings.Judgement(ring_id, "SE5", "remove", date(2017, 7, 1))
    after = rings.find(ties, claims, SETTINGS, before, judgements=[out])
    assert after.rings["n_enterprises"].to_pylist() == [5]
    assert after.rings["score"][0].as_py() > 0.5
