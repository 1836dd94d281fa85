"""A setting: its default with meaning, unit, range and source, all in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic.fields import FieldInfo

from fraud_pipeline.core.strict_models import StrictModel, plain

CUSTOM = "audit custom"
ASSUMPTION = "assumption"


class SettingsTable(StrictModel):
    """One table of the settings file; the docstring is its heading on the reference page."""


@dataclass(frozen=True)
class Described:
    """What the reference page says of a setting beside its default and its meaning."""

    unit: str
    range: str
    source: str


def setting(
    default: Any, meaning: str, *, unit: str, source: str, range_text: str | None = None,
    **bounds: float,
) -> Any:  # fmt: skip
    """A field with its default, bounds (ge, gt, le, lt) and all that the reference page needs.

    ``range_text`` words the range of lists, tables, texts and dates, whose type checks it.
    """
    words = {"ge": "from {}", "gt": "above {}", "le": "to {}", "lt": "below {}"}
    bounds_in_words = " ".join(
        words[name].format(plain(bounds[name])) for name in words if name in bounds
    )
    about: dict[str, Any] = dict(vars(Described(unit, range_text or bounds_in_words, source)))
    checks: dict[str, Any] = dict(bounds)
    return Field(default, description=meaning, json_schema_extra=about, **checks)


def described(info: FieldInfo) -> Described:
    """The description that :func:`setting` put on a field; a field made otherwise has none."""
    extra = info.json_schema_extra
    if not isinstance(extra, dict):
        raise TypeError("the field was not made by setting(): it has no unit and no source")
    return Described(**extra)  # type: ignore[arg-type]


def _pattern(text: str) -> str:
    """A regular expression that DuckDB can run: RE2, which knows no looking around."""
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from error
    if re.search(r"\(\?[=!<]|\\[1-9]", text):
        raise ValueError("is not a regular expression of RE2: no look-around, no back-references")
    return text


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_pattern)]
