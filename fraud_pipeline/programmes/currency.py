"""The money a programme counts in: by programme, and packs of plain payments in each currency."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fraud_pipeline.core.currency import CURRENCIES, UNNAMED

if TYPE_CHECKING:
    from fraud_pipeline.programmes.pack import Pack


def currencies_of(packs: Mapping[str, Pack]) -> dict[str, str]:
    """The currency that each programme counts in, by its id."""
    return {name: pack.currency for name, pack in packs.items()}


def in_currencies(pack: Pack) -> list[Pack]:
    """A pack of plain payments in each currency that has a name: ``payments`` as ``payments_gbp``.

    Only a pack that names no currency and states ``repeat_days`` has such variants.
    """
    if pack.currency != UNNAMED or not any(e.key == "repeat_days" for e in pack.entries):
        return []
    return [
        dataclasses.replace(
            pack, id=f"{pack.id}_{code.lower()}", currency=code,
            name_zh=f"{pack.name_zh}（{words[0]}）", name_en=f"{pack.name_en}, in {words[1]}",
            sha256=hashlib.sha256(f"{pack.sha256} {code}".encode()).hexdigest(),
        )
        for code, words in CURRENCIES.items() if code != UNNAMED
    ]  # fmt: skip
