"""The audit from commitment to closing report, as a bureau would run it."""

from __future__ import annotations

import datetime
import io
import re
import shutil

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from fraud_pipeline.cli.app import app
from fraud_pipeline.engine import runner
from fraud_pipeline.errors import FraudPipelineError, InputError, IntegrityError
from fraud_pipeline.simulate import simulate
from fraud_pipeline.store import ledger, references, runs
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.store.worlds import write_world


@pytest.fixture(scope="module")
def bureau(tmp_path_factory):
    """A scored run and the truth behind it."""
    place = tmp_path_factory.mktemp("bureau")
    made = simulate("wuhan", n_claims=150, seed=3)
    write_world(made, place / "world")
    request = runner.Request(data=str(place / "world"), workspace=place / "ws")
    runner.score(request, Workspace(place / "ws"), lambda _: None)
    return place


def ran(*words):
    done = CliRunner().invoke(app, ["audit", *map(str, words)])
    if isinstance(done.exception, FraudPipelineError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def drawn(bureau):
    ws = bureau / "ws"
    (bureau / "auditors.csv").write_text("auditor_id,days\n007,20\n张三,20\n", "utf-8")
    (bureau / "conflicts.csv").write_text("auditor_id,party_id\n007,X\n", "utf-8")
    answer = ran(
        "commit", "--out", bureau / "p", "--budget", 30, "--cover-enterprises", 0.1, "-w", ws
    )
    root = re.search(r"[0-9a-f]{64}", answer).group()
    frame = pq.read_table(bureau / "p" / "audit_frame.parquet")
    assert not any(frame["drawn"].to_pylist())  # nothing is drawn before the seed exists
    ran("draw", bureau / "p", "--seed", 77, "--auditors", bureau / "auditors.csv", "--conflicts",
        bureau / "conflicts.csv", "-w", ws)  # fmt: skip
    return bureau, root


def test_the_drawn_plan_verifies_against_the_published_hash(drawn):
    place, root = drawn
    assert root in ran("verify", place / "p", "--committed", root)
    with pytest.raises(IntegrityError, match="not the published"):
        ran("verify", place / "p", "--committed", "0" * 64)


@pytest.mark.parametrize("name", ["audit_frame", "audit_plan", "reserves"])
def test_a_changed_file_of_the_plan_is_found(drawn, tmp_path, name):
    place, _ = drawn
    for path in (place / "p").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    table = pq.read_table(tmp_path / f"{name}.parquet")
    ids = table["claim_id"].to_pylist()
    ids[0] += "x"
    at = table.schema.get_field_index("claim_id")
    pq.write_table(table.set_column(at, "claim_id", pa.array(ids)), tmp_path / f"{name}.parquet")
    with pytest.raises(FraudPipelineError):
        ran("verify", tmp_path)


def test_a_commitment_is_made_once_and_kept(drawn, tmp_path):
    place, _ = drawn
    with pytest.raises(InputError, match="made once"):
        ran("commit", "--out", place / "p", "--budget", 20, "-w", place / "ws")
    with pytest.raises(IntegrityError, match="drawn once"):
        ran("draw", place / "p", "--seed", 78, "-w", place / "ws")
    for path in (place / "p").glob("[ac]*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    text = (tmp_path / "commitment.json").read_text("utf-8")
    (tmp_path / "commitment.json").write_text(text.replace('"budget": 30', '"budget": 31'), "utf-8")
    with pytest.raises(IntegrityError, match="comes out with hash"):
        ran("draw", tmp_path, "--seed", 78, "-w", place / "ws")


def test_the_commitment_stands_in_the_ledger_so_its_run_is_never_pruned(drawn):
    place, root = drawn
    workspace = Workspace(place / "ws")
    lines = [line for line in ledger.read(workspace) if line.kind == "commitment"]
    assert [line.sha256 for line in lines] == [root]
    run_id = runs.find(place / "ws").run_id
    shutil.rmtree(workspace.path / "plans", ignore_errors=True)
    (workspace.runs / "LATEST").rename(place / "LATEST")
    try:
        assert "commitment" in references.all_references(workspace)[run_id]
    finally:
        (place / "LATEST").rename(workspace.runs / "LATEST")


def test_pages_name_hash_and_seed_and_load_nothing(drawn):
    place, root = drawn
    for lang, word in (("zh", "不是认定结论"), ("en", "not findings")):
        page = (place / "p" / f"plan.{lang}.html").read_text("utf-8")
        assert root in page
        assert ">77<" in page
        assert word in page
        assert not re.search(r"https?://|<script|src=", page)
        assert page.count('<section class="page">') == 2


def test_the_worksheet_comes_back_filled_and_closes_the_round(drawn, tmp_path):
    place, _ = drawn
    book = openpyxl.load_workbook(io.BytesIO((place / "p" / "worksheet.xlsx").read_bytes()))
    leads = book["名单 leads"]
    assert leads.max_row == 31
    claims = {leads.cell(r, 4).value for r in range(2, 32)}
    checks = book["核对 checklist"]
    assert {checks.cell(r, 2).value for r in range(2, checks.max_row + 1)} == claims
    truth = {r["claim_id"]: r for r in pq.read_table(place / "world" / "truth.parquet").to_pylist()}
    sheet = book["outcomes"]
    head = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row - 1):  # the last two are still open
        loss = float(truth[sheet.cell(row, head["claim_id"]).value]["true_loss"])
        sheet.cell(row, head["decided_on"]).value = datetime.date(2017, 9, 1)
        sheet.cell(row, head["verdict"]).value = "irregular" if loss > 0 else "clean"
        sheet.cell(row, head["disallowed_amount"]).value = loss
    book.save(tmp_path / "filled.xlsx")
    ran("close", place / "p", "--out", tmp_path / "closed", "--outcomes", tmp_path / "filled.xlsx",
        "-w", place / "ws")  # fmt: skip
    closing = pq.read_table(tmp_path / "closed" / "closing.parquet").to_pylist()
    row = next(r for r in closing if r["scope"] == "all" and r["quantity"] == "improper_amount")
    assert row["n_decided"] == 28
    frame = pq.read_table(place / "p" / "audit_frame.parquet")["claim_id"].to_pylist()
    improper = sum(float(truth[claim]["true_loss"]) for claim in frame)
    assert row["low"] <= improper <= row["high"]
    rates = pq.read_table(tmp_path / "closed" / "hit_rates.parquet").to_pylist()
    assert {r["by"] for r in rates} == {"stratum", "rule", "auditor"}
    assert {"007", "张三"} == {r["key"] for r in rates if r["by"] == "auditor"}
    page = (tmp_path / "closed" / "closing.zh.html").read_text("utf-8")
    assert "误付率" in page
    sheet.cell(2, head["verdict"]).value = "也许"
    book.save(tmp_path / "wrong.xlsx")
    with pytest.raises(InputError, match="row 2"):
        ran("close", place / "p", "--out", tmp_path / "no", "--outcomes", tmp_path / "wrong.xlsx",
            "-w", place / "ws")  # fmt: skip
    assert not (tmp_path / "no").exists()


def test_sizes_from_the_table_and_from_the_list(bureau):
    assert "400" in ran(
        "size", "--confidence", "0.90", "--tolerable", "0.05", "--expected", "0.035"
    )
    assert "577" in ran("size", "--tolerable", "0.02", "--expected", "0.01", "--money")
    wide, narrow = (
        int(
            re.search(r"(\d+) audits", ran("size", "--half-width", h, "-w", bureau / "ws")).group(1)
        )
        for h in (0.10, 0.05)
    )
    assert 0 < wide < narrow < 150


@pytest.mark.parametrize(
    ("words", "expected"),
    [(("size",), "either"), (("size", "--tolerable", "five"), "numbers"),
     (("commit", "--out", "nowhere", "--region", "洪山区"), "NAME=N"),
     (("commit", "--out", "nowhere", "--days", "5", "--days-by-claim", "none.csv"), "none.csv")],
)  # fmt: skip
def test_bad_input_is_one_line(words, expected):
    with pytest.raises(FraudPipelineError, match=expected) as refused:
        ran(*words)
    assert "\n" not in str(refused.value)
