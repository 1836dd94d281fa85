"""The main job on real redemption flows, where those public files are at hand."""

import os
from pathlib import Path

import pyarrow.compute as pc
import pytest

from fraud_pipeline.engine.runner import Request, score
from fraud_pipeline.store.integrity import check_run
from fraud_pipeline.store.staged_inputs import StagedInputs
from fraud_pipeline.store.staging import Staged
from fraud_pipeline.store.workspace import locked

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("FRAUD_REAL_DATA", ROOT.parent / "shared" / "data"))

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not at FRAUD_REAL_DATA"),
]


def scored(name, workspace):
    request = Request(
        data=str(DATA / f"{name}.parquet"),
        workspace=workspace,
        mapping=ROOT / "docs" / "mappings" / f"{name}.toml",
    )
    with locked(workspace) as place:
        run = score(request, place)
    check_run(StagedInputs([Staged(run.folder, {})]))
    return run


def reasons(run):
    quarantine = run.table("quarantine").to_pandas()
    return set(quarantine[["column", "reason_code"]].dropna().itertuples(index=False, name=None))


def test_brazilian_reimbursements(tmp_path):
    run = scored("reimbursements_br", tmp_path)
    assert ("institution_id", "missing") in reasons(run)
    assert ("submitted_on", "date_out_of_range") in reasons(run)
    first = run.table("ranked_claims").slice(0, 1).to_pylist()[0]
    assert first["claimed_amount"] > 2_000_000
    answer = run.table("explanations")
    answer = answer.filter(pc.equal(answer["claim_id"], first["claim_id"]))
    assert "price_surprise" in answer["feature"].to_pylist()


def test_chinese_service_invoices(tmp_path):
    run = scored("service_invoices_cn", tmp_path)
    account = run.manifest["tables"]["claims"]
    assert account["rows_in"] == 84_605 == account["rows_clean"] + account["rows_quarantined"]
    assert ("contract_amount", "negative_amount") in reasons(run)
