"""Every setting, in frozen dataclasses, one a step; read from one TOML file.

Defaults exist here and nowhere else. An unknown key or a value of another type
is an error that names the key: a typo must not silently score with defaults.
"""

from __future__ import annotations

import dataclasses
import tomllib
import types
import typing
from dataclasses import dataclass, field
from typing import Any

from fraud_pipeline.errors import SettingsError


@dataclass(frozen=True)
class IngestSettings:
    """How messy sources become clean tables."""

    earliest_on: str = "1990-01-01"  # a date before this is a typing error, not history
    latest_on: str = "2100-01-01"
    max_cell_chars: int = 200_000


@dataclass(frozen=True)
class ProgrammeSettings:
    """Thresholds of the red flags that are not law (law stands in the packs)."""


@dataclass(frozen=True)
class GraphSettings:
    """Ties between parties and how much a shared attribute counts."""


@dataclass(frozen=True)
class RingSettings:
    """Search for dense groups and their significance."""


@dataclass(frozen=True)
class PricingSettings:
    """Market formation and the price verdict."""


@dataclass(frozen=True)
class BehaviourSettings:
    """Windows and unsupervised outlyingness."""


@dataclass(frozen=True)
class RiskSettings:
    """Training, calibration and scoring."""


@dataclass(frozen=True)
class ExplainSettings:
    """Which claims get reasons and how many."""

    top_share: float = 0.10  # the first tenth of the list is always explained


@dataclass(frozen=True)
class AuditSettings:
    """The sampled audit."""

    budget_share: float = 0.10  # claims to audit when no budget is given, share of the list


@dataclass(frozen=True)
class ReportSettings:
    """What the page of a run shows."""

    top_claims: int = 50
    top_rings: int = 20


@dataclass(frozen=True)
class Settings:
    """All settings of a run."""

    ingest: IngestSettings = field(default_factory=IngestSettings)
    programmes: ProgrammeSettings = field(default_factory=ProgrammeSettings)
    graph: GraphSettings = field(default_factory=GraphSettings)
    rings: RingSettings = field(default_factory=RingSettings)
    pricing: PricingSettings = field(default_factory=PricingSettings)
    behaviour: BehaviourSettings = field(default_factory=BehaviourSettings)
    risk: RiskSettings = field(default_factory=RiskSettings)
    explain: ExplainSettings = field(default_factory=ExplainSettings)
    audit: AuditSettings = field(default_factory=AuditSettings)
    report: ReportSettings = field(default_factory=ReportSettings)


def parse_settings(text: str, origin: str = "settings.toml") -> Settings:
    """Settings from TOML text; what is not named keeps its default.

    Raises SettingsError for malformed TOML, an unknown key or a wrong type.

    >>> parse_settings("[audit]\\nbudget_share = 0.2").audit.budget_share
    0.2
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{origin}: {error}") from error
    return typing.cast(Settings, from_tree(Settings, tree, origin))


def as_tree(settings: Any) -> dict[str, Any]:
    """The settings as plain dicts and values, for the manifest of a run."""
    return dataclasses.asdict(settings)


def from_tree(cls: type[Any], tree: dict[str, Any], origin: str, path: str = "") -> Any:
    """An instance of the frozen dataclass ``cls`` from nested plain values."""
    hints = typing.get_type_hints(cls)
    known = {f.name for f in dataclasses.fields(cls)}
    for key in tree:
        if key not in known:
            near = ", ".join(sorted(known)) or "none"
            raise SettingsError(f"{origin}: unknown key {path}{key} (known here: {near})")
    values = {key: _value(hints[key], value, origin, f"{path}{key}") for key, value in tree.items()}
    return cls(**values)


def _value(expected: Any, value: Any, origin: str, path: str) -> Any:
    if dataclasses.is_dataclass(expected) and isinstance(expected, type):
        return from_tree(expected, _table(value, origin, path), origin, f"{path}.")
    container = typing.get_origin(expected)
    if container in (types.UnionType, typing.Union):
        if value is None and type(None) in typing.get_args(expected):
            return None  # TOML has no null, but a manifest in JSON has
        options = [o for o in typing.get_args(expected) if o is not type(None)]
        expected = next((o for o in options if _fits(o, value)), options[0])
        return _value(expected, value, origin, path)
    if container is tuple:
        if not isinstance(value, list):
            raise SettingsError(f"{origin}: {path} must be a list")
        item = typing.get_args(expected)[0]
        return tuple(_value(item, v, origin, f"{path}[{n}]") for n, v in enumerate(value))
    if container is dict:
        item = typing.get_args(expected)[1]
        table = _table(value, origin, path)
        return {k: _value(item, v, origin, f"{path}.{k}") for k, v in table.items()}
    return _plain(expected, value, origin, path)


def _table(value: Any, origin: str, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError(f"{origin}: {path} must be a table")
    return value


def _plain(expected: Any, value: Any, origin: str, path: str) -> Any:
    if not _fits(expected, value):
        raise SettingsError(f"{origin}: {path} = {value!r} must be of type {expected.__name__}")
    return float(value) if expected is float else value


def _fits(expected: Any, value: Any) -> bool:
    base = typing.get_origin(expected) or expected
    if base is tuple:
        return isinstance(value, list)
    if base is bool or isinstance(value, bool):
        return base is bool and isinstance(value, bool)
    if base is float:
        return isinstance(value, int | float)
    return isinstance(base, type) and isinstance(value, base)
