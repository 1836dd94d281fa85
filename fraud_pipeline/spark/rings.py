"""Rings: one search over the whole web, in a task of its own.

Chance keeps the seasons' totals of the whole country and the q-values are over all candidates,
so a component alone would be weighed against another chance than the whole is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pyarrow as pa

from fraud_pipeline.pipeline import Artefact, Setup
from fraud_pipeline.spark.frames import tasks
from fraud_pipeline.spark.night import Night
from fraud_pipeline.spark.whole import step_alone

_PARCEL = pa.schema([("name", pa.string()), ("kind", pa.string()), ("content", pa.binary())])


def rings(night: Night, setup: Setup) -> dict[str, Artefact]:
    """The ring tables, by the embedded engine's own step."""
    step = step_alone(night, setup, "rings", ("ties", "known/claims"))
    parcels = tasks(night.session, 1, partial(_parcels, step=step), _PARCEL).collect()
    return {row["name"]: unpacked(row["kind"], bytes(row["content"])) for row in parcels}


def _parcels(number: int, step: Callable[[], Mapping[str, Any]]) -> pa.Table:
    rows = [(name, *packed(artefact)) for name, artefact in step().items()]
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=_PARCEL)


def packed(artefact: Any) -> tuple[str, bytes]:
    """A small table or JSON value as bytes, to cross in one cell."""
    if not isinstance(artefact, pa.Table):
        return "json", json.dumps(artefact).encode()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, artefact.schema) as writer:
        writer.write_table(artefact)
    return "table", sink.getvalue().to_pybytes()


def unpacked(kind: str, content: bytes) -> Artefact:
    if kind == "json":
        return dict(json.loads(content))
    with pa.ipc.open_stream(content) as reader:
        return reader.read_all()
