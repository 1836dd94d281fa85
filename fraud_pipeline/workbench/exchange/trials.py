"""Files that a person tries out: kept apart from the bureau's data and runs, seen by that person alone.

Each trial is a folder below ``file-trials`` of the workspace: the file, the mapping, what was
understood, and a run of its own. Reading and scoring are done by processes of their own.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fraud_pipeline.errors import InputError, UnknownRecordError, WorkspaceError
from fraud_pipeline.ingest.mapping import SourceMapping, parse_mapping
from fraud_pipeline.ingest.mapping_choices import Choices, as_toml, choices_of, with_choices
from fraud_pipeline.store import files, runs
from fraud_pipeline.store.packed import SUFFIXES as PACKED
from fraud_pipeline.store.packs import kept_packs_folder
from fraud_pipeline.store.sources import SUFFIXES
from fraud_pipeline.store.trial_reader import DATA, MAPPING, SECONDS, UNDERSTOOD, data_file
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.errors import ActionRefusedError

FOLDER, INFO, SCORE, LOG = "file-trials", "trial.json", "score.json", "score.log"
MAX_PER_PERSON = 20
SCORE_MINUTES = 60  # a list of half a million payments takes ten on two cores
KINDS = (*SUFFIXES, *PACKED)
_TOKEN = re.compile(r"[0-9a-f]{24}")
_ODD = re.compile(r"[^\w.()\- ]")
_LONGEST_NAME = 120
_scoring = threading.Lock()  # one trial is scored at a time; the bureau's own runs go before


@dataclass(frozen=True)
class Trial:
    """One file that somebody tries out."""

    token: str
    folder: Path
    name: str
    at: str
    packs: Path | None = None  # folder of the bureau's own packs

    @property
    def understood(self) -> dict[str, Any]:
        return dict(files.read_json(self.folder / UNDERSTOOD))

    @property
    def mapping_text(self) -> str:
        path = self.folder / MAPPING
        return path.read_text("utf-8") if path.is_file() else ""

    @property
    def choices(self) -> Choices:
        return choices_of(self._mapping())

    def _mapping(self) -> SourceMapping:
        return parse_mapping(self.mapping_text, MAPPING) if self.mapping_text else SourceMapping()

    @property
    def run_folder(self) -> Path:
        return self.folder / "run"

    @property
    def scored(self) -> dict[str, Any]:
        """``state``: none, running, stopped, done, failed or too_long; ``line``: what was said last."""
        if not (self.folder / SCORE).is_file():
            return {"state": "none", "line": ""}
        score = dict(files.read_json(self.folder / SCORE))
        if score["state"] == "running" and not _scoring.locked():
            return {"state": "stopped", "line": ""}
        return score

    def correct(self, choices: Choices) -> None:
        """Writes the mapping with the choices and reads the file again."""
        mapping = with_choices(self._mapping(), choices, data_file(self.folder).stem)
        text = as_toml(mapping)
        parse_mapping(text, MAPPING)  # refused in one line before anything is written
        files.write_bytes(self.folder / MAPPING, text.encode())
        shutil.rmtree(self.run_folder, ignore_errors=True)
        (self.folder / SCORE).unlink(missing_ok=True)
        read(self.folder, self.packs)

    def score(self) -> None:
        """Starts scoring. Raises ActionRefusedError while a trial is being scored."""
        if not _scoring.acquire(blocking=False):
            raise ActionRefusedError("trial_busy")
        try:
            files.write_json(self.folder / SCORE, {"state": "running", "line": "", "at": now()})
            threading.Thread(target=self._score, daemon=True).start()
        except BaseException:
            _scoring.release()
            raise

    def _score(self) -> None:
        try:
            files.write_json(self.folder / SCORE, self._state_after_scoring())
        except OSError:  # removed while it was scored
            pass
        finally:
            _scoring.release()

    def _state_after_scoring(self) -> dict[str, str]:
        command = ["fraud_pipeline", "score", "--data", str(data_file(self.folder)), "--mapping",
                   str(self.folder / MAPPING), "-w", str(self.run_folder), "--quiet",
                   *(["--packs", str(self.packs)] if self.packs else [])]  # fmt: skip
        try:
            with (self.folder / LOG).open("wb") as log:
                code = subprocess.run(  # noqa: S603 - this interpreter, the product's own command
                    [sys.executable, "-m", *command], stdout=log, stderr=subprocess.STDOUT,
                    env=_environment(), check=False, timeout=60 * SCORE_MINUTES,
                ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:  # its process was ended; the next trial may begin
            return {"state": "too_long", "line": ""}
        lines = (self.folder / LOG).read_text("utf-8", "replace").strip().splitlines()
        state = "done" if code == 0 else "failed"
        return {"state": state, "line": lines[-1][:500] if lines else ""}


def start(workspace: Path, person_id: int, sent_name: str, data: bytes, max_bytes: int) -> Trial:
    """Keeps the file, drafts a mapping and reads it. Raises ActionRefusedError."""
    if not data or len(data) > max_bytes:
        raise ActionRefusedError("file_size")
    name = _ODD.sub("_", sent_name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")[
        -_LONGEST_NAME:
    ]
    if Path(name).suffix.lower() not in KINDS:
        raise ActionRefusedError("trial_kind")
    if len(of_person(workspace, person_id)) >= MAX_PER_PERSON:
        raise ActionRefusedError("trial_full")
    token = secrets.token_hex(12)
    folder = workspace / FOLDER / str(person_id) / token
    (folder / DATA).mkdir(parents=True)
    files.write_bytes(folder / DATA / name, data)
    files.write_json(folder / INFO, {"name": name, "at": now()})
    read(folder, own_packs(workspace))
    return find(workspace, person_id, token)


def read(folder: Path, packs: Path | None = None) -> None:
    """What is understood of the file, by a process of its own."""
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, a program of ours
            [sys.executable, "-m", "fraud_pipeline.store.trial_reader", str(folder), *([str(packs)] if packs else [])],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment(),
            timeout=SECONDS, check=False,
        )  # fmt: skip
        failed = done.returncode != 0
    except subprocess.TimeoutExpired:
        failed = True
    if failed:
        line = str(InputError("reading takes more memory or time than a file of its size should",
                              file=data_file(folder).name))  # fmt: skip
        files.write_json(folder / UNDERSTOOD, {"error": line, "columns": [], "rows": {}, "quarantine": [],
                                               "repairs": [], "notes": [], "first": []})  # fmt: skip


def own_packs(workspace: Path) -> Path | None:
    """The folder of the bureau's own packs, as its last run used them; None where it used none."""
    try:
        manifest = runs.find(workspace).manifest
    except (UnknownRecordError, WorkspaceError):
        return None
    return kept_packs_folder(Workspace(workspace), manifest.get("own_packs"))


def of_person(workspace: Path, person_id: int) -> list[Trial]:
    """The person's trials, the latest first."""
    folder = workspace / FOLDER / str(person_id)
    tokens = [p.name for p in folder.iterdir()] if folder.is_dir() else []
    packs = own_packs(workspace)
    trials = [
        _trial(folder / token, packs) for token in tokens if (folder / token / INFO).is_file()
    ]
    return sorted(trials, key=lambda trial: trial.at, reverse=True)


def find(workspace: Path, person_id: int, token: str) -> Trial:
    """A trial of this person. Raises UnknownRecordError for any other."""
    folder = workspace / FOLDER / str(person_id) / token
    if _TOKEN.fullmatch(token) is None or not (folder / UNDERSTOOD).is_file():
        raise UnknownRecordError(f"there is no file {token}")
    return _trial(folder, own_packs(workspace))


def drop(trial: Trial) -> None:
    """Removes the file and everything made of it."""
    shutil.rmtree(trial.folder, ignore_errors=True)


def _trial(folder: Path, packs: Path | None) -> Trial:
    info = files.read_json(folder / INFO)
    return Trial(folder.name, folder, str(info["name"]), str(info["at"]), packs)


def _environment() -> dict[str, str]:
    """The environment of a child process, which finds the product where this one did."""
    path = os.pathsep.join(p for p in sys.path if p)
    return {**os.environ, "PYTHONPATH": path}
