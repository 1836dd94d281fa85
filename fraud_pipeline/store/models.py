"""Models on disk: a folder of text files a model, and a pointer to the current one."""

from __future__ import annotations

import shutil
from pathlib import Path

from fraud_pipeline.errors import IntegrityError, UnknownRecordError
from fraud_pipeline.risk import Model
from fraud_pipeline.store import files, places


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
    """Stores the model and makes it the current one; whole or not at all."""
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
    files.write_bytes(own / "risk" / "CURRENT", f"{model.name}\n".encode())


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
