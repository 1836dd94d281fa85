"""The run that a server shows is pruned under it: every page answers, and the newer run takes over."""

import shutil
import time

import pytest

from fraud_pipeline.store import ledger, retention, runs
from fraud_pipeline.store.workspace import Workspace, locked
from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.db.verification import verify_all
from tests.workbench.conftest import engage, sign_in


@pytest.fixture
def served(tiny_two_runs, tmp_path):
    """A server that opened the older of two runs, and somebody signed in."""
    workspace = Workspace(shutil.copytree(tiny_two_runs, tmp_path / "w"))
    older, newer = [line.subject for line in ledger.read(workspace) if line.kind == "run"]
    (workspace.runs / "LATEST").write_text(f"{older}\n")
    made = make_application(workspace.path, f"sqlite:///{workspace.path / 'workbench.db'}")
    engage(made.state.app_state, "lead", Role.LEAD)
    client = sign_in(made, "lead")
    assert made.state.app_state.leads.run_id == older
    yield workspace, older, newer, client, made.state.app_state
    made.state.app_state.db.dispose()


def test_no_page_fails_and_the_newer_run_takes_over(served):
    workspace, older, newer, client, app_state = served
    claims = runs.find(workspace.path, older).table("ranked_claims")["claim_id"].to_pylist()
    (workspace.runs / "LATEST").write_text(f"{newer}\n")
    with locked(workspace.path) as place:
        plan = retention.plan(place, keep=1)
        assert plan.removed == (older,)
        retention.carry_out(place, plan)
    # the last claims: their reasons are made on demand, from files that are gone now
    pages = [
        "/queue",
        "/rings",
        "/audit",
        "/overview",
        "/runs",
        *(f"/claims/{c}" for c in claims[-5:]),
    ]
    codes = {path: client.get(path).status_code for path in pages}
    assert set(codes.values()) <= {200, 404}, codes
    deadline = time.monotonic() + 60
    while app_state.leads.run_id != newer and time.monotonic() < deadline:
        time.sleep(0.2)
    assert app_state.leads.run_id == newer and client.get("/queue").status_code == 200
    assert "pruned 1" in verify_all(workspace.path).text
