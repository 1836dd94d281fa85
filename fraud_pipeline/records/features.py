"""The catalogue of features: every number the model sees, named in words.

One place, because the step that measures a feature, the model that weighs it and
the sentence that explains it must mean the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["rules", "price", "ring", "behaviour", "profile"]
Unit = Literal["yuan", "ratio", "count", "days", "share", "score", "flag"]


@dataclass(frozen=True)
class Feature:
    """One feature of a claim; missing stays missing (null), never zero.

    ``direction`` +1: higher is more suspicious by the meaning of the feature;
    -1: lower is; 0: no direction is law and a model may learn one.
    """

    name: str
    group: Group
    unit: Unit
    direction: int
    zh: str
    en: str
    doc: str
