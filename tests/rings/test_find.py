"""Rings: planted ones recovered, honest crowds left alone, the telling true to the tables."""

import io
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import networkx as nx
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from fraud_pipeline import rings
from fraud_pipeline.graph import build_ties
from fraud_pipeline.rings.evidence.selection import excess_nats
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.schema.outputs import TIES
from fraud_pipeline.settings import GraphSettings
from fraud_pipeline.simulate import simulate
from tests.rings.worlds import START, claims_of, market, random_groups, ring, sharing

SETTINGS = RingParameters(null_samples=19)
TABLES = ("rings", "members", "claims", "evidence")


def parties_of(found, ring_id):
    rows = found.members.filter(pc.equal(found.members["ring_id"], ring_id))
    return set(rows["party_id"].to_pylist())


def jaccard(a, b):
    return len(a & b) / len(a | b)


def planted_world(seed=1):
    trades = market(seed) + ring(8, 1, name="A") + ring(6, 2, name="B", begin=320, seed=2)
    honest = random_groups(seed, {t[0] for t in market(seed)}, [14, 10, 6, 5, 4, 3, 3, 2, 2])
    groups = [[f"AE{n}" for n in range(8)], [f"BE{n}" for n in range(6)], *honest]
    return claims_of(trades), sharing(groups)


@pytest.fixture(scope="module")
def found():
    claims, ties = planted_world()
    return rings.find(ties, claims, SETTINGS)


@pytest.fixture(scope="module")
def wuhan():
    world = simulate("wuhan", n_claims=1071, seed=11)
    ties = build_ties(world.tables, GraphSettings())
    return world, ties, rings.find(ties, world.tables["claims"], SETTINGS)


def test_planted_rings_come_first_whole_and_significant(found):
    truth = [
        {f"AE{n}" for n in range(8)} | {"AI0"},
        {f"BE{n}" for n in range(6)} | {"BI0", "BI1"},
    ]
    first = found.rings["ring_id"].to_pylist()[:2]
    shown = [parties_of(found, r) for r in first]
    assert all(max(jaccard(t, s) for s in shown) >= 0.85 for t in truth)
    assert all(p <= 0.01 for p in found.rings["p_value"].to_pylist()[:2])


def test_every_planted_ring_of_a_wuhan_world_is_shown(wuhan):
    world, _, result = wuhan
    claims = dict(zip(world.tables["claims"]["claim_id"].to_pylist(),
                      zip(world.tables["claims"]["enterprise_id"].to_pylist(),
                          world.tables["claims"]["institution_id"].to_pylist(), strict=True),
                      strict=True))  # fmt: skip
    truth = {}
    for claim, name in zip(
        world.truth["claim_id"].to_pylist(), world.truth["ring_id"].to_pylist(), strict=True
    ):
        if name:
            truth.setdefault(name, set()).update(claims[claim])
    shown = [parties_of(result, r) for r in result.rings["ring_id"].to_pylist()[:20]]
    assert {r: max(jaccard(t, s) for s in shown) >= 0.5 for r, t in truth.items()} == dict.fromkeys(
        truth, True
    )


def test_a_popular_institution_is_no_ring():
    trades = market(5) + [(f"H{n:03d}", "I000", 5000, market(5)[n][3]) for n in range(120)]
    shown = rings.find(None, claims_of(trades), SETTINGS)
    assert not any("I000" in parties_of(shown, r) for r in shown.rings["ring_id"].to_pylist())


def test_identity_without_dealing_together_is_no_ring():
    claims = claims_of(market(6))
    firms = sorted(set(claims["enterprise_id"].to_pylist()))
    ties = sharing(random_groups(1, firms, [12, 10, 8, 6]))
    shown = rings.find(ties, claims, SETTINGS)
    assert all(p > 0.05 for p in shown.rings["p_value"].to_pylist())


def test_loyal_repetition_earns_nothing():
    once = market(7)
    often = once + [once[0]] * 60 + [once[1]] * 40
    a, b = (rings.find(None, claims_of(t), SETTINGS) for t in (once, often))
    assert a.members.equals(b.members)


def test_money_back_moves_a_group_up_but_not_by_itself():
    trades = market(8) + ring(4, 1, name="M")
    claims, phone = claims_of(trades), sharing([[f"ME{n}" for n in range(4)]])
    back = pa.Table.from_pylist(
        [{"left_id": f"ME{n}", "left_kind": "enterprise", "right_id": "MI0",
          "right_kind": "institution", "kind": "money_back", "weight": 1.0, "n_claims": 1,
          "amount": Decimal(2000), "source": "payments P1"} for n in range(4)],
        schema=TIES.arrow,
    )  # fmt: skip
    scores = []
    for ties in (back, phone, pa.concat_tables([phone, back])):
        shown = rings.find(ties, claims, SETTINGS)
        mine = [r for r in shown.rings.to_pylist()
                if parties_of(shown, r["ring_id"]) >= {"ME0", "ME1", "ME2", "ME3"}]  # fmt: skip
        scores.append(mine[0]["score"] if mine else 0.0)
    assert scores[2] > scores[1] > scores[0]
    assert mine[0]["typologies"].startswith("T14")
    assert "8,000.00" in mine[0]["story_zh"] and "8,000.00" in mine[0]["story_en"]


def test_a_tenant_at_its_own_incubator_is_no_dealing_to_wonder_at():
    claims, ties = planted_world()
    tenancy = pa.Table.from_pylist(
        [{"left_id": f"AE{n}", "left_kind": "enterprise", "right_id": "AI0",
          "right_kind": "institution", "kind": "tenancy", "weight": 0.0} for n in range(8)],
        schema=TIES.arrow,
    )  # fmt: skip
    shown = rings.find(pa.concat_tables([ties, tenancy]), claims, SETTINGS)
    assert not any("AI0" in parties_of(shown, r) for r in shown.rings["ring_id"].to_pylist())


def test_the_story_is_short_and_its_numbers_are_the_tables(wuhan):
    world, _, result = wuhan
    claims = {c["claim_id"]: c for c in world.tables["claims"].to_pylist()}
    assert result.rings.num_rows >= 3
    for row in result.rings.to_pylist():
        mine = result.claims.filter(pc.equal(result.claims["ring_id"], row["ring_id"]))
        of_ring = [claims[c] for c in mine["claim_id"].to_pylist()]
        kinds = result.members.filter(pc.equal(result.members["ring_id"], row["ring_id"]))
        assert row["n_claims"] == len(of_ring)
        assert row["amount"] == sum(c["claimed_amount"] for c in of_ring)
        assert row["first_on"] == min(c["submitted_on"] for c in of_ring)
        assert row["n_enterprises"] == kinds["party_kind"].to_pylist().count("enterprise")
        assert len(row["story_en"].split()) < 120
        assert len(re.sub(r"\[E[^]]*\]", "", row["story_zh"])) < 240
        for story in (row["story_en"], row["story_zh"]):
            for number in (row["n_claims"], row["n_enterprises"], row["n_institutions"]):
                assert re.search(rf"(?<!\d){number}(?!\d)", story)
            assert f"{row['amount']:,.2f}" in story
            assert str(row["first_on"]) in story and str(row["last_on"]) in story
            assert "疑点" in story or "lead" in story


def test_row_order_does_not_matter_and_inputs_stay(found):
    claims, ties = planted_world()
    rng = np.random.default_rng(0)
    mixed = rings.find(
        ties.take(rng.permutation(ties.num_rows)),
        claims.take(rng.permutation(claims.num_rows)),
        SETTINGS,
    )
    assert all(getattr(found, t).equals(getattr(mixed, t)) for t in TABLES)
    again = planted_world()
    assert claims.equals(again[0]) and ties.equals(again[1])


def test_ids_survive_the_loss_of_a_few_claims(wuhan):
    world, _, before = wuhan
    claims = world.tables["claims"]
    certain = set(
        before.rings.filter(pc.less_equal(before.rings["p_value"], 0.05))["ring_id"].to_pylist()
    )
    kept = lost = 0
    for seed in range(2):
        rng = np.random.default_rng(seed)
        stay = np.sort(rng.permutation(claims.num_rows)[: int(claims.num_rows * 0.985)])
        fewer = world.tables.replaced(claims=claims.take(stay))
        after = rings.find(
            build_ties(fewer, GraphSettings()), fewer["claims"], SETTINGS, previous=before
        )
        ids = set(after.rings["ring_id"].to_pylist())
        kept += len(certain & ids)
        lost += len(certain - ids)
    assert kept / (kept + lost) >= 0.95


def test_exports_hold_the_members_and_parse(found):
    ring_id = found.rings["ring_id"][0].as_py()
    members = parties_of(found, ring_id)
    graphml = rings.as_graphml(found, ring_id)
    assert set(nx.parse_graphml(graphml, force_multigraph=True)) == members
    gexf = nx.read_gexf(io.BytesIO(rings.as_gexf(found, ring_id).encode()))
    assert set(gexf) == members
    assert set(rings.as_networkx(found, ring_id)) == members
    assert rings.as_gexf(found, ring_id) == rings.as_gexf(found, ring_id)
    for language in ("zh", "en"):
        text = rings.as_text(found, ring_id, language)
        assert all(m in text for m in members)
    assert all(m in rings.as_json(found, ring_id) for m in members)


def test_few_chance_worlds_are_answered_by_a_bound_that_is_not_bolder():
    claims, ties = planted_world()
    many = rings.find(ties, claims, SETTINGS.model_copy(update={"null_samples": 99}))
    few = rings.find(ties, claims, SETTINGS.model_copy(update={"null_samples": 5}))
    shared = set(many.rings["ring_id"].to_pylist()) & set(few.rings["ring_id"].to_pylist())
    assert len(shared) >= 2


def test_two_rings_of_one_season_are_two_rings():
    trades = market(9) + ring(7, 1, name="A") + ring(7, 1, name="B", seed=5)
    bridge = ("AE0", "BE0")  # one tie across is no reason to be one ring
    ties = sharing([[f"{n}E{i}" for i in range(7)] for n in "AB"], "device", 0.6)
    ties = pa.concat_tables([ties, sharing([bridge], "agent", 0.3)])
    shown = rings.find(ties, claims_of(trades), SETTINGS)
    truth = [{f"{n}E{i}" for i in range(7)} | {f"{n}I0"} for n in "AB"]
    found = [parties_of(shown, r) for r in shown.rings["ring_id"].to_pylist()]
    assert all(max(jaccard(t, f) for f in found) == 1.0 for t in truth)


def test_a_faint_ring_of_the_night_before_stays_and_a_new_one_does_not_come():
    claims, ties = claims_of(market(1) + ring(7, 2)), sharing([[f"RE{n}" for n in range(7)]])
    shown = rings.find(ties, claims, SETTINGS)
    strict = SETTINGS.model_copy(update={"min_excess": 1e9})
    assert rings.find(ties, claims, strict).rings.num_rows == 0
    stays = rings.find(ties, claims, strict, previous=shown)
    assert stays.rings["ring_id"].to_pylist() == shown.rings["ring_id"].to_pylist()
    other = replace(shown, members=shown.members.slice(0, 1))
    assert rings.find(ties, claims, strict, previous=other).rings.num_rows == 0


def test_an_ordinary_set_needs_further_evidence_twice_over():
    maxima = np.array([-1.0, 0.0, 1.0])
    structure_nats, further = np.array([3.0, -3.0, -3.0, 0.0]), np.array([1.0, 3.0, 8.0, 2.0])
    assert excess_nats(structure_nats, further, maxima).tolist() == [4.0, -3.0, 2.0, 2.0]


def test_what_is_left_of_a_market_beside_a_dense_part_is_no_ring():
    rng = np.random.default_rng(1)
    trades = [(f"D{rng.integers(90)}", f"S{rng.integers(31)}", 5000,
               START + timedelta(int(rng.integers(360)))) for _ in range(400)]  # fmt: skip
    trades += ring(10, 4, name="Q")
    shown = rings.find(claims_of(trades).drop_columns(["claim_id"]), SETTINGS)
    assert shown.rings["n_enterprises"].to_pylist() == [10]
