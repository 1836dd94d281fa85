"""Every setting of a run, one table a step, read from one TOML file.

Defaults stand here and nowhere else, each with its meaning, unit, range and source;
`docs/settings.md` is made from them (``python -m fraud_pipeline.settings``). Numbers that tune a
method are constants beside the method and cannot be set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from fraud_pipeline.core.strict_models import StrictModel, read_toml, validated
from fraud_pipeline.settings.audit import AuditSettings
from fraud_pipeline.settings.former import refuse_constants, with_new_names
from fraud_pipeline.settings.ingest import IngestSettings
from fraud_pipeline.settings.pricing import PricingSettings
from fraud_pipeline.settings.programmes import ProgrammeSettings
from fraud_pipeline.settings.risk import (
    BehaviourSettings,
    ExplainSettings,
    ReportSettings,
    RiskSettings,
)
from fraud_pipeline.settings.search import GraphSettings, RingSettings

__all__ = [
    "AuditSettings",
    "BehaviourSettings",
    "ExplainSettings",
    "GraphSettings",
    "IngestSettings",
    "PricingSettings",
    "ProgrammeSettings",
    "ReportSettings",
    "RingSettings",
    "RiskSettings",
    "Settings",
    "parse_settings",
    "recorded_settings",
]


class Settings(StrictModel):
    """All settings of a run."""

    ingest: IngestSettings = Field(default_factory=IngestSettings)
    programmes: ProgrammeSettings = Field(default_factory=ProgrammeSettings)
    graph: GraphSettings = Field(default_factory=GraphSettings)
    rings: RingSettings = Field(default_factory=RingSettings)
    pricing: PricingSettings = Field(default_factory=PricingSettings)
    behaviour: BehaviourSettings = Field(default_factory=BehaviourSettings)
    risk: RiskSettings = Field(default_factory=RiskSettings)
    explain: ExplainSettings = Field(default_factory=ExplainSettings)
    audit: AuditSettings = Field(default_factory=AuditSettings)
    report: ReportSettings = Field(default_factory=ReportSettings)

    def as_tree(self) -> dict[str, Any]:
        """Plain values of JSON by table and key, for the manifest of a run."""
        return self.model_dump(mode="json")


def parse_settings(text: str, origin: str = "settings.toml") -> Settings:
    """Settings from TOML text; what is not named keeps its default.

    Raises SettingsError of one line for malformed TOML, an unknown key, a value of another type
    or out of range, and a key that is a constant now.

    >>> parse_settings("[audit]\\nbudget_share = 0.2").audit.budget_share
    0.2
    """
    tree = with_new_names(read_toml(text, origin), origin)
    refuse_constants(tree, origin)
    return validated(Settings, tree, origin)


def recorded_settings(tree: Mapping[str, Any], origin: str) -> Settings:
    """The settings that a manifest recorded, of this or an earlier version of the code.

    Keys that are no settings any more are left out with intent: they are constants of their
    method now and belong to the code, whose version the manifest names beside them.
    """
    known = {name: getattr(Settings(), name) for name in Settings.model_fields}
    current = {
        table: {key: v for key, v in values.items() if key in type(known[table]).model_fields}
        for table, values in with_new_names(tree, origin).items()
        if table in known
    }
    return validated(Settings, current, origin)
