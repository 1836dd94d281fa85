"""Which deployments there are: from a plan file, or from one programme's options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flows.programmes import Programme
from fraud_pipeline.core.toml_text import parse_toml
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.store import files

TIME_ZONE = "Asia/Shanghai"
NIGHTLY, TRAIN, AUDIT, BACKTEST = "0 2 * * *", "0 5 * * 0", "0 6 1 * *", "0 8 2 * *"


class Schedule(BaseModel):
    """When what runs; an empty cron line registers the deployment without a schedule."""

    model_config = ConfigDict(extra="forbid")

    time_zone: str = TIME_ZONE
    nightly: str = NIGHTLY
    train: str = TRAIN
    audit_round: str = AUDIT
    backtest: str = BACKTEST
    at_once: int = Field(default=2, ge=1)
    notify: str | None = None
    programme: list[Programme] = Field(min_length=1)

    def unique(self) -> Schedule:
        """Raises SettingsError when two programmes share a name or a workspace."""
        for what in ("name", "workspace"):
            values = [getattr(p, what) for p in self.programme]
            repeated = sorted({v for v in values if values.count(v) > 1})
            if repeated:
                raise SettingsError(f"schedule: two programmes with the {what} {repeated[0]!r}")
        return self


def read_schedule(path: Path) -> Schedule:
    """A plan file in TOML; its relative paths start at the folder that holds it."""
    text = files.read_text(path, "the schedule")
    try:
        tree = parse_toml(text)
        plan = Schedule(**tree)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path}: {where}: {first['msg']}") from error
    except ValueError as error:
        raise SettingsError(f"{path}: {error}") from error
    programmes = [
        Programme(**with_absolute_paths(p.model_dump(), path.parent)) for p in plan.programme
    ]
    return plan.model_copy(update={"programme": programmes}).unique()


def with_absolute_paths(parameters: dict[str, Any], folder: Path) -> dict[str, Any]:
    """File names made absolute: a scheduled run starts in no particular folder."""
    absolute = dict(parameters)
    for name in ("data", "workspace", "mapping", "settings", "packs"):
        value = absolute.get(name)
        if value and "://" not in value and not value.startswith("env:"):
            absolute[name] = str((folder / value).resolve())
    return absolute
