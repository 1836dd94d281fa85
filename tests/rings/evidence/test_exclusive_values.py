"""Structure alone is no ring: what is shared, and with whom else, decides what is shown."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline import rings
from fraud_pipeline.rings.evidence.exclusive_values import shared_values, stars
from fraud_pipeline.rings.evidence.selection import select_rings
from fraud_pipeline.rings.evidence.supporting import find_marks
from fraud_pipeline.rings.graph import parties
from fraud_pipeline.rings.graph.parties import build
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.candidates import money_back_pairs
from tests.rings.worlds import START, claims_of, market, random_groups, ring, sharing

SETTINGS = RingParameters(null_samples=19)  # the fewest that reach a p-value of 0.05


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


def structural(trades, ties):
    """What structure alone shows."""
    claims = claims_of(trades)
    graph = build(ties, claims, SETTINGS)
    return select_rings(
        graph, money_back_pairs(graph, ties), find_marks(graph, claims, ties), SETTINGS
    )[0]


@pytest.mark.parametrize("seed", [3, *(pytest.param(s, marks=pytest.mark.long) for s in (4, 5))])
def test_two_sectors_are_no_rings_whoever_keeps_their_books(seed, monkeypatch):
    trades = two_sectors(seed)
    bookkeepers = random_groups(seed, enterprises(trades, "A"), [20, 8, 2, 2, 2])
    bookkeepers += random_groups(seed, enterprises(trades, "B"), [15, 3, 2, 2])
    ties = sharing(bookkeepers)
    assert rings.find(ties, claims_of(trades), SETTINGS).rings.num_rows == 0
    assert not structural(trades, ties), "the null model keeps the sectors"
    monkeypatch.setattr(parties, "within_segments", lambda graph, seed: graph)
    assert structural(trades, ties), "a null model without sectors does not know them"


@pytest.mark.parametrize("seed", range(4))
def test_the_company_that_bookkeepers_usually_keep_is_measured(seed):
    """Clients of every bookkeeper buy within their block more than elsewhere; else they do not."""
    trades = two_sectors(seed)
    sectors = [random_groups(seed, enterprises(trades, s), [12, 12, 12, 12]) for s in "AB"]
    mixed = random_groups(seed, enterprises(trades), [12] * 8)
    one_region = partial(replace_regions, claims_of(trades))
    assert 1.6 < one_region(sharing([*sectors[0], *sectors[1]])) < 2.5, "two sectors: twice"
    assert one_region(sharing(mixed)) < 1.3
    assert one_region(sharing(sectors[0][:1])) == 1.0, "one value makes no habit"


def replace_regions(claims, ties):
    """The usual company where nobody has learned the segments."""
    built = build(ties, claims, SETTINGS)
    graph = built.graph
    graph = graph._replace(
        enterprise_region=np.zeros_like(graph.enterprise_region),
        region_total=graph.region_total.sum(axis=1, keepdims=True),
    )
    return shared_values(replace(built, graph=graph), ties).habit


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
    built = build(ties, claims_of(honest + slow), SETTINGS)
    found = stars(shared_values(built, ties), 3)
    named = [sorted(built.ids[n] for n in nodes) for nodes in found]
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
