"""Claims handed in through the API: checked as a file would be, kept, and read by the next run."""

import json

import pytest
import sqlalchemy as sa

from fraud_pipeline import ingest
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.store.sources import open_sources
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.workbench.auth.permissions import Scope
from fraud_pipeline.workbench.db import tables as t
from tests.workbench.exchange.test_api import bearer, token

CLAIM = {
    "claim_id": "NEW1", "programme": "wuhan", "enterprise_id": "91420100MA4K000011",
    "institution_id": "12420000000000001X", "service_type": "testing", "contract_amount": "2000.00",
    "claimed_amount": 1000, "submitted_on": "2017-07-03", "contact_phone": "13812341234",
}  # fmt: skip


def hand_in(signed, head, **tables):
    return signed("leader").post("/api/v1/claims", headers=head, json=tables)


@pytest.fixture
def head(signed):
    return bearer(token(signed, Scope.CLAIMS_IN))


def test_claims_are_taken_once_and_lie_where_the_next_run_reads(app_state, signed, head, tmp_path):
    answer = hand_in(signed, head, claims=[CLAIM])
    assert (answer.status_code, answer.json()) == (202, {"new": 1, "known": 0})
    assert hand_in(signed, head, claims=[CLAIM]).json() == {"new": 0, "known": 1}
    later = {**CLAIM, "claimed_amount": "900"}
    assert hand_in(signed, head, claims=[later]).json() == {"new": 1, "known": 0}
    app_state.workspace = Workspace(tmp_path)
    app_state.publish_outcomes()
    loaded = ingest.load(open_sources(str(tmp_path / "decisions"), ingest.stems(None)), IngestSettings(),
                         known_programmes={"wuhan": "CNY"})  # fmt: skip
    rows = loaded.tables["claims"].to_pylist()
    assert [(r["claim_id"], str(r["claimed_amount"])) for r in rows] == [("NEW1", "900.00")]
    assert loaded.quarantine.num_rows == 0


def test_all_rows_or_none_and_each_fault_is_named(app_state, signed, head):
    bad = {**CLAIM, "claim_id": "NEW2", "submitted_on": "yesterday", "service_type": "8000"}
    answer = hand_in(signed, head, claims=[CLAIM, bad])
    assert answer.status_code == 422
    faults = {(p["row"], p["column"]) for p in answer.json()["problems"]}
    assert {(2, "submitted_on"), (2, "service_type")} == faults
    with app_state.db.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(t.RECEIVED)).scalar() == 0


@pytest.mark.parametrize(
    ("tables", "expected"),
    [({}, "no claim"), ({"claims": []}, "no claim"), ({"outcomes": [{}]}, "unknown table"),
     ({"claims": "x"}, "list of objects"), ({"claims": [{**CLAIM, "x": 1}]}, "no column x"),
     ({"claims": [{**CLAIM, "quantity": [1]}]}, "must be text"),
     ({"claims": [{**CLAIM, "unit": "\u0007"}]}, "cannot be printed"),
     ({"claims": [{"claim_id": "N"}]}, "programme"),
     ({"claims": [{**CLAIM, "programme": "nowhere"}]}, "cannot be used")],
)  # fmt: skip
def test_what_cannot_be_taken_is_said(signed, head, tables, expected):
    answer = hand_in(signed, head, **tables)
    assert answer.status_code == 422, answer.text
    assert expected in json.dumps(answer.json(), ensure_ascii=False)


def test_more_than_agreed_is_too_large(signed, head):
    answer = signed("leader").post("/api/v1/claims", headers=head, content=b" " * (5 << 20))
    assert answer.status_code == 413
    many = [{**CLAIM, "claim_id": f"N{k}"} for k in range(2_001)]
    assert "2000" in hand_in(signed, head, claims=many).json()["detail"]
