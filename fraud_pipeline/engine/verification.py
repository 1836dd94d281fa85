"""Proof that nothing stored was changed: one run, one claim's score, or the whole workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import risk
from fraud_pipeline.core.report import Report
from fraud_pipeline.engine import run_queries
from fraud_pipeline.engine.replay import replay as replay_run
from fraud_pipeline.engine.replay import require_same_code
from fraud_pipeline.engine.setup import setup_of_run
from fraud_pipeline.errors import IntegrityError, UnknownRecordError
from fraud_pipeline.steps.ranking import model_of
from fraud_pipeline.store import attempts, erasure, files, ledger, registration, runs
from fraud_pipeline.store.hash_chain import Receipt
from fraud_pipeline.store.ledger import Line
from fraud_pipeline.store.models import load_model, pointer_faults
from fraud_pipeline.store.runs import MANIFEST, RING_FILES, Run
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.vocabulary.messages import t

_SHOWN = 20
# Everything wrong with the log of decisions, in words. Its argument is the end of the log that
# the ledger recorded last, None when it recorded none.
LogFaults: TypeAlias = Callable[[Receipt | None], Iterable[str]]


def verify_run(path: Path, run_id: str | None, *, replay: bool) -> Report:
    """Compares every file of a run with its published hash; with ``replay`` repeats the run.

    ``run_id``: None = the last run. Raises IntegrityError naming the first file that differs, or
    all that other code than the run's makes differently.
    """
    run = runs.find(path, run_id)
    run.verify_files()
    n_files = len(run.manifest["outputs"])
    text = t("verify.files", run_id=run.run_id, files=n_files)
    erased = run.manifest.get("erasures")
    if replay and erased:
        raise IntegrityError(
            f"run {run.run_id}: personal data was erased from it (erasure {erased[-1]}), so that it "
            "cannot be repeated from its tables"
        )
    replayed = replay_run(run, Workspace(path)) if replay else None
    if replayed is not None:
        key = "verify.replayed_by_other_code" if replayed.is_other_code else "verify.replayed"
        text += t(key, files=replayed.n_equal)
    n_equal = replayed.n_equal if replayed else None
    return Report(text, {"run_id": run.run_id, "files": n_files, "recomputed": n_equal})


def verify_claim(path: Path, run_id: str | None, claim_id: str) -> Report:
    """Scores one claim of a run again from the evidence the run stored, and compares.

    Every bit of risk, log-odds and amount at risk must be the same. ``verify --replay``
    goes further and makes the evidence again too. Raises IntegrityError saying what differs.
    """
    run = runs.find(path, run_id)
    run.verify_files()
    require_same_code(run)
    setup = setup_of_run(run, Workspace(path))
    stored = _row(run.table("ranked_claims"), claim_id)
    recomputed = risk.score(
        _row(run.table("features"), claim_id), run.table("rules"),
        _rows(run.hits(), claim_id), run_queries.known_to(run), model_of(run, setup),
    )  # fmt: skip
    for name in recomputed.column_names:
        before, now = stored[name][0].as_py(), recomputed[name][0].as_py()
        if name not in ("rank", "risk_rank") and before != now:
            raise IntegrityError(f"claim {claim_id}: {name} is {now!r} now and was {before!r}")
    claim_risk, rank = stored["risk"][0].as_py(), stored["rank"][0].as_py()
    facts = {"claim_id": claim_id, "risk": claim_risk, "rank": rank, "model": setup.model.name,
             "run_id": run.run_id}  # fmt: skip
    return Report(t("verify.claim", **facts), facts)


def verify_workspace(path: Path, receipt: Receipt | None, log_faults: LogFaults) -> Report:
    """Every run, model, pack and plan, the chain over them, and the log of decisions.

    ``receipt`` is a number and hash noted earlier; ``log_faults`` checks the log, which
    belongs to the workbench. Returns what was checked, with the receipt to note now.
    Raises IntegrityError naming everything that is wrong.
    """
    workspace = Workspace(path)
    lines = ledger.read(workspace)
    if not lines:
        raise UnknownRecordError(f"{path}: no run has been published here yet")
    problems = list(_faults(workspace, lines, receipt, log_faults))
    if problems:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise IntegrityError("; ".join(problems[:_SHOWN]) + more)
    counted = {kind: len({x.subject for x in lines if x.kind == kind}) for kind in ledger.KINDS}
    contents = " · ".join(f"{kind} {n}" for kind, n in counted.items() if n)
    now = f"{lines[-1].seq}:{lines[-1].hash}"
    erased = [erasure.summary(record) for record in erasure.records(workspace, lines)]
    text = [t("verify.erasure", **one) for one in erased]
    text.append(t("verify.all", lines=len(lines), counted=contents, receipt=now))
    return Report(
        "\n".join(text),
        {"lines": len(lines), "subjects": counted, "receipt": now, "erasures": erased},
    )


def _faults(
    workspace: Workspace, lines: list[Line], receipt: Receipt | None, log_faults: LogFaults
) -> Iterator[str]:
    """Everything in the workspace that is not what it was, in words."""
    if problem := ledger.fault(lines, receipt):
        yield problem
    yield from erasure.faults(workspace, lines)
    yield from _run_faults(workspace, lines)
    yield from _folder_faults(workspace, lines)
    yield from attempts.faults(workspace.path)
    yield from pointer_faults(workspace.models)
    log_end = ledger.last(lines, "decisions")
    yield from log_faults(Receipt.parse(log_end.subject) if log_end else None)
    latest = workspace.runs / "LATEST"
    latest_id = latest.read_text("utf-8", "replace").strip() if latest.is_file() else None
    if latest_id not in {line.subject for line in lines if line.kind == "run"}:
        yield f"LATEST names {latest_id!r}, which is no run of the ledger"


def _run_faults(workspace: Workspace, lines: list[Line]) -> Iterator[str]:
    registered = {
        line.subject: line for line in lines if line.kind == "run"
    }  # the last line of each
    pruned = {line.subject for line in lines if line.kind == "pruned"}
    erased = erasure.manifests(workspace, lines)
    for run_id, line in registered.items():
        manifest = erased.get(run_id, line.sha256)
        run = runs.existing(workspace, run_id)
        remainder = Run(workspace.pruned / run_id)
        if run is not None:
            yield from _file_faults(run, manifest, None)
        elif run_id in pruned and (remainder.folder / MANIFEST).is_file():
            yield from _file_faults(remainder, manifest, RING_FILES)
        else:
            yield f"run {run_id} is missing"
    for folder in sorted(workspace.runs.glob("[!.]*")):
        if folder.is_dir() and folder.name not in registered:
            yield f"run {folder.name} is not in the ledger"
    yield from _link_faults(workspace, lines)


def _file_faults(run: Run, manifest: str, only: tuple[str, ...] | None) -> Iterator[str]:
    if files.sha256_of(run.folder / MANIFEST) != manifest:
        yield f"run {run.run_id}: {MANIFEST} was changed after publication"
    try:
        yield from run.faults(only)
    except (IntegrityError, KeyError, TypeError) as error:
        yield f"run {run.run_id}: {MANIFEST} cannot be read ({error})"


def _link_faults(workspace: Workspace, lines: list[Line]) -> Iterator[str]:
    """Each manifest names the run before it and the hash of that run's manifest."""
    previous: Line | None = None
    erased = erasure.manifests(workspace, lines)
    for line in (x for x in lines if x.kind == "run"):
        for root in (workspace.runs, workspace.pruned):
            path = root / line.subject / MANIFEST
            expected_hashes = (line.sha256, erased.get(line.subject))
            if path.is_file() and files.sha256_of(path) in expected_hashes:
                recorded = files.read_json(path).get("before")
                expected = (
                    {"run_id": previous.subject, "sha256": previous.sha256} if previous else None
                )
                if recorded not in (expected, None):
                    yield f"run {line.subject}: its manifest names another run before it"
        previous = line


def _folder_faults(workspace: Workspace, lines: list[Line]) -> Iterator[str]:
    registered = {(x.kind, x.subject): x.sha256 for x in lines}
    present = set()
    for kind, folder in registration.artefact_folders(workspace):
        present.add((kind, folder.name))
        known = registered.get((kind, folder.name))
        if known is not None and registration.folder_sha256(folder) != known:
            yield f"{kind} {folder.name}: a file was changed, added or removed"
        if kind == "model":
            try:
                load_model(workspace.models, folder.name)
            except IntegrityError as error:
                yield str(error)
    for kind, name in registered:
        if kind in ("model", "plan", "packs") and (kind, name) not in present:
            yield f"{kind} {name} is missing"


def _rows(table: pa.Table, claim_id: str) -> pa.Table:
    return table.filter(pc.equal(table["claim_id"], claim_id))


def _row(table: pa.Table, claim_id: str) -> pa.Table:
    rows = _rows(table, claim_id)
    if rows.num_rows == 0:
        raise UnknownRecordError(f"there is no ranked claim {claim_id!r} in this run")
    return rows
