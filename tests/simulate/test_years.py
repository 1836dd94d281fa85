"""Fraudsters who learn: what was caught becomes rarer, what was not more common."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.simulate import Caught, FraudMix, adapt, simulate_years


def looking_for(*typologies):
    def audits(world):
        wanted = pc.is_in(world.truth["typology"], value_set=pa.array(typologies))
        return world.truth["claim_id"].filter(wanted).to_pylist()

    return audits


def count(world, typology):
    return pc.sum(pc.equal(world.truth["typology"], typology)).as_py() or 0


def test_what_is_caught_every_year_becomes_rarer():
    worlds = list(simulate_years("wuhan", 1071, 5, 3, looking_for("T04")))
    assert [count(w, "T04") for w in worlds] == sorted(
        (count(w, "T04") for w in worlds), reverse=True
    )
    assert count(worlds[2], "T04") < 0.4 * count(worlds[0], "T04")
    assert count(worlds[2], "T18") >= count(worlds[0], "T18")


def test_without_audits_fraud_stays_as_it_is():
    worlds = list(simulate_years("shanxi", 600, 5, 2, lambda world: ()))
    assert [count(w, "T04") for w in worlds] == [count(worlds[0], "T04")] * 2


def test_years_follow_one_another_and_parties_stay():
    first, second = simulate_years("wuhan", 600, 9, 2)
    days = [w.tables["claims"]["submitted_on"] for w in (first, second)]
    assert pc.max(days[0]).as_py() < pc.min(days[1]).as_py()
    ids = [set(w.tables["enterprises"]["enterprise_id"].to_pylist()) for w in (first, second)]
    assert ids[0] == ids[1]


def test_who_was_found_out_takes_no_part_next_year():
    first, second = simulate_years("wuhan", 1071, 9, 2, looking_for("T01"))
    shells = first.roles.filter(pc.equal(first.roles["role"], "complicit_institution"))
    rings = first.truth.filter(pc.equal(first.truth["typology"], "T01"))["ring_id"].unique()
    caught = set(
        shells.filter(pc.is_in(shells["ring_id"], value_set=rings))["party_id"].to_pylist()
    )
    assert caught and not caught & set(second.roles["party_id"].to_pylist())


def test_rings_grow_wary_only_when_they_are_caught():
    seen = Caught({"T01": (20, 10), "T13": (20, 6), "T14": (5, 2)}, {"testing": (10, 0)})
    mix, camouflage = adapt(FraudMix(), 0, seen)
    assert camouflage == 1
    assert sum(p.enterprises for p in mix.rings) < sum(p.enterprises for p in FraudMix().rings)
    assert adapt(FraudMix(), 0, Caught({"T01": (20, 0)}, {}))[1] == 0
    assert adapt(FraudMix(), 2, seen)[1] == 2


def test_services_that_auditors_watch_are_avoided():
    seen = Caught({}, {"testing": (10, 8), "trademark": (10, 0), "novelty_search": (10, 1)})
    assert adapt(FraudMix(), 0, seen)[0].avoid == ("testing",)


def test_the_mass_of_fraud_moves_and_shrinks_a_little():
    mix = FraudMix()
    seen = Caught({"T04": (30, 30)}, {})
    share = adapt(mix, 0, seen)[0].share
    assert share["T04"] == pytest.approx(0.3 * mix.share["T04"])
    assert 0.7 * sum(mix.share.values()) < sum(share.values()) < sum(mix.share.values())
    assert all(share[t] > mix.share[t] for t in mix.share if t != "T04")


@pytest.mark.parametrize("arguments", [("atlantis", 10, 1, 1), ("wuhan", 10, 1, 0)])
def test_what_cannot_be_made_is_refused_in_one_line(arguments):
    with pytest.raises(FraudPipelineError) as refused:
        list(simulate_years(*arguments))
    assert "\n" not in str(refused.value)
