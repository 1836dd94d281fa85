"""Personal data: masked on every page and in every export, shown one field at a time."""

import io
import zipfile

import openpyxl
import pytest

from fraud_pipeline.workbench.cases.masking import scrub
from tests.workbench import world
from tests.workbench.conftest import message

SECRET = (world.PHONE, world.NAME, world.ACCOUNT, world.EMAIL)


@pytest.mark.parametrize(
    "path",
    ["/queue", f"/claims/{world.claim(1)}", f"/rings/{world.RING}?all=1", "/rings", "/audit"],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_shows_it(signed, path, language):
    client = signed("lead")
    client.submit("/language", language=language, back="/")
    answer = client.get(path)
    assert answer.status_code == 200
    for secret in SECRET:
        assert secret not in answer.text


@pytest.mark.parametrize(
    "path", [f"/claims/{world.claim(1)}/pack.zip", f"/rings/{world.RING}/pack.zip"]
)
def test_no_pack_holds_it_and_its_hashes_fit(signed, path):
    import hashlib
    import json

    archive = zipfile.ZipFile(io.BytesIO(signed("lead").get(path).content))
    listed = json.loads(archive.read("hashes.json"))
    for name in archive.namelist():
        data = archive.read(name)
        for secret in SECRET:
            assert secret.encode() not in data, (name, secret)
        if name != "hashes.json":
            assert listed["files"][name] == hashlib.sha256(data).hexdigest()
    assert listed["log_receipt"].split(":")[0].isdigit() and listed["run_id"] == world.RUN


def test_one_field_is_shown_once_with_a_reason(signed):
    client, path = signed("reviewer"), f"/claims/{world.claim(1)}"
    for no_reason in (" ", "....", "。。。。。", "a-b"):
        refused = client.submit(f"{path}/unmask", field="enterprise.phone", reason=no_reason)
        assert message(refused) == "note_needed"
    shown = client.submit(f"{path}/unmask", field="enterprise.phone", reason="致电核实").text
    assert (
        shown.count(world.PHONE) == 1
    )  # the enterprise's, not the institution's or the sentence's
    assert world.NAME not in shown and world.ACCOUNT not in shown
    assert world.PHONE not in client.get(path).text
    for odd in ("enterprise.name", "ring.story_zh", "nothing", "rules.evidence"):
        answer = client.submit(f"{path}/unmask", field=odd, reason="致电核实")
        assert message(answer) == "nothing_chosen"


def test_a_hostile_name_is_text_everywhere(signed):
    client = signed("lead")
    for path in ("/queue", f"/claims/{world.claim(1)}", f"/rings/{world.RING}"):
        assert "<script>alert" not in client.get(path).text
    book = openpyxl.load_workbook(io.BytesIO(client.get("/queue.xlsx").content))
    cells = [c for row in book.active.iter_rows() for c in row]
    assert all(c.data_type != "f" and c.hyperlink is None for c in cells)
    assert any(c.value == "'" + world.EVIL for c in cells)
    texts = {c.value for c in cells if isinstance(c.value, str)}
    assert {"主要理由", "文本雷同"} <= texts and not {"main reason", "Text reuse"} & texts
    client.cookies.set("workbench-language", "en")
    book = openpyxl.load_workbook(io.BytesIO(client.get("/queue.xlsx").content))
    texts = {c.value for row in book.active.iter_rows() for c in row}
    assert {"main reason", "Text reuse"} <= texts and not {"主要理由", "文本雷同"} & texts
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"/rings/{world.RING}/pack.zip").content))
    for line in archive.read("claims.csv").decode("utf-8-sig").splitlines():
        assert not line.startswith("=") and ',"=' not in line and ",=" not in line


@pytest.mark.parametrize(
    ("expected", "left"),
    [("拨13812345678转1", "拨138****1234转1".replace("1234", "5678")), ("a@b.cn", "a***@b.cn"),
     ("账号6222020200112233445", "账号****3445"), ("编号20240000000001", "编号20240000000001"),
     ("91420100AX5700FD23", "91420100AX5700FD23"), ("", "")],
)  # fmt: skip
def test_marks_are_found_in_sentences(expected, left):
    assert scrub(expected) == left
