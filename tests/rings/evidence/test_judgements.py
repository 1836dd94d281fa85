"""What people judged about members is honoured until something newer speaks."""

from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from fraud_pipeline import rings
from fraud_pipeline.rings.evidence.judgements import Judgement, known_by
from fraud_pipeline.rings.parameters import RingParameters
from tests.rings.worlds import START, claims_of, market, ring, sharing

SETTINGS = RingParameters(null_samples=9)
CREW = [f"RE{n}" for n in range(6)]
DECIDED = START + timedelta(300)  # the ring filed between days 200 and 230


def search(judged=(), more=(), previous=None, ties=None):
    trades = market(1) + ring(6, 2) + list(more)
    ties = sharing([CREW]) if ties is None else ties
    return rings.find(ties, claims_of(trades), SETTINGS, previous, judgements=judged)


@pytest.fixture(scope="module")
def before():
    found = search()
    return found, found.rings["ring_id"][0].as_py()


def parties(found, ring_id):
    rows = found.members.filter(pc.equal(found.members["ring_id"], ring_id))
    return set(rows["party_id"].to_pylist())


def told(found, ring_id):
    rows = found.evidence.filter(pc.equal(found.evidence["ring_id"], ring_id)).to_pylist()
    return [r["sentence_en"].split(" ", 1)[1] for r in rows if r["kind"] == "judgement"]


def test_taken_out_stays_out_and_the_ring_is_weighed_anew(before):
    found, ring_id = before
    out = Judgement(ring_id, "RE0", "remove", DECIDED)
    later = search([out], previous=found)
    assert parties(later, ring_id) == parties(found, ring_id) - {"RE0"}
    assert told(later, ring_id) == [
        f"RE0 was taken out by a judgement of {DECIDED}; nothing newer ties it"
    ]
    old, new = (f.rings.filter(pc.equal(f.rings["ring_id"], ring_id)).to_pylist()[0]
                for f in (found, later))  # fmt: skip
    assert new["lineage"] == "kept" and new["n_claims"] == old["n_claims"] - 2
    assert new["p_value"] > old["p_value"] and new["score"] < old["score"]
    assert parties(search([out], previous=later), ring_id) == parties(later, ring_id)


def test_a_newer_claim_or_tie_brings_it_back_and_says_so(before):
    found, ring_id = before
    out = [Judgement(ring_id, "RE0", "remove", DECIDED)]
    day = DECIDED + timedelta(5)
    claimed = search(out, [("RE0", "RI0", 5000, day)], found)
    assert "RE0" in parties(claimed, ring_id)
    assert told(claimed, ring_id)[0].endswith(f"is back for evidence of {day}")
    elsewhere = search(out, [("RE0", "I001", 5000, day)], found)  # not at a member's
    assert "RE0" not in parties(elsewhere, ring_id)
    known = sharing([["RE0", "RE1"]], "bank_account", 1.0)
    known = known.set_column(
        known.schema.get_field_index("known_on"), "known_on", pa.array([day], pa.date32())
    )
    tied = search(out, previous=found, ties=pa.concat_tables([sharing([CREW]), known]))
    assert "RE0" in parties(tied, ring_id)


def test_put_in_stays_in_if_it_deals_at_all(before):
    found, ring_id = before
    stranger = "E0001"
    into = [
        Judgement(ring_id, stranger, "add", DECIDED),
        Judgement(ring_id, "NOBODY", "add", DECIDED),
    ]
    later = search(into, previous=found)
    assert parties(later, ring_id) == parties(found, ring_id) | {stranger}
    assert told(later, ring_id) == [f"{stranger} was put in by a judgement of {DECIDED}"]


def test_a_ring_of_which_nothing_is_left_is_shown_no_more(before):
    found, ring_id = before
    out = [Judgement(ring_id, party, "remove", DECIDED) for party in CREW[:5]]
    assert ring_id not in search(out, previous=found).rings["ring_id"].to_pylist()


def test_judgements_about_other_rings_change_nothing(before):
    _found, _ = before
    other = [Judgement("R-0000000000", "RE0", "remove", DECIDED)]
    assert search(other).members.equals(search().members)


def test_the_last_judgement_known_on_the_day_holds():
    days = [date(2016, 1, d) for d in (1, 5, 9)]
    rows = [Judgement("R-1", "E1", action, day)
            for action, day in zip(("remove", "add", "remove"), days, strict=True)]  # fmt: skip
    assert known_by(rows, date(2015, 12, 31)) == ()
    assert [j.action for d in days for j in known_by(rows, d)] == ["remove", "add", "remove"]
    assert Judgement.of_row(rows[0].as_row()) == rows[0]
