"""Models on disk: a folder of text files a model, and a pointer to the current one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fraud_pipeline.errors import IntegrityError, UnknownRecordError
from fraud_pipeline.risk import Model
from fraud_pipeline.store import files, hash_chain, places

_HASH = "hash"  # of an entry of the history


def load_model(own: Path, name: str | None = None) -> Model:
    """The named or current model of a workspace, else the one that ships.

    ``own`` is the workspace's models folder. Raises IntegrityError naming the
    file that is not what its manifest says.
    """
    for root in (own / "risk", places.models() / "risk"):
        wanted = name or _current(root)
        if wanted and (root / wanted / "manifest.json").is_file():
            return _read(root / wanted)
    raise UnknownRecordError(f"there is no risk model {name or ''} in {own} or among those shipped")


def shipped_model() -> Model:
    """The model that comes with the product, whatever a workspace learned since."""
    root = places.models() / "risk"
    return _read(root / str(_current(root)))


def save_model(own: Path, model: Model) -> None:
    """Stores the model, whole or not at all; which one is used stays as it is."""
    place = own / "risk" / model.name
    temporary = own / "risk" / f".{model.name}.tmp"
    with files.writing(place):
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        for name, text in model.files.items():
            files.write_bytes(temporary / name, text.encode())
        manifest = {n: files.sha256_of(temporary / n) for n in model.files}
        files.write_json(temporary / "manifest.json", manifest)
        if not place.exists():
            temporary.rename(place)
        shutil.rmtree(temporary, ignore_errors=True)


def use_model(own: Path, name: str, why: str) -> None:
    """Makes a stored or the shipped model the current one; the change goes on record.

    Raises UnknownRecordError for a model that is nowhere.
    """
    load_model(own, name)
    root = own / "risk"
    root.mkdir(parents=True, exist_ok=True)
    entry = {"model": name, "before": _current(root), "why": why}
    record = _record(own)
    record.append({**entry, _HASH: _entry_hash(record, entry)})
    files.write_json(root / "history.json", record)
    files.write_bytes(root / "CURRENT", f"{name}\n".encode())


def roll_back(own: Path) -> str:
    """The model that was in use before the current one is used again; its name.

    Raises UnknownRecordError when nothing was ever changed.
    """
    record = history(own)
    if not record:
        raise UnknownRecordError(f"{own}: no model was ever promoted here")
    before = record[-1]["before"] or str(_current(places.models() / "risk"))
    use_model(own, before, f"rolled back from {record[-1]['model']}")
    return before


def history(own: Path) -> list[dict[str, Any]]:
    """Every change of the current model, oldest first."""
    return [{k: v for k, v in entry.items() if k != _HASH} for entry in _record(own)]


def pointer_faults(own: Path) -> Iterator[str]:
    """What is wrong with the record of changes and the pointer to the current model, in words.

    Entries of earlier versions carry no hash; they are proven by the first one after them.
    """
    root, proven = own / "risk", 0
    try:
        record = _record(own)
        for k, entry in enumerate(record):
            content = {name: value for name, value in entry.items() if name != _HASH}
            if _HASH in entry and entry[_HASH] != _entry_hash(record[:k], content):
                yield f"model history (history.json): entry {k + 1} or one before it was changed"
                return
            proven = k + 1 if _HASH in entry else proven
        if 0 < proven < len(record):
            yield f"model history (history.json): entry {proven + 1} has no hash"
        wanted = record[-1]["model"] if record else None
    except (IntegrityError, AttributeError, KeyError, TypeError):
        yield "model history (history.json) is not what was written"
        return
    pointer = root / "CURRENT"
    text = pointer.read_bytes().decode("utf-8", "replace") if pointer.is_file() else None
    if text != (None if wanted is None else f"{wanted}\n"):
        yield f"CURRENT names the model {text!r}, the history {wanted!r}"


def _record(own: Path) -> list[dict[str, Any]]:
    path = own / "risk" / "history.json"
    return list(files.read_json(path)) if path.is_file() else []


def _entry_hash(before: Sequence[dict[str, Any]], entry: dict[str, Any]) -> str:
    """SHA-256 of an entry and of all entries before it."""
    return hash_chain.content_hash(files.dump_json([*before, entry]))


def names(own: Path) -> list[str]:
    """Models that can be used here: the shipped ones and those stored in the workspace."""
    roots = (places.models() / "risk", own / "risk")
    return sorted({m.parent.name for root in roots for m in root.glob("*/manifest.json")})


def _current(root: Path) -> str | None:
    pointer = root / "CURRENT"
    return pointer.read_text("utf-8").strip() if pointer.is_file() else None


def _read(folder: Path) -> Model:
    manifest = files.read_json(folder / "manifest.json")
    for name, digest in sorted(manifest.items()):
        path = folder / name
        if not path.is_file() or files.sha256_of(path) != digest:
            raise IntegrityError(f"model {folder.name}: {name} is not the file its manifest names")
    return Model(
        folder.name, {name: (folder / name).read_text("utf-8") for name in sorted(manifest)}
    )
