"""The part of a claim that audits disallow."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from fraud_pipeline.risk.local import lost_share
from fraud_pipeline.schema import INPUT_TABLES, Tables


def tables(claimed, disallowed, verdicts):
    ids = [f"C{k}" for k in range(len(claimed))]
    claims = INPUT_TABLES["claims"].conform(
        pa.table({"claim_id": ids, "claimed_amount": [Decimal(c) for c in claimed]})
    )
    outcomes = INPUT_TABLES["outcomes"].conform(pa.table({
        "outcome_id": ids, "claim_id": ids, "decided_on": [date(2020, 1, 1)] * len(ids),
        "verdict": verdicts,
        "disallowed_amount": pa.array([None if d is None else Decimal(d) for d in disallowed]),
    }))  # fmt: skip
    return Tables({"claims": claims, "outcomes": outcomes})


@pytest.mark.parametrize(
    ("claimed", "disallowed", "verdicts", "share"),
    [
        ([100, 300], [50, 150], ["fraud", "irregular"], 0.5),
        (
            [100, 300],
            [50, 0],
            ["fraud", "clean"],
            0.5,
        ),  # a clean claim loses nothing and says nothing
        ([100, 300], [50, None], ["fraud", "irregular"], 0.5),  # unknown is not zero
        ([100], [200], ["fraud"], 1.0),
        ([100], [None], ["fraud"], 1.0),
    ],
)
def test_the_share_lost_is_what_audits_disallowed(claimed, disallowed, verdicts, share):
    assert lost_share(tables(claimed, disallowed, verdicts)) == pytest.approx(share)
