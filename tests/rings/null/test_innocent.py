"""Chance keeps what is innocent: regions with suppliers of their own, groups of companies."""

import os
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binomtest

from benchmarks.rings_null import least_p_values
from fraud_pipeline import rings
from fraud_pipeline.rings.graph.parties import build
from fraud_pipeline.rings.null.rewiring import rewired
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.seeds import all_seeds
from fraud_pipeline.rings.search.tasks import local_search
from fraud_pipeline.schema.outputs import TIES
from tests.rings.worlds import START, claims_of, market, ring, sharing

SETTINGS = RingParameters(null_samples=29)


def town(firms=14):
    """A town's firms buy at its two suppliers, nearly always."""
    rng = np.random.default_rng(4)
    return [
        (f"TE{n}", f"TI{k}", 5000, START + timedelta(int(rng.integers(0, 540))))
        for n in range(firms)
        for k in range(2)
    ]


def in_regions(trades):
    """Claim ties that say where firms sit: those named T in a town, the others in the city."""
    pairs = sorted({(t[0], t[1]) for t in trades})
    rows = [
        {"left_id": f, "left_kind": "enterprise", "right_id": i, "right_kind": "institution",
         "kind": "claim", "weight": 0.3, "detail": "town" if f.startswith("T") else "city"}
        for f, i in pairs
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=TIES.arrow)


def test_a_town_at_its_own_suppliers_is_no_ring_whether_the_town_is_known_or_not(monkeypatch):
    """Without regions the town is learned from who deals with whom; one market alone shows it."""
    trades = market(2) + town()
    blind = rings.find(None, claims_of(trades), SETTINGS)
    for found in (blind, rings.find(in_regions(trades), claims_of(trades), SETTINGS)):
        assert all(p > 0.05 for p in found.rings["p_value"].to_pylist())
    monkeypatch.setattr("fraud_pipeline.rings.graph.parties.within_segments", lambda web, seed: web)
    one_market = rings.find(None, claims_of(trades), SETTINGS)
    assert one_market.rings["p_value"][0].as_py() <= 0.01


def test_a_ring_within_a_city_is_found_however_many_regions_there_are():
    trades = market(2) + town() + ring(8, 1, name="A")
    ties = pa.concat_tables([in_regions(trades), sharing([[f"AE{n}" for n in range(8)]])])
    found = rings.find(ties, claims_of(trades), SETTINGS)
    top = found.members.slice(0).to_pylist()
    first = found.rings["ring_id"][0].as_py()
    assert {r["party_id"] for r in top if r["ring_id"] == first} == {
        *(f"AE{n}" for n in range(8)), "AI0"
    }  # fmt: skip
    assert found.rings["p_value"][0].as_py() <= 0.01


def test_chance_keeps_what_each_region_buys():
    trades = market(2) + town()
    web = build(in_regions(trades), claims_of(trades), SETTINGS).graph
    other = rewired(web, np.random.default_rng(1))

    def by_region(w):
        firm = np.repeat(np.arange(w.n_enterprises), np.diff(w.enterprise_ptr))
        return sorted(
            zip(w.enterprise_region[firm].tolist(), w.enterprise_season.tolist(), w.enterprise_institution.tolist(),
                strict=True)
        )  # fmt: skip

    assert by_region(web) == by_region(other)
    assert (web.enterprise_institution != other.enterprise_institution).any()


def test_one_region_weighs_as_none():
    trades = market(2) + ring(8, 2, name="A")
    everywhere = in_regions(trades)
    webs = [build(t, claims_of(trades), SETTINGS).graph for t in (None, everywhere)]
    webs.append(webs[1]._replace(  # a second region in which nobody sits changes nothing
        region_total=np.column_stack([webs[1].region_total, np.zeros(webs[1].n_seasons, np.int64)])
    ))  # fmt: skip
    best = [
        max(c.structure_nats for c in local_search(w, all_seeds(w, SETTINGS), SETTINGS))
        for w in webs
    ]
    assert best[0] == best[1] == pytest.approx(best[2])


def test_a_group_of_companies_decides_once():
    trades = market(2) + ring(8, 1, name="G")
    crew = [f"GE{n}" for n in range(8)]
    shared = sharing([crew])
    held = sharing([crew], "group", 0.0)
    found = rings.find(shared, claims_of(trades), SETTINGS)
    assert found.rings["p_value"][0].as_py() <= 0.01
    grouped = rings.find(pa.concat_tables([shared, held]), claims_of(trades), SETTINGS)
    assert not set(crew) & set(grouped.members["party_id"].to_pylist())
    web = build(held, claims_of(trades), SETTINGS)
    assert len(set(crew) & set(web.ids)) == 1


@pytest.mark.long
def test_nothing_is_certified_where_there_is_no_fraud():
    """At 5 % no more than chance allows; the full size is benchmarks/rings_null.py."""
    worlds = 12 if os.environ.get("FRAUD_LONG") == "reduced" else 80
    errors = int((least_p_values(worlds, 70_000, (300,)) <= 0.05).sum())
    assert binomtest(errors, worlds, 0.05, alternative="greater").pvalue > 0.005
