"""What a nightly run may be asked for besides its data and its workspace."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from flows.common import optional_path
from fraud_pipeline.engine.runner import Request


class RunOptions(BaseModel):
    """How the tables are read, the days, and the audit draw; each with the default of ``score``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    programme: str | None = None
    mapping: str | None = None
    as_of: date | None = None
    outcomes_until: date | None = None
    settings: str | None = None
    packs: str | None = None
    budget: int | None = None
    seed: int = 1
    cover_enterprises: float | None = Field(default=None, ge=0, le=1)

    def request(self, data: str, workspace: str) -> Request:
        """The request for a run of ``data`` in ``workspace``."""
        return Request(
            data=data, workspace=Path(workspace), programme=self.programme,
            mapping=optional_path(self.mapping), as_of=self.as_of,
            outcomes_until=self.outcomes_until, settings=optional_path(self.settings),
            packs=optional_path(self.packs), budget=self.budget, seed=self.seed,
            cover_enterprises=self.cover_enterprises,
        )  # fmt: skip
