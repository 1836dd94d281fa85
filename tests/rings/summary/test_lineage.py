"""Names that last: kept, new, split and merged."""

from dataclasses import replace

import pyarrow as pa

from fraud_pipeline.rings.summary.lineage import assign_ids
from fraud_pipeline.schema import RingSet
from fraud_pipeline.schema.outputs import RING_MEMBERS


def ring(*names):
    return frozenset(f"enterprise:{n}" for n in names)


def night(**rings):
    rows = [
        {"ring_id": ring_id, "party_id": p, "party_kind": "enterprise"}
        for ring_id, members in rings.items()
        for p in members
    ]
    members = pa.Table.from_pylist(rows, schema=RING_MEMBERS.arrow)
    return replace(RingSet.empty(), members=members)


def test_a_first_night_names_by_content_alone():
    a, b = assign_ids([ring("a", "b"), ring("c")], None)
    assert a[1] == b[1] == "new" and a[0] != b[0]
    assert assign_ids([ring("c"), ring("b", "a")], None) == [b, a]


def test_a_ring_that_grew_keeps_its_id():
    assert assign_ids([ring(*"abcdef")], night(R1="abcd")) == [("R1", "kept")]


def test_the_larger_part_of_a_split_keeps_the_id_and_the_other_says_whence():
    (big, first), (small, second) = assign_ids([ring(*"abcde"), ring(*"fgh")], night(R1="abcdefgh"))
    assert (big, first) == ("R1", "kept")
    assert small != "R1" and second == "split from R1"


def test_a_merger_names_its_parents():
    ((ring_id, lineage),) = assign_ids([ring(*"abcdefgh")], night(R1="abcde", R2="fgh"))
    assert ring_id == "R1" and lineage == "merged from R1, R2"


def test_a_returning_founder_does_not_take_a_name_in_use():
    ((first, _),) = assign_ids([ring("x", "y")], None)
    old = night(**{first: "pqrs"})
    ((second, lineage),) = assign_ids([ring("x", "y")], old)
    assert second != first and lineage == "new"
