"""Programme packs from disk: the shipped ones, then an agency's own and its overrides."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from fraud_pipeline.errors import ProgrammeError
from fraud_pipeline.programmes import Pack, base_of, parse_pack


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
            packs[pack.id] = pack
    texts = {} if extra is None else _read(extra)
    overrides = {name: base_of(text, name) for name, text in texts.items()}
    for name in sorted(texts, key=lambda n: (overrides[n] is not None, n)):
        base = overrides[name]
        if base is not None and base not in packs:
            raise ProgrammeError(f"{name}: extends unknown programme {base!r}")
        pack = parse_pack(texts[name], name, packs[base] if base is not None else None)
        packs[pack.id] = pack
    return packs


def _read(extra: Path) -> dict[str, str]:
    if not extra.exists():
        raise ProgrammeError(f"{extra}: no such file or folder of programme packs")
    files = sorted(extra.glob("*.toml")) if extra.is_dir() else [extra]
    if not files:
        raise ProgrammeError(f"{extra}: no .toml file in it")
    texts = {}
    for file in files:
        try:
            texts[file.name] = file.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ProgrammeError(f"{file}: cannot be read as UTF-8 text ({error})") from error
    return texts
