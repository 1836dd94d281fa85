"""Files handed in about a claim: what is taken, what is not, who may save them again."""

import io
import zipfile

import pytest
import sqlalchemy as sa

from fraud_pipeline.workbench.cases import attachments
from fraud_pipeline.workbench.db import tables as t
from tests.workbench import world
from tests.workbench.conftest import message
from tests.workbench.decisions.test_verdicts import SMALL

PDF = b"%PDF-1.7\n" + b"x" * 100
PATH = f"/claims/{SMALL}/files"


def hand_in(client, name, data, token=None):
    answer = client.post(
        PATH, data={"csrf": token or client.token, "back": f"/claims/{SMALL}"},
        files={"file": (name, data)},
    )  # fmt: skip
    return message(answer) or answer.status_code


def office(member, *more):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in (member, *more):
            archive.writestr(name, "x")
    return out.getvalue()


def test_a_file_is_kept_under_its_hash_listed_and_saved_again(app_state, signed):
    assert hand_in(signed("reviewer"), "../合同 扫描.PDF", PDF) == "attached"
    assert hand_in(signed("lead"), "same.pdf", PDF) == "file_known"
    page = signed("auditor").get(f"/claims/{SMALL}").text
    assert "合同 扫描.PDF" in page and f"{PATH}/1" not in page  # an auditor sees that it is there
    assert signed("auditor").get(f"{PATH}/1").status_code == 403
    got = signed("investigator").get(f"{PATH}/1")
    assert got.content == PDF and got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in got.headers["content-security-policy"]
    with app_state.db.reading() as connection:
        deeds = connection.execute(sa.select(t.LOG.c.action, t.LOG.c.who, t.LOG.c.detail)).all()
    assert [(a, w) for a, w, d in deeds if a in ("attach", "download")] == [
        ("attach", "reviewer"), ("download", "investigator")]  # fmt: skip
    assert signed("lead").get(f"{PATH}/9").status_code == 404
    assert signed("lead").get(f"/claims/{world.claim(3)}/files/1").status_code == 404


def test_a_file_that_was_changed_on_disk_is_not_handed_out(app_state, signed):
    hand_in(signed("lead"), "a.pdf", PDF + b"unique to this test")
    place = next(p for p in (app_state.workspace.path / attachments.FOLDER).rglob("*")
                 if p.is_file() and p.read_bytes().endswith(b"this test"))  # fmt: skip
    place.write_bytes(b"%PDF-forged")
    assert signed("lead").get(f"{PATH}/1").status_code == 400


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [("a.txt", "说明".encode("gb18030"), "attached"), ("a.csv", b"a,b\n", "attached"),
     ("a.docx", office("word/document.xml"), "attached"),
     ("a.docx", office("word/document.xml", "word/vbaProject.bin"), "file_kind"),
     ("a.xlsx", office("word/document.xml"), "file_kind"), ("a.docx", b"PK\x03\x04broken", "file_kind"),
     ("a.html", b"<script>alert(1)</script>", "file_kind"), ("a.svg", b"<svg/>", "file_kind"),
     ("a.pdf", b"MZ\x90", "file_kind"), ("a.txt", b"a\0b", "file_kind"), ("pdf", PDF, "file_kind"),
     ("a.exe", b"MZ", "file_kind"), ("a.pdf", b"", "file_size"), ("", PDF, "nothing_chosen")],
)  # fmt: skip
def test_what_is_taken_and_what_is_not(signed, name, data, expected):
    assert hand_in(signed("reviewer"), name, data) == expected


def test_the_limit_and_the_token_hold_for_files_too(signed):
    signed("administrator").submit("/settings", key="file_megabytes", value="1")
    assert hand_in(signed("reviewer"), "a.pdf", PDF + b"x" * (1 << 20)) == "file_size"
    assert hand_in(signed("reviewer"), "a.pdf", PDF, token="wrong") == 403  # noqa: S106
    assert hand_in(signed("leader"), "a.pdf", PDF) == 403
    broken = signed("reviewer").post(
        PATH, content=b"--x\r\nbroken", headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert broken.status_code == 403


def test_an_objection_pack_tells_the_party_its_facts_and_rights_and_no_score(signed):
    got = signed("reviewer").get(f"/claims/{world.claim(2)}/objection.zip")
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        texts = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    assert {"1-notice.html", "2-objection.html", "3-grounds.csv", "hashes.json"} <= set(texts)
    whole = "".join(texts.values())
    for hidden in (world.PHONE, world.NAME, world.EMAIL, world.ACCOUNT):
        assert hidden not in whole
    form = texts["2-objection.html"]
    assert (
        "异议" in form and "行政复议" in form and "<script" not in form and "/static/" not in form
    )
    assert "0.85" not in form and "概率" not in form
    assert signed("leader").get(f"/claims/{world.claim(2)}/objection.zip").status_code == 403
