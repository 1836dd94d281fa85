"""Trying out a file: read in a process of its own, corrected, scored apart, and seen by its owner alone."""

import re
import subprocess
import threading
import time
from pathlib import Path

import pytest

from fraud_pipeline.store import trial_reader
from fraud_pipeline.workbench.exchange import trials
from tests.workbench import world
from tests.workbench.conftest import sign_in

ROWS = "\n".join(
    f"{'Acme Ltd' if k % 3 else 'Kier'};{1 + k % 28:02d}.{1 + k % 12:02d}.2023;{1200 + 7 * k},50;{900 + k},10"
    for k in range(80)
)
LIST = f"Lieferant;Datum;Betrag;Netto\n{ROWS}\n".encode("cp1252")


def bring(client, name="spend.csv", data=LIST):
    return client.post("/files", data={"csrf": client.token}, files={"file": (name, data)})


def form_of(page):
    """The fields of the form of columns as they stand."""
    form = re.search(r'id="columns">(.*?)</form>', page, re.DOTALL)[1]
    fields = {}
    for name, options in re.findall(r'<select name="(\w+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(
            r'<option(?: selected)?(?: value="([^"]*)")? selected[^>]*>([^<]*)|<option selected value="([^"]*)"',
            options,
        )
        fields[name] = next((g for g in chosen.groups() if g is not None), "") if chosen else ""
    return fields


@pytest.fixture
def place(application):
    return application


@pytest.fixture
def scoring(monkeypatch):
    """Scoring that publishes a made-up run once it may; reading a file stays as it is."""
    may, run = threading.Event(), subprocess.run

    def scored(command, **how):
        if "score" not in command:
            return run(command, **how)
        assert may.wait(60)
        world.published(Path(command[command.index("-w") + 1]))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(trials.subprocess, "run", scored)
    return may


def test_a_file_is_read_corrected_saved_and_scored(place, scoring):
    client = sign_in(place, "lead")
    answer = bring(client)
    assert answer.status_code == 303
    address = answer.headers["location"]
    page = client.get(address).text
    assert "共 80 行：可用 80 行" in page and "Acme Ltd" in page and "2023-01-01" in page
    fields = form_of(page)
    assert fields["payee"] == "Lieferant" and fields["amount"] == "Betrag"
    corrected = client.submit(address, **{**fields, "amount": "Netto", "claimed": "Netto"})
    assert corrected.status_code == 303 and "trial_read" in corrected.headers["location"]
    assert "900.10" in client.get(address).text
    mapping = client.get(f"{address}/mapping.toml")
    assert (
        'contract_amount" = "Netto"' in mapping.text
        and "attachment" in mapping.headers["content-disposition"]
    )
    assert client.submit(f"{address}/score").status_code == 303
    assert client.submit(f"{address}/score").headers["location"].endswith("problem=trial_busy")
    assert "http-equiv" in client.get(address).text
    assert client.get(f"{address}/report.html").status_code == 404
    scoring.set()
    until = time.monotonic() + 60
    while "http-equiv" in client.get(address).text and time.monotonic() < until:
        time.sleep(0.1)
    leads = client.get(address).text.partition('id="leads"')[2]
    assert leads.count("<tr><td>") == min(50, world.N)
    other = sign_in(place, "reviewer")
    for path in (address, f"{address}/mapping.toml", f"{address}/report.html"):
        assert other.get(path).status_code == 404
    assert other.submit(f"{address}/drop").status_code == 404
    client.submit(f"{address}/drop")
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [("a.exe", b"MZ", "trial_kind"), ("a.csv", b"", "file_size"), ("noname", b"x", "trial_kind")],
)
def test_what_is_no_file_of_that_kind_is_refused(place, name, data, key):
    assert bring(sign_in(place, "lead"), name, data).headers["location"].endswith(f"problem={key}")


def test_a_file_that_cannot_be_read_says_so_in_one_line_and_is_not_scored(place):
    client = sign_in(place, "investigator")
    address = bring(client, "../../<b>x</b>.xlsx", b"PK no workbook").headers["location"]
    page = client.get(address).text
    assert "not a readable workbook" in page and "<b>x" not in page
    assert client.submit(f"{address}/score").headers["location"].endswith("problem=trial_unread")
    kept = list((place.state.app_state.workspace.path / trials.FOLDER).glob("*/*/data/*"))
    assert [p.name for p in kept] == ["b_.xlsx"]


def test_a_choice_that_is_no_column_is_refused(place, monkeypatch):
    monkeypatch.setattr(trials, "read", trial_reader.write_understood)
    client = sign_in(place, "lead")
    address = bring(client).headers["location"]
    fields = form_of(client.get(address).text)
    for wrong in (
        {"payee": "nothing"},
        {"order": "any"},
        {"programme": "../x"},
        {"key": "+nothing"},
        {"decimal": "x"},
    ):
        answer = client.submit(address, **{**fields, **wrong})
        assert answer.headers["location"].endswith("problem=trial_choice"), wrong


def test_a_reader_that_dies_or_takes_too_long_is_said(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.csv").write_bytes(LIST)
    monkeypatch.setattr(trials, "SECONDS", 0.01)
    trials.read(tmp_path)
    assert "more memory or time" in (tmp_path / "understood.json").read_text()


def test_scoring_that_takes_too_long_is_ended_and_said(place, monkeypatch):
    monkeypatch.setattr(trials, "read", trial_reader.write_understood)
    monkeypatch.setattr(trials, "SCORE_MINUTES", 0.001)
    client = sign_in(place, "lead")
    address = bring(client).headers["location"]
    assert client.submit(f"{address}/score").status_code == 303
    assert trials._scoring.acquire(timeout=30)  # given back once the process was ended
    trials._scoring.release()
    assert "已停止" in client.get(address).text
    assert client.submit(f"{address}/score").status_code == 303
    assert trials._scoring.acquire(timeout=30)
    trials._scoring.release()


OWN = """id = "own_list"
extends = "payments"
name_zh = "本局清单"
name_en = "The bureau's own list"
currency = "GBP"
"""


def test_the_bureaus_own_packs_are_offered_and_used(place, tmp_path, monkeypatch):
    monkeypatch.setattr(trials, "read", trial_reader.write_understood)
    (tmp_path / "own.toml").write_text(OWN, "utf-8")
    monkeypatch.setattr(trials, "own_packs", lambda workspace: tmp_path)
    client = sign_in(place, "lead")
    address = bring(client).headers["location"]
    fields = form_of(client.get(address).text)
    answer = client.submit(address, **{**fields, "programme": "own_list"})
    assert answer.headers["location"].endswith("trial_read")
    assert form_of(client.get(address).text)["programme"] == "own_list"
    commands = []
    monkeypatch.setattr(trials.subprocess, "run", lambda command, **how: commands.append(command) or subprocess.CompletedProcess(command, 1))  # fmt: skip
    client.submit(f"{address}/score")
    assert trials._scoring.acquire(timeout=30)
    trials._scoring.release()
    assert commands[0][commands[0].index("--packs") + 1] == str(tmp_path)


def test_own_packs_are_those_of_the_last_run(tmp_path):
    assert trials.own_packs(tmp_path) is None, "nothing has been published"
    manifest = world.published(tmp_path) / "manifest.json"
    assert trials.own_packs(tmp_path) is None
    manifest.write_text(
        manifest.read_text("utf-8").replace("{", '{"own_packs": "abc",', 1), "utf-8"
    )
    assert trials.own_packs(tmp_path) == tmp_path / "packs" / "abc"
