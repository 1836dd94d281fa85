"""The page and the exports: nothing runs that came from the data, personal data is masked."""

import csv
import re

import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud_pipeline import report
from fraud_pipeline.core.masking import mask_account, mask_email, mask_name, mask_phone
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.schema import INPUT_TABLES, OUTPUT_TABLES, RingSet, Tables
from fraud_pipeline.settings import ReportSettings
from fraud_pipeline.store.exports import export_tables, harmless

ABOUT = {
    "run_id": "r1", "as_of": "2016-01-01", "programmes": ["wuhan"], "notes": [], "inputs": {},
    "tables": {"claims": {"rows_in": 1, "rows_clean": 1, "rows_quarantined": 0}},
    "model": {"name": "base-1", "sha256": "0" * 64}, "packs": {},
    "code": {"version": "0", "sha256": "0" * 64}, "libraries": {"python": "3"},
}  # fmt: skip
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


class Run:
    def __init__(self, tables=None, known=None):
        self._tables, self._known = tables or {}, known or Tables({})

    def table(self, name):
        return self._tables.get(name, OUTPUT_TABLES[name].empty())

    def tables(self, stage):
        return self._known

    def json(self, name):
        return {"seed": 1}

    def hits(self):
        results = self.table("rule_results")
        return results.filter(pc.equal(results["outcome"], "hit"))

    def rings(self):
        return RingSet(
            *(self.table(n) for n in ("rings", "ring_members", "ring_claims", "ring_evidence"))
        )


def page(run):
    return report.render(report.facts(run, ABOUT, ReportSettings()))


def rows(name, **columns):
    return OUTPUT_TABLES[name].conform(pa.table(columns))


def hostile_run():
    ranked = rows("ranked_claims", claim_id=["C1"], rank=[1], risk=[0.5], log_odds=[0.0], rule_score=[0.1],
                  expected_loss=pa.array(["10"]).cast(pa.decimal128(18, 2)), enterprise_id=["E1"],
                  institution_id=["I1"], claimed_amount=pa.array(["20"]).cast(pa.decimal128(18, 2)),
                  top_reason=[HOSTILE], programme=["wuhan"])  # fmt: skip
    plan = rows("audit_plan", claim_id=["C1"], enterprise_id=["E1"], stratum=["risk"], inclusion_prob=[0.5],
                draw=[1], reason_zh=[HOSTILE], reason_en=[HOSTILE])  # fmt: skip
    reasons = rows("explanations", claim_id=["C1"], position=[0], feature=["base"], contribution=[0.0],
                   sentence_zh=[HOSTILE], sentence_en=[HOSTILE])  # fmt: skip
    members = rows(
        "ring_members", ring_id=["R1"], party_id=["E1"], party_kind=["enterprise"], role=[HOSTILE]
    )
    rings = rows("rings", ring_id=["R1"], score=[0.5], p_value=[0.01], q_value=[0.02], n_enterprises=[1],
                 n_institutions=[0], n_claims=[1], amount=pa.array(["1"]).cast(pa.decimal128(18, 2)),
                 story_zh=[HOSTILE], story_en=[HOSTILE], lineage=["new"])  # fmt: skip
    firms = INPUT_TABLES["enterprises"].conform(
        pa.table({"enterprise_id": ["E1"], "name": [HOSTILE]})
    )
    return Run({"ranked_claims": ranked, "audit_plan": plan, "explanations": reasons,
                "ring_members": members, "rings": rings}, Tables({"enterprises": firms}))  # fmt: skip


def test_an_empty_run_has_a_page():
    assert "没有待核查的申请" in page(Run())


def test_text_from_the_data_never_becomes_markup():
    html = page(hostile_run())
    assert "<script>alert" not in html and "<img" not in html
    assert html.count("<script>") == 1 and "&lt;script&gt;alert" in html


def test_the_page_needs_no_network():
    html = page(hostile_run())
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!#)""", html)
    assert "http://" not in html and "https://" not in html
    assert "default-src 'none'" in html


def test_the_same_facts_give_the_same_bytes():
    assert page(hostile_run()) == page(hostile_run())


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_starts_a_formula(tmp_path, start):
    evil = start + "HYPERLINK(1)"
    export_tables({"t": pa.table({"a": [evil, "1"], "n": [1, -2]})}, tmp_path)
    cells = list(csv.reader((tmp_path / "t.csv").read_text("utf-8-sig").splitlines()))
    assert all(harmless(row[0]) == row[0] for row in cells)
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert all(cell.data_type != "f" for row in book["t"].iter_rows() for cell in row)
    assert book["t"]["B3"].value == -2


def test_identifiers_stay_text_in_a_workbook(tmp_path):
    export_tables(
        {"t": pa.table({"invoice_no": ["00012345", "24422000000123456789"]})}, tmp_path, ("xlsx",)
    )
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert [book["t"][c].value for c in ("A2", "A3")] == ["00012345", "24422000000123456789"]


def test_an_unknown_format_is_named(tmp_path):
    with pytest.raises(SettingsError, match="pdf"):
        export_tables({}, tmp_path, ("pdf",))


@given(st.text(st.characters(exclude_characters="@*"), min_size=2, max_size=30))
def test_masks_show_no_more_than_promised(text):
    assert (mask_name(text) or "")[1:].strip("*") == ""
    assert sum(c != "*" for c in mask_phone(text) or "") <= 7 or len(text) < 8
    assert (mask_account(text) or "").lstrip("*").endswith(text[-4:].lstrip("*")) or len(text) <= 4
    assert (mask_email(text + "@x.cn") or "").startswith(text[0])


def test_masks_leave_the_unknown_unknown():
    assert [f(None) for f in (mask_name, mask_phone, mask_account, mask_email)] == [None] * 4
