"""From the API and the page to the next run: a claim scored before payment, a verdict that is a label."""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.compute as pc
import pytest

from fraud_pipeline.engine.runner import Request, score
from fraud_pipeline.risk.labels import labels_of
from fraud_pipeline.store import runs
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.store.workspace import locked
from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth.permissions import Scope
from tests.workbench.conftest import sign_in, staffed
from tests.workbench.exchange.test_api import bearer, token

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def full_run(wuhan_run, tmp_path_factory):
    """A workspace with a real run, and the workbench over it."""
    workspace = Path(shutil.copytree(wuhan_run, tmp_path_factory.mktemp("night") / "w"))
    run = runs.find(workspace)
    made = make_application(workspace, f"sqlite:///{workspace / 'workbench.db'}")
    staffed(made.state.app_state)
    return made, run


@pytest.fixture(scope="module")
def head(full_run):
    return bearer(token(lambda name: sign_in(full_run[0], name), *Scope))


def claim_of(run, claim_id):
    row = run.table("clean/claims").filter(pc.field("claim_id") == claim_id).to_pylist()[0]
    text = {k: str(v) for k, v in row.items() if v is not None and not k.startswith("source_")}
    return {k: v for k, v in text.items() if k not in ("confirmed_at",)}


def test_a_claim_is_scored_before_payment_as_a_run_scores_it(full_run, head):
    made, run = full_run
    client = sign_in(made, "leader")
    first = run.table("ranked_claims").slice(0, 1).to_pylist()[0]
    sent = {**claim_of(run, first["claim_id"]), "claim_id": "BEFORE-PAYMENT"}
    sent.pop("voucher_id", None)
    answer = client.post("/api/v1/score", headers=head, json={"claims": [sent]})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert 0 <= body["risk"] <= 1 and body["claim_id"] == "BEFORE-PAYMENT"
    assert body["reasons"] and sum(r["contribution"] for r in body["reasons"]) == pytest.approx(
        body["log_odds"], abs=1e-6
    )
    assert 1 <= body["place"] <= body["of"] + 1
    started = time.process_time()
    client.post("/api/v1/score", headers=head, json={"claims": [sent]})
    assert time.process_time() - started < 3  # the desk is kept ready
    two = client.post(
        "/api/v1/score", headers=head, json={"claims": [sent, {**sent, "claim_id": "B2"}]}
    )
    assert two.status_code == 422
    assert made.state.app_state.leads.claim("BEFORE-PAYMENT") is None  # nothing is kept


def test_a_verdict_and_a_claim_handed_in_are_in_the_next_run(full_run, head, tmp_path):
    made, run = full_run
    app_state, lead = made.state.app_state, sign_in(made, "lead")
    ranked = run.table("ranked_claims").sort_by([("claimed_amount", "ascending")])
    claim_id = ranked["claim_id"][0].as_py()
    finding = {
        "verdict": "fraud",
        "reason": "service_missing",
        "typology": "T01",
        "disallowed": "1",
    }
    assert (
        lead.submit(f"/claims/{claim_id}/decide", **finding).headers["location"].endswith("decided")
    )
    sent = {**claim_of(run, ranked["claim_id"][1].as_py()), "claim_id": "HANDED-IN"}
    for name in ("voucher_id", "contract_id"):
        sent.pop(name, None)
    answer = lead.post("/api/v1/claims", headers=head, json={"claims": [sent]})
    assert answer.status_code == 202, answer.text
    app_state.publish_outcomes()
    workspace = tmp_path / "w"
    shutil.copytree(app_state.workspace.path / "decisions", workspace / "decisions")
    with locked(workspace) as place:
        after = score(Request(data=str(data_samples() / "wuhan"), workspace=workspace,
                              as_of=datetime.now(UTC).date()), place)  # fmt: skip
    outcomes = {r["claim_id"]: r["verdict"] for r in after.table("clean/outcomes").to_pylist()}
    assert outcomes[claim_id] == "fraud"
    assert "HANDED-IN" in after.table("ranked_claims")["claim_id"].to_pylist()
    before, learned = (labels_of(r.table("features"), r.tables()) for r in (run, after))
    assert learned.improper.sum() == before.improper.sum() + 1
