"""What a step is, what it may read, and what a run sets up for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from fraud_pipeline import programmes, rings, risk
from fraud_pipeline.schema import RingSet, Tables
from fraud_pipeline.schema.artefacts import StepOutput
from fraud_pipeline.settings import Settings

Outputs = Mapping[str, StepOutput]


@dataclass(frozen=True)
class Setup:
    """All a run depends on besides its tables."""

    as_of: date
    outcomes_until: date | None  # verdicts decided later do not count as known
    settings: Settings
    packs: Mapping[str, programmes.Pack]
    model: risk.Model
    previous: RingSet | None  # the rings of the previous run, for ids that survive
    budget: int | None  # claims to audit; None = the share in the settings
    seed: int  # of the audit draw
    cover_enterprises: float | None  # share of the enterprises to visit, 0 to 1
    about: dict[str, Any]  # run id, inputs and versions, for the report
    account: Mapping[str, Any] | None = None  # error probability that previous runs spent
    judgements: Sequence[rings.Judgement] = ()  # of people, about members of rings


class Inputs(Protocol):
    """Read access to the artefacts of the steps before."""

    def table(self, name: str) -> pa.Table: ...
    def json(self, name: str) -> dict[str, Any]: ...
    def tables(self, stage: str) -> Tables: ...
    def rings(self) -> RingSet: ...
    def hits(self) -> pa.Table:
        """The rows of ``rule_results`` that are hits: about one in fifty, all that later steps need."""
        ...


@dataclass(frozen=True)
class Step:
    """A named step: what runs, and its Chinese name for the progress display.

    ``concurrent_with_previous``: it may run at the same time as the step before it, because
    neither reads what the other makes and both together fit into memory.
    """

    name: str
    zh: str
    run: Callable[[Inputs, Setup], Outputs]
    concurrent_with_previous: bool = False
