"""One hash chain for the ledger and the workbench's log: what it finds, and the hashes of old chains."""

import dataclasses

import pytest

from fraud_pipeline.store import hash_chain, ledger
from fraud_pipeline.store.hash_chain import Link, Receipt
from fraud_pipeline.workbench.db import audit_log


def chain(*contents):
    """Intact links with these contents, in order."""
    links, previous = [], ""
    for number, content in enumerate(contents, start=1):
        digest = hash_chain.content_hash(f"{content}{previous}")
        links.append(Link(number, previous, digest, digest))
        previous = digest
    return links


LINKS = chain("a", "b", "c")
END = Receipt(3, LINKS[2].hash)


def test_an_intact_chain_and_its_receipt():
    checked = hash_chain.check(LINKS, END)
    assert (checked.intact, checked.broken_at, checked.fault, checked.end) == (3, None, None, END)
    assert checked.receipt_found
    assert hash_chain.check([]) == hash_chain.ChainCheck(0, None, None, None, True)


@pytest.mark.parametrize(
    ("links", "broken_at", "fault"),
    [
        (LINKS[1:], 1, hash_chain.MISSING),
        ([LINKS[0], LINKS[2]], 2, hash_chain.MISSING),
        ([LINKS[0], dataclasses.replace(LINKS[1], previous="0")], 2, hash_chain.UNLINKED),
        ([dataclasses.replace(LINKS[0], previous="0")], 1, hash_chain.UNLINKED),
        ([*LINKS[:2], dataclasses.replace(LINKS[2], recomputed="0")], 3, hash_chain.CHANGED),
    ],
)
def test_the_first_broken_record_is_named(links, broken_at, fault):
    checked = hash_chain.check(links)
    assert (checked.broken_at, checked.fault, checked.intact) == (broken_at, fault, broken_at - 1)


def test_a_cut_off_end_shows_only_against_a_receipt():
    assert hash_chain.check(LINKS[:2]).fault is None
    assert not hash_chain.check(LINKS[:2], END).receipt_found
    assert not hash_chain.check(LINKS, Receipt(3, LINKS[1].hash)).receipt_found
    assert hash_chain.check(LINKS, Receipt(1, LINKS[0].hash)).receipt_found


def test_the_hashes_of_chains_on_disk_stay_as_they_are():
    """Computed by the code before ledger and log shared an implementation."""
    first = ledger.Line(1, "2026-01-02T03:04:05+00:00", "run", "20200131-0123456789abcdef",
                        "ab" * 32, "", "")  # fmt: skip
    assert first.digest() == "b0c1a7daa5009a8550e24da0133bc1de043478e00fe86e2651d3868af72a6aec"
    second = ledger.Line(2, "2026-01-02T03:04:06+00:00", "decisions", "3:çé", "cd" * 32,
                         first.digest(), "")  # fmt: skip
    assert second.digest() == "9d046c21bcc68802684f57c00601c46ed17411b26d01ea6e6d9e5145bcabdc13"
    lines = [dataclasses.replace(line, hash=line.digest()) for line in (first, second)]
    assert ledger.fault(lines) is None
    row = {
        "seq": 1, "at": "2026-01-02T03:04:05+00:00", "user_id": 7, "who": "王敏",
        "action": "decide", "subject": "C1", "detail": '{"verdict": "属实"}', "previous": "",
    }  # fmt: skip
    assert audit_log.digest(row) == (
        "644b8a88743552639c2e46514b6a3ad413582c3048e9a00bdda3a95846a9a8dd"
    )
