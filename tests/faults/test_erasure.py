"""A person's data is erased: nothing of it is left in the workspace, and everything still verifies."""

import json
import re
import shutil
import sqlite3

import pyarrow.parquet as pq
import pytest

from fraud_pipeline.core.masking import mask_phone
from fraud_pipeline.errors import IntegrityError, SettingsError, UnknownRecordError
from fraud_pipeline.store import erasure as stored
from fraud_pipeline.store import files, ledger, registration, runs
from fraud_pipeline.store.workspace import Workspace, locked
from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.cases.attachments import list_for_claim
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import Database
from fraud_pipeline.workbench.db.erasure import Request, erase, look
from fraud_pipeline.workbench.db.verification import UPLOADS, verify_all
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table
from tests.command_line import run
from tests.shared_runs import made_once
from tests.workbench.cases.test_attachments import PDF
from tests.workbench.conftest import engage, sign_in
from tests.workbench.exchange.test_api import handed_out
from tests.workbench.exchange.test_intake import CLAIM


def person_of(workspace):
    """Name, phone and account of one enterprise, as the last run holds them."""
    table = runs.find(workspace).table("clean/enterprises").to_pylist()
    row = next(r for r in table if r["legal_representative"] and r["phone"] and r["bank_account"])
    return row["enterprise_id"], (row["legal_representative"], row["phone"], row["bank_account"])


def used(folder, two_runs):
    """Beside two runs: a verdict whose note names the person, an upload, a case and rows received with the phone."""
    shutil.copytree(two_runs, folder)
    enterprise, (name, phone, account) = person_of(folder)
    application = make_application(folder, f"sqlite:///{folder / 'workbench.db'}")
    app_state = application.state.app_state
    for role in (Role.ADMINISTRATOR, Role.LEAD):
        engage(app_state, role.value, role)
    engage(app_state, "second", Role.LEAD)
    people = {n: sign_in(application, n) for n in ("administrator", "lead", "second")}
    lead, claim = people["lead"], runs.find(folder).table("ranked_claims")["claim_id"][0].as_py()
    note = f"{name}承认，电话{phone}，账户{account}"
    lead.submit(f"/claims/{claim}/take")
    lead.submit(f"/claims/{claim}/decide", verdict="undetermined", reason="other", note=note)
    answer = lead.post(
        f"/claims/{claim}/files", data={"csrf": lead.token, "back": f"/claims/{claim}"},
        files={"file": ("a.pdf", PDF)},
    )  # fmt: skip
    assert answer.status_code == 303
    lead.submit("/cases", title=f"关于{name}", source="enterprise", key=enterprise)
    secret = handed_out(people.get, name="x", scope=["claims:write"])
    institution = runs.find(folder).table("clean/institutions")["institution_id"][0].as_py()
    row = {
        **CLAIM,
        "enterprise_id": enterprise,
        "institution_id": institution,
        "contact_phone": phone,
    }
    head = {"authorization": f"Bearer {secret}"}
    assert lead.post("/api/v1/claims", json={"claims": [row]}, headers=head).status_code == 202
    app_state.publish_outcomes()
    app_state.db.dispose()
    with locked(folder) as place:
        registration.register_artefacts(place)


@pytest.fixture(scope="module")
def made(tmp_path_factory, tiny_two_runs):
    name = "workspace-to-erase-from"
    return made_once(tmp_path_factory, name, lambda folder: used(folder, tiny_two_runs))


@pytest.fixture
def workspace(made, tmp_path):
    return Workspace(shutil.copytree(made, tmp_path / "w"))


def request(workspace, *, uploads=()):
    return Request(person_of(workspace.path)[1], uploads, "李某，数据保护岗", "本人申请，第12号")


def erased(workspace, wanted):
    with locked(workspace.path) as place:
        return erase(place, wanted)


def texts(workspace):
    """Every text of the workspace: file -> its text, of tables the cells, of the database its bytes."""
    found = {}
    for path in sorted(p for p in workspace.path.rglob("*") if p.is_file()):
        if path.suffix == ".parquet":
            columns = pq.read_table(path).columns
            cells = [c for column in columns for c in column.to_pylist() if isinstance(c, str)]
            found[path.name] = found.get(path.name, "") + "\n".join(cells)
        else:
            found[str(path)] = path.read_bytes().decode("utf-8", "ignore")
    return found


def test_after_an_erasure_the_values_are_nowhere_and_everything_verifies(workspace):
    wanted, tables = request(workspace), outcomes_of(workspace)
    name, phone, account = wanted.values
    before = texts(workspace)
    assert (
        sum(phone in text for text in before.values()) > 5
    )  # both runs, the database, what was received
    assert any(phone in text for file, text in before.items() if file.endswith("workbench.db"))
    found = erased(workspace, wanted)
    assert found.number == 1 and len(found.runs) == 2
    assert {"decisions", "log", "case_events", "received"} <= set(found.rows)
    protected = stored.texts_of_others(workspace, wanted.values)
    for file, text in texts(workspace).items():
        assert phone not in text and account not in text, file
        assert name not in re.sub("|".join(map(re.escape, protected)) or "(?!)", "", text), file
    report = verify_all(workspace.path)
    assert "李某，数据保护岗" in report.text and "本人申请，第12号" in report.text
    assert "erasure 1" in report.text  # in the ledger
    summary = report.facts["erasures"][0]
    assert summary["values"] == 3 and summary["runs"] == 2 and summary["cells"] > 5
    assert outcomes_of(workspace) == tables  # the verdict stays
    assert len(tables) == 1


def outcomes_of(workspace):
    opened = Database(f"sqlite:///{workspace.path / 'workbench.db'}")
    rows = outcomes_table(opened).to_pylist()
    opened.dispose()
    return rows


def test_a_tie_between_parties_stays_under_the_tombstone(workspace):
    enterprise, (_, phone, _) = person_of(workspace.path)
    erased(workspace, request(workspace))
    rows = runs.find(workspace.path).table("clean/enterprises").to_pylist()
    row = next(r for r in rows if r["enterprise_id"] == enterprise)
    assert (row["legal_representative"], row["phone"], row["bank_account"]) == (
        "ERASED-1-1", "ERASED-1-2", "ERASED-1-3",
    )  # fmt: skip
    assert mask_phone(row["phone"]) == "ERASED-1-2"
    received = pq.read_table(workspace.path / "decisions" / "兑付申请.parquet").to_pylist()
    assert received[0]["contact_phone"] == "ERASED-1-2" and phone not in str(received)


def test_looking_changes_nothing(workspace):
    before = {p: p.read_bytes() for p in workspace.path.rglob("*") if p.is_file()}
    found = look(workspace, request(workspace))
    enterprise, _ = person_of(workspace.path)
    assert enterprise in found.parties and found.rows["decisions"] == 1
    assert before == {p: p.read_bytes() for p in workspace.path.rglob("*") if p.is_file()}


def test_what_is_changed_after_an_erasure_is_found_as_before_it(workspace):
    erased(workspace, request(workspace))
    run = runs.find(workspace.path)
    table = run.folder / "clean" / "enterprises.parquet"
    record = workspace.path / "erasures" / "0001.json"
    for path, words in ((table, "clean/enterprises.parquet was changed"), (record, "erasures/0001.json was changed"),
                        (run.folder / "manifest.json", "manifest.json")):  # fmt: skip
        data = path.read_bytes()
        path.write_bytes(data.replace(b"1", b"2", 1))
        with pytest.raises(IntegrityError, match=words):
            verify_all(workspace.path)
        path.write_bytes(data)
    record.rename(record.with_suffix(".old"))
    with pytest.raises(IntegrityError, match=r"erasures/0001\.json is missing"):
        verify_all(workspace.path)


def test_an_erased_row_of_the_log_is_changed_by_nobody_else(workspace):
    erased(workspace, request(workspace))
    connection = sqlite3.connect(workspace.path / "workbench.db")
    connection.execute("DROP TRIGGER log_no_update")
    connection.execute(
        "UPDATE log SET detail = replace(detail, 'ERASED-1-2', '13900000000') WHERE action = 'decide'"
    )
    connection.commit()
    connection.close()
    with pytest.raises(IntegrityError, match="a row was changed"):
        verify_all(workspace.path)


def test_tables_are_append_only_again_afterwards(workspace):
    erased(workspace, request(workspace))
    with sqlite3.connect(workspace.path / "workbench.db") as connection:
        names = {
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        }
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute("DELETE FROM log")
    assert names >= {
        f"{table}_no_{verb}" for table in t.APPEND_ONLY for verb in ("update", "delete")
    }
    connection.close()


def test_an_upload_is_removed_as_a_whole_and_its_absence_is_explained(workspace):
    (path,) = (workspace.path / UPLOADS).glob("*/*")
    with pytest.raises(UnknownRecordError, match="was handed in"):
        look(workspace, Request((), ("0" * 64,), "李某", "申请"))
    erased(workspace, Request((), (path.name,), "李某", "本人申请"))
    assert not path.exists()
    opened = Database(f"sqlite:///{workspace.path / 'workbench.db'}")
    claim = runs.find(workspace.path).table("ranked_claims")["claim_id"][0].as_py()
    with opened.reading() as connection:
        assert list_for_claim(connection, claim) == []  # no page and no pack offers what is gone
    opened.dispose()
    assert verify_all(workspace.path).facts["erasures"][0]["uploads"] == [path.name]


def test_an_erasure_killed_after_its_line_in_the_ledger_is_ended_by_the_next(
    workspace, monkeypatch
):
    first, second, _ = request(workspace).values
    with monkeypatch.context() as patch:
        patch.setattr(stored, "_take_place", killed)
        with pytest.raises(KeyboardInterrupt):
            erased(workspace, Request((first,), (), "李某", "申请一"))
    with pytest.raises(IntegrityError, match=r"manifest\.json was changed"):
        verify_all(workspace.path)
    erased(workspace, Request((second,), (), "李某", "申请二"))
    assert [e["number"] for e in verify_all(workspace.path).facts["erasures"]] == [1, 2]
    everything = texts(workspace)
    assert not any(second in text for text in everything.values())
    assert not list(workspace.runs.glob(".*"))


def killed(*_arguments):
    raise KeyboardInterrupt


def test_an_erasure_killed_before_its_line_changed_no_run(workspace, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "append", killed)
        with pytest.raises(KeyboardInterrupt), locked(workspace.path) as place:
            erase(place, request(workspace))
    with locked(workspace.path) as place:
        stored.finish(place)
    assert verify_all(workspace.path).facts["erasures"] == []
    assert not list(workspace.runs.glob(".*")) and not list((workspace.path / "erasures").glob("*"))


def test_an_erased_run_says_why_it_cannot_be_repeated(workspace):
    erased(workspace, request(workspace))
    done = run("verify", "--replay", "-w", workspace.path, cwd=workspace.path)
    assert done.returncode == 2 and "personal data was erased from it (erasure 1)" in done.stderr


def test_pruning_after_an_erasure_keeps_the_proof(workspace):
    erased(workspace, request(workspace))
    assert run("prune", "--keep", 1, "-w", workspace.path, cwd=workspace.path).returncode == 0
    assert verify_all(workspace.path).facts["subjects"]["erasure"] == 1


def test_the_command_asks_before_it_erases_and_never_prints_a_value(workspace, tmp_path):
    values = request(workspace).values
    listed = tmp_path / "person.txt"
    listed.write_text("\n".join(values) + "\n\n", "utf-8")
    line = (
        "erase",
        "--values",
        listed,
        "--by",
        "李某",
        "--ground",
        "本人申请",
        "-w",
        workspace.path,
    )
    asked = run("--lang", "en", *line, cwd=tmp_path)
    assert asked.returncode == 0 and "Nothing was changed" in asked.stdout
    assert verify_all(workspace.path).facts["erasures"] == []
    done = run(*line, "--apply", "--json", cwd=tmp_path)
    assert done.returncode == 0 and json.loads(done.stdout)["applied"] is True
    again = run("--lang", "en", *line, "--apply", cwd=tmp_path)
    assert again.returncode == 0 and "none of the values is anywhere" in again.stdout
    printed = "".join(one.stdout + one.stderr for one in (asked, done, again))
    assert not any(value in printed for value in values)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Request((), (), "李某", "申请"), "nothing to erase"),
        (Request(("张",), (), "李某", "申请"), "one character"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(workspace, wanted, words):
    with pytest.raises(SettingsError, match=words):
        look(workspace, wanted)


def test_a_file_without_the_values_keeps_its_bytes(workspace):
    run = runs.find(workspace.path)
    before = {p.name: files.sha256_of(p) for p in run.folder.glob("*.parquet")}
    erased(workspace, request(workspace))
    record = stored.records(workspace, ledger.read(workspace))[0]["runs"][run.run_id]["files"]
    same = {p.name for p in run.folder.glob("*.parquet") if files.sha256_of(p) == before[p.name]}
    assert same == set(before) - set(record)
