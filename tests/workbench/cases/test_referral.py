"""The referral pack: what it says, that its references lead somewhere, who gets it unmasked."""

import io
import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import pytest

from fraud_pipeline.workbench.cases.referral import ReferralBuilder
from fraud_pipeline.workbench.cases.referral_parts import Flow, Line, Material, Section
from fraud_pipeline.workbench.cases.referral_pdf import lines_of, render_pdf
from fraud_pipeline.workbench.cases.referral_words import SECTIONS
from fraud_pipeline.workbench.cases.referral_workbook import render_workbook
from tests.workbench import world
from tests.workbench.cases.test_attachments import PDF
from tests.workbench.cases.test_cases import case, opened
from tests.workbench.conftest import message

PERSONAL = (world.PHONE, world.NAME, world.ACCOUNT, world.EMAIL)


def pack(client, case_id, form="xlsx", **fields):
    return client.submit(f"/cases/{case_id}/referral", form=form, recipient="prosecutor", **fields)


def cells(answer):
    """Every text in the workbook."""
    book = openpyxl.load_workbook(io.BytesIO(answer.content), read_only=True)
    return "\n".join(
        str(c) for s in book for row in s.iter_rows(values_only=True) for c in row if c
    )


@pytest.fixture
def ring_case(signed):
    return opened(signed("lead"), "ring", world.RING)


def test_the_workbook_has_every_section_and_masks_personal_data(signed, ring_case):
    answer = pack(signed("lead"), ring_case)
    assert answer.status_code == 200
    text = cells(answer)
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert len(book.sheetnames) == 1 + len(SECTIONS)
    assert (
        world.claim(0) in text and "企业0" in text and "138****5678" in text and "ab" * 32 in text
    )
    assert [p for p in PERSONAL if p in text] == []
    assert text.count("E1") and "规则" in text


def test_it_is_unmasked_only_with_a_reason_and_for_roles_that_may(signed, ring_case, app_state):
    assert message(pack(signed("lead"), ring_case, unmasked="1")) == "note_needed"
    assert pack(signed("leader"), ring_case, unmasked="1", reason="移送").status_code == 403
    for name in ("leader", "auditor"):
        address = (
            f"/cases/{ring_case}/referral?form=xlsx&recipient=discipline&unmasked=1&reason=xxxx"
        )
        assert [p for p in PERSONAL if p in cells(signed(name).get(address))] == []
    text = cells(pack(signed("lead"), ring_case, unmasked="1", reason="移送检察机关"))
    assert world.PHONE in text and world.NAME in text and "未遮盖，理由：移送检察机关" in text
    with app_state.db.reading() as connection:
        detail = connection.exec_driver_sql(
            "SELECT detail FROM log WHERE action='export' ORDER BY seq DESC"
        ).scalar()
    assert '"unmasked": true' in detail and "移送检察机关" in detail
    event = case(app_state, ring_case).events[-1]
    assert event["kind"] == "referral" and event["detail"]["unmasked"]


def test_in_english_no_sentence_of_ours_is_chinese(signed, ring_case):
    text = cells(pack(signed("lead"), ring_case, language="en"))
    fixed = [pair for words in SECTIONS.values() for pair in (words.title, *words.columns)]
    assert [zh for zh, _ in fixed if zh in text.split("\n")] == []
    assert all(words.title[1] for words in SECTIONS.values())


def test_the_archive_holds_the_files_only_unmasked(signed, ring_case):
    lead = signed("lead")
    lead.post(
        f"/cases/{ring_case}/files", data={"csrf": lead.token}, files={"file": ("a.pdf", PDF)}
    )
    masked = zipfile.ZipFile(io.BytesIO(pack(lead, ring_case, "zip").content)).namelist()
    assert masked == [f"case-{ring_case}.pdf", f"case-{ring_case}.xlsx", "hashes.json"]
    whole = zipfile.ZipFile(
        io.BytesIO(pack(lead, ring_case, "zip", unmasked="1", reason="移送检察机关").content)
    )
    assert any(n.startswith("files/") and n.endswith("a.pdf") for n in whole.namelist())
    assert whole.read(f"case-{ring_case}.pdf").startswith(b"%PDF-")


def test_a_hidden_verdict_is_in_no_pack(signed, ring_case, monkeypatch):
    from fraud_pipeline.workbench.decisions import blind_review

    monkeypatch.setattr(blind_review, "hidden_verdict", lambda *_: {"id": 1})
    assert message(pack(signed("lead"), ring_case)) == "blind_first"


def facts(k, **more):
    claim = {**world._claims()[k], "confirmed_at": None, "service_start_on": None,
             "service_end_on": None, "paid_on": None, "paid_amount": None}  # fmt: skip
    rule = {"outcome": "hit", "severity": "strong", "title_zh": "材料重复", "title_en": "reuse",
            "sentence_zh": "见合同HT0", "sentence_en": "see contract HT0", "evidence": "HT0", "clause": "第八条"}  # fmt: skip
    contract = {"contract_id": f"HT{k}", "signed_on": None, "amount": Decimal(5), "source_file": "c.csv",
                "source_row": 2}  # fmt: skip
    payments = [{"payment_id": f"P{k}", "payer_id": "INST0", "payee_id": world.enterprise(k),
                 "amount": Decimal(7), "paid_on": None}]  # fmt: skip
    return {"claim": claim, "voucher": None, "contract": contract, "invoices": [], "payments": payments,
            "deliverables": [], "rules": [rule], "price": None, "verdict": "fraud", **more}  # fmt: skip


def built(n=2, language="zh"):
    names = {world.enterprise(k): f"企业{k}" for k in range(n)} | {"INST0": "机构0"}
    material = Material(
        [facts(k) for k in range(n)], [], [], [], [("claims.csv", "ab" * 32)], names
    )
    return ReferralBuilder(material, language).build("案", [("案件", "1")])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_number_cited_leads_to_a_row_and_the_document_is_the_one_named(language):
    referral = built(language=language)
    anchors = {line.anchor for s in referral.sections for line in s.lines if line.anchor}
    cited = {n for s in referral.sections for line in s.lines for column in s.references
             for n in line.cells[column].split() if n != "—"}  # fmt: skip
    assert cited and cited <= anchors
    evidence = next(s for s in referral.sections if s.key == "evidence")
    documents = next(s for s in referral.sections if s.key == "documents")
    number = evidence.lines[0].cells[4]
    assert next(d.cells[2] for d in documents.lines if d.anchor == number) == "HT0"
    data = render_pdf(referral, datetime(2026, 1, 1, tzinfo=UTC))
    for anchor in anchors:
        assert f"({anchor})".encode() in data or f"/{anchor} ".encode() in data, anchor


def test_money_back_to_an_enterprise_is_named():
    referral = built(1)
    assert referral.flows == (Flow("机构0", "企业0", Decimal(7), 1, True),)
    assert "服务机构向企业一方付款合计 7 元" in referral.sections[0].paragraphs[0]


def test_a_long_table_turns_pages_and_repeats_its_headings():
    import fraud_pipeline.workbench.cases.referral as module

    lines = tuple(Line((f"文件{k}", "哈希" * 40)) for k in range(300))
    long = Section("hashes", "校验值", (), ("文件", "校验值"), (30, 70), lines)
    referral = module.Referral("zh", "案", (), (long,), (), ())
    data = render_pdf(referral, datetime(2026, 1, 1, tzinfo=UTC))
    pages = len(re.findall(rb"/Type /Page\b", data))
    assert 8 <= pages <= 30


@pytest.mark.parametrize("width", [3, 6, 11, 40])
def test_lines_hold_all_of_the_text_and_are_no_wider(width):
    text = "武汉星维（甲）提交“合同”，编号C0000001 and some English words；金额385,557.70元。"
    lines = lines_of(text, width, len)
    assert all(len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    if width > 3:
        assert not any(line[:1] in "）”，；。" for line in lines[1:])


def test_the_workbook_holds_no_formula():
    referral = built(1)
    bad = Section("hashes", "x", (), ("a",), (10,), (Line(("=1+1",)),))
    data = render_workbook(type(referral)("zh", "=1", (("=2", "=3"),), (bad,), (), ()))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert not any(c.data_type == "f" for s in book for row in s.iter_rows() for c in row)
