"""A bureau's own kinds of service and of institution: read from packs, and handed to the loader."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from fraud_pipeline.errors import ProgrammeError
from fraud_pipeline.programmes import toml_fields as fields
from fraud_pipeline.programmes.keys import KEYS, Key
from fraud_pipeline.programmes.pack import OwnKind, Pack
from fraud_pipeline.schema.own_kinds import OwnKinds

# Sections of a pack that declare own kinds, and the input column that bears them. The key of the
# same name lists those that are eligible.
SECTIONS = {"service_types": "service_type", "institution_categories": "category"}


def of_pack(
    tree: Mapping[str, Any], section: str, where: str, base: Pack | None
) -> tuple[OwnKind, ...]:
    """``[service_types]`` or ``[institution_categories]``: id = {name_en, parent, words}.

    A pack that extends another keeps that one's kinds. Raises ProgrammeError for a parent that is
    no code of the closed list, or an id that is one.
    """
    kinds = {kind.id: kind for kind in (getattr(base, section) if base else ())}
    for name, raw in fields.mapping(tree.get(section, {}), where, section).items():
        body = fields.mapping(raw, where, f"{section}.{name}")
        fields.known(body, {"name_en", "parent", "words"}, where, f"{section}.{name}.")
        kinds[name] = _kind(name, body, section, f"{where}, {section} {name}")
    return tuple(kinds.values())


def _kind(name: str, body: dict[str, Any], section: str, place: str) -> OwnKind:
    closed = KEYS[section].codes
    parent = fields.text(body, "parent", place)
    if parent not in closed:
        raise ProgrammeError(f"{place}: parent {parent!r} is none of {', '.join(closed)}")
    if name in closed:
        raise ProgrammeError(f"{place}: {name} is a code of the closed list already")
    words = fields.words(body.get("words", [name]))
    if words is None:
        raise ProgrammeError(f"{place}: words must be a list of texts")
    return OwnKind(name, fields.text(body, "name_en", place), parent, words)


def with_own(key: Key, kinds: Mapping[str, tuple[OwnKind, ...]]) -> Key:
    """``key`` with the pack's own kinds among the codes that its value may name."""
    own = tuple(kind.id for kind in kinds.get(key.name, ()))
    return dataclasses.replace(key, codes=(*key.codes, *own)) if own else key


def own_kinds_of(packs: Mapping[str, Pack]) -> OwnKinds:
    """The words of all own kinds, by input column.

    Raises ProgrammeError where two packs mean different things by one word.
    """
    columns: dict[str, dict[str, tuple[str, str]]] = {}
    for pack in packs.values():
        for section, column in SECTIONS.items():
            meanings = columns.setdefault(column, {})
            for kind in getattr(pack, section):
                for word in (kind.id, *kind.words):
                    meaning = meanings.setdefault(word.strip().lower(), (kind.id, kind.parent))
                    if meaning != (kind.id, kind.parent):
                        raise ProgrammeError(
                            f"{pack.origin}: pack {pack.id}: {word!r} means {kind.id} (parent {kind.parent}) here "
                            f"and {meaning[0]} (parent {meaning[1]}) elsewhere"
                        )
    return OwnKinds({name: meanings for name, meanings in columns.items() if meanings})
