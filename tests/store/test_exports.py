"""Tables for spreadsheets: personal data masked, no formulas, and what people read."""

import openpyxl
import pandas as pd
import pytest

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.store import exports, runs
from fraud_pipeline.store.exports import export_run


def test_export_is_masked_and_harmless(tiny_run, tmp_path):
    run = runs.find(tiny_run)
    written = export_run(run.folder, tmp_path, masked=True, whole=True)
    enterprises = (tmp_path / "clean_enterprises.csv").read_text("utf-8-sig")
    phone = run.table("clean/enterprises")["phone"][0].as_py()
    assert phone not in enterprises and f"{phone[:3]}****{phone[-4:]}" in enterprises
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx", read_only=True)
    rows = list(book["ranked_claims"].iter_rows(values_only=True))
    assert len(rows) == 1 + run.table("ranked_claims").num_rows
    assert tmp_path / "tables.xlsx" in written


def test_an_export_has_what_people_read(tiny_run, tmp_path, monkeypatch):
    """The hits of the rules, no table of ties; the workbook has the first leads only, the CSV all."""
    monkeypatch.setattr(exports, "WORKBOOK_LEADS", 3)
    run = runs.find(tiny_run)
    export_run(run.folder, tmp_path)
    assert not (tmp_path / "ties.csv").exists() and not list(tmp_path.glob("clean_*"))
    outcomes = pd.read_csv(tmp_path / "rule_results.csv")["outcome"]
    assert set(outcomes) == {"hit"} and 0 < len(outcomes) < run.table("rule_results").num_rows
    ranked = run.table("ranked_claims").to_pandas().sort_values("rank")
    assert len(pd.read_csv(tmp_path / "ranked_claims.csv")) == len(ranked)
    book = pd.read_excel(tmp_path / "tables.xlsx", sheet_name=None)
    for name in ("ranked_claims", "explanations", "price_results"):
        (column,) = [c for c in book[name].columns if c.split()[-1] == "claim_id"]
        assert set(book[name][column]) <= set(ranked["claim_id"].head(3)), name
    assert len(book["ranked_claims"]) == 3
    assert len(book["audit_plan"]) == run.table("audit_plan").num_rows
    with pytest.raises(SettingsError, match="unknown export format pdf"):
        export_run(run.folder, tmp_path / "new", ("csv", "pdf"))
    assert not (tmp_path / "new").exists()
