"""The two public data sets of the mapping examples, where they are at hand."""

from decimal import Decimal
from pathlib import Path

import pyarrow.compute as pc
import pytest

from fraud_pipeline import ingest
from tests.ingest.helpers import load

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"


def loaded(name):
    if not (DATA / f"{name}.parquet").is_file():
        pytest.skip(f"SKIPPED FOR WANT OF {name}.parquet, which is not part of the project")
    text = (ROOT / "docs" / "mappings" / f"{name}.toml").read_text("utf-8")
    mapping = ingest.parse_mapping(text, name)
    return load(DATA / f"{name}.parquet", mapping, known={"generic": "XXX"})


def counted(table, *names):
    return {
        tuple(r[n] for n in names): r["count_all"]
        for r in table.group_by(list(names)).aggregate([([], "count_all")]).to_pylist()
    }


def holds(result):
    for name, account in result.accounts.items():
        assert account.rows_in == account.rows_clean + account.rows_quarantined
        assert account.rows_clean == result.tables[name].num_rows


def test_expense_reimbursements():
    result = loaded("reimbursements_br")
    holds(result)
    assert result.accounts["claims"].rows_in == 59958
    assert counted(result.quarantine, "reason_code", "column") == {
        ("missing", "institution_id"): 3144, ("date_out_of_range", "submitted_on"): 2,
    }  # fmt: skip
    assert pc.max(result.tables["claims"]["claimed_amount"]).as_py() == Decimal("2141702.00")
    assert counted(result.repairs, "kind")[("composed",)] == 3145


def test_service_invoices():
    result = loaded("service_invoices_cn")
    holds(result)
    found = counted(result.quarantine, "table", "reason_code")
    assert found["claims", "left_out_by_mapping"] == 2655  # void
    assert found["invoices", "duplicate_row"] == 770
    assert pc.min(result.tables["claims"]["claimed_amount"]).as_py() > 0
    assert pc.min(result.tables["invoices"]["amount"]).as_py() < 0
    assert set(result.tables["invoices"]["status"].unique().to_pylist()) == {"正常", "作废"}
