"""What a run depends on, declared once.

A run's key is a hash of its :class:`Dependencies`, its manifest records them, its Setup is made
from them, and its replay reads them back from the manifest. All four iterate over the fields,
so a field added here reaches them all; one that a step needs is passed on in
:mod:`fraud_pipeline.engine.setup`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from datetime import date
from typing import Any

from fraud_pipeline.engine import as_of_date
from fraud_pipeline.engine.loading import Request
from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.programmes import Pack
from fraud_pipeline.rings import Judgement
from fraud_pipeline.risk import Model
from fraud_pipeline.schema.loaded import Loaded
from fraud_pipeline.settings import Settings, recorded_settings
from fraud_pipeline.store import files, runs, version
from fraud_pipeline.store.staging import key_of
from fraud_pipeline.store.workspace import Workspace


@dataclass(frozen=True)
class ModelReference:
    """The risk model, by name and content."""

    name: str
    sha256: str


@dataclass(frozen=True)
class AuditRequest:
    """What is asked of the sampled audit: see :class:`fraud_pipeline.engine.loading.Request`."""

    budget: int | None
    seed: int
    cover_enterprises: float | None


def _as_json(write: Callable[[Any], Any], read: Callable[[Any, str], Any]) -> dict[str, Any]:
    """Metadata of a field that is no JSON value: ``write(value)``, ``read(json, origin)`` back."""
    return {"write": write, "read": read}


_DATE = _as_json(date.isoformat, lambda text, _: date.fromisoformat(text))
_SETTINGS = _as_json(Settings.as_tree, recorded_settings)
_MODEL = _as_json(asdict, lambda tree, _: ModelReference(**tree))
_AUDIT = _as_json(asdict, lambda tree, _: AuditRequest(**tree))
_JUDGEMENTS = _as_json(
    lambda judgements: [one.as_row() for one in judgements],
    lambda rows, _: tuple(Judgement.of_row(row) for row in rows),
)


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """Everything that can change a run's output. Field names are JSON keys of the manifest.

    Hashes are SHA-256 in hexadecimal.
    """

    inputs: Mapping[str, str]  # file or database table -> hash of what was read
    as_of: date = field(metadata=_DATE)
    outcomes_until: date | None = field(metadata=_DATE)
    programme: str | None
    mapping: str | None  # hash of the mapping file
    settings: Settings = field(metadata=_SETTINGS)
    packs: Mapping[str, str]  # programme id -> hash of its pack
    model: ModelReference = field(metadata=_MODEL)
    code: Mapping[str, str]  # version and hash of the installed code
    libraries: Mapping[str, str]  # name -> version
    predecessor: str | None  # run whose rings this run's ring ids follow
    audit: AuditRequest = field(metadata=_AUDIT)
    # Runs of earlier versions recorded no judgements.
    ring_judgements: tuple[Judgement, ...] = field(default=(), metadata=_JUDGEMENTS)

    def as_record(self) -> dict[str, Any]:
        """Plain JSON values by field name."""
        return {
            item.name: _written(item.metadata, getattr(self, item.name)) for item in fields(self)
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any], origin: str) -> Dependencies:
        """The inverse of :meth:`as_record`; other keys of ``record`` are ignored.

        Raises IntegrityError, beginning with ``origin``, when a field is missing.
        """
        return cls(**{item.name: _read(item, record, origin) for item in fields(cls)})

    @property
    def key(self) -> str:
        """16 hex digits; equal keys are equal dependencies."""
        return key_of(self.as_record())

    @property
    def run_id(self) -> str:
        return f"{self.as_of:%Y%m%d}-{self.key}"


def read_field(record: Mapping[str, Any], name: str, origin: str) -> Any:
    """One field of the dependencies in ``record``, without reading the others.

    Raises IntegrityError, beginning with ``origin``, when it is missing.
    """
    item = next(one for one in fields(Dependencies) if one.name == name)
    return _read(item, record, origin)


def _read(item: Field[Any], record: Mapping[str, Any], origin: str) -> Any:
    if item.name not in record:
        if item.default is MISSING:
            raise IntegrityError(f"{origin}: the manifest does not say {item.name}")
        return item.default
    value = record[item.name]
    if value is None or "read" not in item.metadata:
        return value
    return item.metadata["read"](value, origin)


def _written(metadata: Mapping[str, Any], value: Any) -> Any:
    return value if value is None or "write" not in metadata else metadata["write"](value)


def collect(
    request: Request, workspace: Workspace, loaded: Loaded, settings: Settings,
    packs: Mapping[str, Pack], model: Model,
) -> Dependencies:  # fmt: skip
    """The dependencies of the run that ``request`` asks for, with what was loaded for it."""
    as_of = request.as_of or as_of_date.default_as_of_date(
        loaded.tables["claims"], as_of_date.latest_decision_date(workspace)
    )
    predecessor = runs.predecessor(workspace, as_of.isoformat())
    decided_until = min(as_of, request.outcomes_until or as_of)
    return Dependencies(
        inputs={part.name: part.sha256 for part in loaded.inputs},
        as_of=as_of,
        outcomes_until=request.outcomes_until,
        programme=request.programme,
        mapping=files.sha256_of(request.mapping) if request.mapping else None,
        settings=settings,
        packs={name: pack.sha256 for name, pack in sorted(packs.items())},
        model=ModelReference(model.name, model.sha256),
        code=version.code_version(),
        libraries=version.library_versions(),
        predecessor=predecessor.run_id if predecessor else None,
        ring_judgements=as_of_date.judgements(workspace, decided_until),
        audit=AuditRequest(request.budget, request.seed, request.cover_enterprises),
    )
