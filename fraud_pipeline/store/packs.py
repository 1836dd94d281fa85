"""Programme packs from disk: the shipped ones, then an agency's own and its overrides."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from fraud_pipeline.errors import ProgrammeError
from fraud_pipeline.programmes import Pack, base_of, parse_pack
from fraud_pipeline.programmes.currency import in_currencies
from fraud_pipeline.store import files
from fraud_pipeline.store.staging import key_of
from fraud_pipeline.store.workspace import Workspace


def load_packs(extra: Path | None = None) -> dict[str, Pack]:
    """Every pack by its id.

    ``extra`` is a folder of TOML files, or one file: a new pack, a replacement of a
    shipped one, or with ``extends = "wuhan"`` single values put over it. Overrides are
    applied after all full packs, in the order of their file names.

    Raises ProgrammeError for an unreadable or faulty pack, or one that extends no pack.
    """
    packs: dict[str, Pack] = {}
    shipped = resources.files("fraud_pipeline.programmes") / "packs"
    for file in sorted(shipped.iterdir(), key=lambda item: item.name):
        if file.name.endswith(".toml"):
            pack = parse_pack(file.read_text("utf-8"), file.name)
            packs |= {each.id: each for each in (pack, *in_currencies(pack))}
    texts = {} if extra is None else _read(extra)
    overrides = {name: base_of(text, name) for name, text in texts.items()}
    for name in sorted(texts, key=lambda n: (overrides[n] is not None, n)):
        base = overrides[name]
        if base is not None and base not in packs:
            raise ProgrammeError(f"{name}: extends unknown programme {base!r}")
        pack = parse_pack(texts[name], name, packs[base] if base is not None else None)
        packs[pack.id] = pack
    return packs


def keep_packs(workspace: Workspace, extra: Path | None) -> str | None:
    """Copies an agency's own pack files into the workspace; returns the name of the copy.

    A run must stay repeatable after the folder it was made with has changed. The name is a
    hash of the content. Raises ProgrammeError before anything is copied.
    """
    if extra is None:
        return None
    load_packs(extra)
    sources = _sources(extra)
    name = key_of({p.name: files.sha256_of(p) for p in sources})
    place, temporary = workspace.path / "packs" / name, workspace.path / "packs" / f".{name}.tmp"
    if not place.is_dir():
        with files.writing(place):
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir(parents=True)
            for source in sources:
                shutil.copyfile(source, temporary / source.name)
            temporary.rename(place)
    return name


def kept_packs_folder(workspace: Workspace, name: str | None) -> Path | None:
    """The folder of the packs a run was made with; None when it used the shipped ones alone."""
    return workspace.path / "packs" / name if name else None


def _sources(extra: Path) -> list[Path]:
    return sorted(extra.glob("*.toml")) if extra.is_dir() else [extra]


def _read(extra: Path) -> dict[str, str]:
    if not extra.exists():
        raise ProgrammeError(f"{extra}: no such file or folder of programme packs")
    sources = _sources(extra)
    if not sources:
        raise ProgrammeError(f"{extra}: no .toml file in it")
    texts = {}
    for file in sources:
        try:
            texts[file.name] = file.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ProgrammeError(f"{file}: cannot be read as UTF-8 text ({error})") from error
    return texts
