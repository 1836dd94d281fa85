"""Institutions used for cover are told from a ring's own by how densely its firms use them."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud_pipeline.rings.graph.parties import build
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.pruning import n_denser, prune
from fraud_pipeline.schema.outputs import TIES
from tests.rings.worlds import claims_of, ring, sharing


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 30), st.integers(5, 80), st.floats(0.05, 1.0))
def test_one_density_is_hardly_ever_cut(seed, insts, firms, density):
    used = np.sort(np.random.default_rng(seed).binomial(firms, density, insts))[::-1]
    kept = n_denser(used, firms)
    assert 1 <= kept <= insts
    assert kept == insts or used[:kept].mean() > used[kept:].mean()


def test_chance_alone_seldom_looks_like_two_densities():
    rng = np.random.default_rng(5)
    cut = [n_denser(np.sort(rng.binomial(30, 0.4, 12))[::-1], 30) < 12 for _ in range(400)]
    assert np.mean(cut) < 0.05


def test_cover_is_cut_off_where_it_is_much_thinner():
    used = np.array([24, 22, 21, 20, 18, 4, 3, 3, 2, 2, 2, 1])
    assert n_denser(used, 40) == 5


def web(trades, ties=None):
    return build(ties, claims_of(trades), RingParameters())


def cover():
    """Ten firms at four institutions of theirs, one firm each at five others."""
    return ring(10, 4) + [(f"RE{n}", f"COVER{n % 5}", 900, ring(10, 4)[n][3]) for n in range(5)]


def names(parties, nodes):
    return {parties.ids[n] for n in nodes}


def test_cover_leaves_the_set_and_the_firms_stay():
    parties = web(cover())
    left = names(parties, prune(parties.graph, tuple(range(len(parties.ids)))))
    assert left == {f"RE{n}" for n in range(10)} | {f"RI{n}" for n in range(4)}


def test_an_institution_tied_to_a_member_stays_and_two_are_never_cut():
    tie = sharing([["RE0", "COVER0"]]).to_pylist()[0]
    tie |= {"left_id": "RE0", "right_id": "COVER0", "right_kind": "institution"}
    parties = web(cover(), pa.Table.from_pylist([tie], schema=TIES.arrow))
    left = names(parties, prune(parties.graph, tuple(range(len(parties.ids)))))
    assert "COVER0" in left and "COVER1" not in left
    parties = web([*ring(9, 1), ("RE0", "OTHER", 900, ring(9, 1)[0][3])])
    everything = tuple(range(len(parties.ids)))
    assert prune(parties.graph, everything) == everything
