"""A ring leaves the house as GraphML, GEXF, FollowTheMoney, JSON or CSV, all of one content."""

import csv
import io
import json

import networkx as nx
import pyarrow.compute as pc
import pytest

from fraud_pipeline import rings
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.rings.parameters import RingParameters
from tests.rings.worlds import claims_of, market, ring, sharing


@pytest.fixture(scope="module")
def found():
    trades = market(1) + ring(7, 2, name="=R")
    ties = sharing([[f"=RE{n}" for n in range(7)]])
    return rings.find(ties, claims_of(trades), RingParameters(null_samples=9))


@pytest.fixture(scope="module")
def ring_id(found):
    return found.rings["ring_id"][0].as_py()


def members_of(found, ring_id):
    rows = found.members.filter(pc.equal(found.members["ring_id"], ring_id))
    return set(rows["party_id"].to_pylist())


def test_the_ending_decides_and_bytes_are_the_same_twice(found, ring_id):
    for name in ("r.graphml", "r.GEXF", "r.ftm.json", "r.ftm", "r.json", "r.csv"):
        assert rings.export(found, ring_id, name) == rings.export(found, ring_id, name) != b""
    members = members_of(found, ring_id)
    graphml = rings.export(found, ring_id, "a/b.graphml").decode()
    assert set(nx.parse_graphml(graphml, force_multigraph=True)) == members
    assert set(nx.read_gexf(io.BytesIO(rings.export(found, ring_id, "b.gexf")))) == members


@pytest.mark.parametrize("name", ["r.xml", "graphml", ""])
def test_another_ending_is_refused_in_one_line(found, ring_id, name):
    with pytest.raises(SettingsError, match="ending of the file decides") as error:
        rings.export(found, ring_id, name)
    assert "\n" not in str(error.value)


def test_follow_the_money_links_only_its_own_parties(found, ring_id):
    entities = [json.loads(line) for line in
                rings.export(found, ring_id, "r.ftm.json").decode().splitlines()]  # fmt: skip
    ids = [e["id"] for e in entities]
    assert len(ids) == len(set(ids))
    assert all(isinstance(v, list) and all(isinstance(x, str) for x in v)
               for e in entities for v in e["properties"].values())  # fmt: skip
    parties = {e["id"]: e["properties"]["name"][0] for e in entities
               if e["schema"] in ("Company", "Organization")}  # fmt: skip
    assert set(parties.values()) == members_of(found, ring_id)
    links = [e for e in entities if e["schema"] == "UnknownLink"]
    assert {"claim", "phone"} <= {e["properties"]["role"][0] for e in links}
    for e in links:
        assert {e["properties"]["subject"][0], e["properties"]["object"][0]} <= set(parties)


def test_csv_has_every_row_and_no_formula(found, ring_id):
    text = rings.export(found, ring_id, "r.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert not any(v.startswith(("=", "+", "-", "@")) for r in rows for v in r.values() if v)
    counts = {k: sum(r["record"] == k for r in rows) for k in ("member", "claim", "evidence")}
    ring = found.rings.to_pylist()[0]
    assert counts["claim"] == ring["n_claims"]
    assert counts["member"] == ring["n_enterprises"] + ring["n_institutions"]
    assert counts["evidence"] == pc.sum(pc.equal(found.evidence["ring_id"], ring_id)).as_py()
