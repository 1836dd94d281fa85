"""Kinds of service and of institution that a bureau has besides the closed lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class OwnKinds:
    """``columns``: input column -> word in small letters -> (own kind, its parent code)."""

    columns: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)


NO_OWN_KINDS = OwnKinds()
