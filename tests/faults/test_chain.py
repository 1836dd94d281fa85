"""Custody: one changed byte anywhere in the workspace is found and named; pruning keeps the proof."""

import dataclasses
import json
import re
import shutil
from datetime import date

import pytest

from fraud_pipeline.engine import audit_plan, runner, verification
from fraud_pipeline.engine.runner import Request, score
from fraud_pipeline.errors import IntegrityError, UnknownRecordError, WorkspaceError
from fraud_pipeline.settings import Settings
from fraud_pipeline.store import files, ledger, models, references, registration, retention, runs
from fraud_pipeline.store.hash_chain import Receipt
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.store.workspace import Workspace, locked
from fraud_pipeline.workbench.db.verification import verify_all

TINY = data_samples() / "tiny"
DAYS = (date(2015, 9, 30), date(2015, 12, 31), date(2016, 3, 14))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Three runs, an agency's own pack, an audit plan of the second run."""
    path = tmp_path_factory.mktemp("workspace")
    packs = path / "given"
    packs.mkdir()
    (packs / "own.toml").write_text('extends = "wuhan"\nid = "wuhan"\n', "utf-8")
    with locked(path / "w") as place:
        for day in DAYS:
            request = Request(data=str(TINY), workspace=place.path, as_of=day, packs=packs)
            run = score(request, place)
            if day == DAYS[1]:
                audit_plan.plan_audit(place, run.run_id, Settings(), 10, 7, None)
        own = dataclasses.replace(models.shipped_model(), name="own-1")
        models.save_model(place.models, own)
        models.use_model(place.models, "own-1", "trained here")
        registration.register_artefacts(place)
    return path / "w"


@pytest.fixture
def workspace(made, tmp_path):
    return Workspace(shutil.copytree(made, tmp_path / "w"))


def order(workspace):
    return [x.subject for x in ledger.read(workspace) if x.kind == "run"]


def test_an_untouched_workspace_holds_and_gives_a_receipt(workspace):
    text = verify_all(workspace.path).text
    assert "model 1" in text and "run 3" in text and "plan 1" in text and "packs 1" in text
    noted = Receipt.parse(text.split()[-1])
    assert verify_all(workspace.path, receipt=noted).text == text


def test_each_manifest_names_the_run_before_it_and_its_hash(workspace):
    first, second, third = order(workspace)
    manifests = {r: runs.find(workspace.path, r).manifest for r in (first, second, third)}
    assert manifests[first]["before"] is None
    for run_id, before in ((second, first), (third, second)):
        digest = files.sha256_of(workspace.runs / before / "manifest.json")
        assert manifests[run_id]["before"] == {"run_id": before, "sha256": digest}


def everything(workspace):
    return sorted(
        p.relative_to(workspace.path).as_posix()
        for p in workspace.path.rglob("*")
        if p.is_file() and p.name != ".lock"
    )


def test_one_changed_byte_in_any_file_is_found_and_named(workspace):
    """Every file of the workspace in turn: flip one bit, look, put it back."""
    names = everything(workspace)
    assert len(names) > 60 and {"nights.jsonl", "models/risk/CURRENT"} <= {*names}
    for name in names:
        path = workspace.path / name
        data = path.read_bytes()
        if not data:
            continue
        path.write_bytes(
            data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 4]) + data[len(data) // 2 + 1 :]
        )
        with pytest.raises(IntegrityError) as caught:
            verify_all(workspace.path)
        text = str(caught.value)
        # the file, or the run, plan, model or folder of packs that it belongs to
        parts = name.split("/")
        owner = parts[2 if parts[0] == "models" and len(parts) > 3 else 1] if parts[1:] else ""
        wanted = {parts[-1], owner or name.split(".")[0]}
        assert any(one in text for one in wanted), (name, text)
        path.write_bytes(data)
    verify_all(workspace.path)


@pytest.mark.parametrize("what", ["removed", "added", "run", "stranger", "plan"])
def test_what_is_missing_or_too_much_is_named(workspace, what):
    first = workspace.runs / order(workspace)[0]
    if what == "removed":
        (first / "rules.parquet").unlink()
    elif what == "added":
        (first / "note.txt").write_text("x")
    elif what == "run":
        shutil.rmtree(first)
    elif what == "plan":
        shutil.rmtree(workspace.path / "plans")
    else:
        shutil.copytree(first, workspace.runs / "20990101-0000000000000000")
    named = {"removed": "rules.parquet is missing", "added": "note.txt was added",
             "run": f"run {first.name} is missing", "plan": "plan .* is missing",
             "stranger": "20990101-0000000000000000 is not in the ledger"}[what]  # fmt: skip
    with pytest.raises(IntegrityError, match=named):
        verify_all(workspace.path)


def test_a_cut_off_end_is_found_by_a_receipt(workspace):
    noted = ledger.receipt(workspace)
    path = workspace.path / ledger.FILE
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    with pytest.raises(IntegrityError, match="receipt is not met"):
        verify_all(workspace.path, receipt=noted)


def test_rewriting_history_breaks_every_hash_after_it(workspace):
    path = workspace.path / ledger.FILE
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[0]["sha256"] = "0" * 64
    forged = ledger.Line(**lines[0])
    lines[0]["hash"] = forged.digest()  # the forger recomputes the line's own hash
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(IntegrityError, match="ledger line 2"):
        verify_all(workspace.path)
    with locked(workspace.path) as place, pytest.raises(IntegrityError, match="nothing was added"):
        ledger.append(place, "run", "x", "0")


def test_a_claims_score_is_made_again_and_a_forged_one_is_named(workspace, monkeypatch):
    run = runs.find(workspace.path)
    claim = run.table("ranked_claims")["claim_id"][5].as_py()
    assert claim in verification.verify_claim(workspace.path, None, claim).text
    with pytest.raises(UnknownRecordError, match="nobody"):
        verification.verify_claim(workspace.path, None, "nobody")
    real = verification.risk.score
    monkeypatch.setattr(verification.risk, "score", lambda *a: real(*a).set_column(
        2, "risk", [[0.123456]]))  # fmt: skip
    with pytest.raises(IntegrityError, match=f"claim {claim}: risk is 0.123456 now and was"):
        verification.verify_claim(workspace.path, None, claim)


def test_a_run_with_its_own_packs_is_repeated_after_the_folder_is_gone(workspace):
    assert "byte for byte" in verification.verify_run(workspace.path, None, replay=True).text


def test_pruning_keeps_what_is_referred_to_and_the_proof(workspace):
    first, second, third = order(workspace)
    what = retention.plan(workspace, keep=1)
    assert what.removed == (first,)  # the second has a plan, the third is LATEST
    assert {k.run_id: k.why.split()[0] for k in what.kept_runs} == {
        second: "audit",
        third: "LATEST",
    }
    with locked(workspace.path) as place:
        retention.carry_out(place, what)
    assert not (workspace.runs / first).exists()
    assert runs.pruned_or_whole(workspace, first).rings().rings.num_rows >= 0
    assert "pruned 1" in verify_all(workspace.path).text
    assert "byte for byte" in verification.verify_run(workspace.path, second, replay=True).text
    path = workspace.pruned / first / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"2015", b"2016", 1))
    with pytest.raises(IntegrityError, match=first):
        verify_all(workspace.path)


def test_a_retention_period_keeps_younger_runs(workspace):
    first, _, _ = order(workspace)
    young = retention.plan(workspace, 1, older_than=1)
    assert young.removed == () and first in {run.run_id for run in young.kept_runs}
    assert {run.why for run in young.kept_runs} >= {"not yet 1 days old"}
    path = workspace.path / ledger.FILE
    path.write_text(re.sub(r'"at": "\d{4}', '"at": "2001', path.read_text("utf-8")), "utf-8")
    assert first in retention.plan(workspace, 1, older_than=1).removed


def test_a_run_that_a_decision_names_is_never_pruned(workspace):
    import sqlalchemy as sa

    first = order(workspace)[0]
    engine = sa.create_engine(f"sqlite:///{workspace.path / references.WORKBENCH}")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE decisions (run_id TEXT)"))
        connection.execute(sa.text("INSERT INTO decisions VALUES (:r)"), {"r": first})
    engine.dispose()
    what = retention.plan(workspace, keep=1)
    assert first not in what.removed
    assert next(k.why for k in what.kept_runs if k.run_id == first) == "decisions of the workbench"


def test_a_database_of_decisions_that_cannot_be_read_stops_the_pruning(workspace):
    (workspace.path / references.WORKBENCH).write_bytes(b"no database at all, but there" * 100)
    with pytest.raises(WorkspaceError, match="cannot be read"):
        retention.plan(workspace, keep=1)


def test_a_pruning_that_was_killed_goes_on(workspace, monkeypatch):
    what = retention.plan(workspace, keep=1)

    def killed(*_args, **_kwargs):
        raise KeyboardInterrupt

    for name in ("ledger.append", "shutil.rmtree"):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(f"fraud_pipeline.store.retention.{name}", killed)
            with locked(workspace.path) as place:
                retention.carry_out(place, what)
    with locked(workspace.path) as place:
        retention.carry_out(place, retention.plan(workspace, keep=1))
    assert "pruned 1" in verify_all(workspace.path).text
    assert not list(workspace.runs.glob(".*"))


def test_a_publication_killed_before_the_ledger_is_entered_by_the_next(workspace, monkeypatch):
    """Killed between the rename and the line: the next attempt finds the run and enters it."""

    def killed(*_args):
        raise KeyboardInterrupt

    request = Request(data=str(TINY), workspace=workspace.path, as_of=date(2016, 2, 1))
    with locked(workspace.path) as place:
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(runs, "point_to", killed)
            score(request, place)
        assert runs.find(workspace.path).run_id == order(workspace)[-1]  # the last good run
        run = runner.score(request, place)
    assert runs.find(workspace.path).run_id == run.run_id == order(workspace)[-1]
    verify_all(workspace.path)
