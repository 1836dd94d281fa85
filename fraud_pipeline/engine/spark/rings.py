"""Rings: the search in pieces on the cluster, the rest of the step on the driver.

Pieces are those the embedded engine does one after the other (:mod:`fraud_pipeline.rings.search.executor`),
and a task does its piece with the same function. What stays with the driver, and why:

- numbering the parties and dating the edges: every piece is about one graph of all parties, and
  chance keeps the totals of the whole country;
- weighing, overlap, q-values, names, words: they hold every candidate against every other, and a
  list of seeds has an upper length whatever the number of claims.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from fraud_pipeline.engine.spark.frames import tasks
from fraud_pipeline.engine.spark.lake import Lake
from fraud_pipeline.engine.spark.spark_run import SparkRun
from fraud_pipeline.pipeline import Outputs, Setup
from fraud_pipeline.rings.graph.bipartite import BipartiteGraph
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.executor import Arrays, Task
from fraud_pipeline.rings.search.tasks import run_task
from fraud_pipeline.steps.evidence import find_rings

FOLDER = "rings_work"  # of the lake while the step runs
_ANSWER = pa.schema([("number", pa.int64()), ("arrays", pa.binary())])


def rings(run: SparkRun, setup: Setup) -> Outputs:
    """The ring tables, by the embedded engine's own step."""
    try:
        return find_rings(run.inputs, setup, Tasks(run.session, run.lake, run.parts))
    finally:
        run.lake.drop(FOLDER)


@dataclass(frozen=True)
class Tasks:
    """Pieces as tasks: graph and pieces lie in the lake, only the answers come back."""

    session: Any
    lake: Lake
    parts: int

    def __call__(
        self, graph: BipartiteGraph, settings: RingParameters, batch: Sequence[Task]
    ) -> list[Arrays]:
        about = _content_name(graph)
        if not self.lake.has_mapped(FOLDER, about):
            self.lake.keep(FOLDER, about, _as_table([_flat(graph)]))
        self.lake.keep(FOLDER, batch[0].kind, _as_table([task.arrays for task in batch]))
        task = partial(
            _task, lake=self.lake, about=about, kind=batch[0].kind, settings=settings
        )  # fmt: skip
        rows = tasks(self.session, len(batch), task, _ANSWER).collect()
        came = {row["number"]: _unpacked(bytes(row["arrays"])) for row in rows}
        return [came[number] for number in range(len(batch))]


def _task(number: int, lake: Lake, about: str, kind: str, settings: RingParameters) -> pa.Table:
    """The answer to one piece; a task run twice gives the same bytes."""
    task = Task(kind, _arrays(lake.read_kept(FOLDER, kind), number))
    answer = _as_table([run_task(_web(lake, about), settings, task)])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, answer.schema) as writer:
        writer.write_table(answer)
    packed = sink.getvalue().to_pybytes()
    return pa.table({"number": [number], "arrays": pa.array([packed], pa.binary())})


def _unpacked(packed: bytes) -> Arrays:
    with pa.ipc.open_stream(packed) as reader:
        return _arrays(reader.read_all(), 0)


def _web(lake: Lake, about: str) -> BipartiteGraph:
    """The graph as the driver has it; read by every task, because a worker outlives the step."""
    flat = _arrays(lake.read_kept(FOLDER, about), 0)
    whole: dict[str, Any] = {}
    for name in BipartiteGraph._fields:
        values = flat[name]
        shape = flat.get(f"{name} shape")
        whole[name] = int(values[0]) if shape is None else values.reshape(shape)
    return BipartiteGraph(**whole)


def _flat(graph: BipartiteGraph) -> Arrays:
    """Numbers and arrays of a graph as arrays of one dimension, and the shapes they had."""
    flat: dict[str, np.ndarray] = {}
    for name, value in graph._asdict().items():
        if isinstance(value, np.ndarray):
            flat[f"{name} shape"] = np.array(value.shape, np.int64)
        flat[name] = np.ravel(value)
    return flat


def _content_name(graph: BipartiteGraph) -> str:
    """A name for the graph's content, so that it is written once a step."""
    digest = hashlib.sha256()
    for name, values in _flat(graph).items():
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(values).data)
    return f"web-{digest.hexdigest()[:16]}"


def _as_table(rows: Sequence[Arrays]) -> pa.Table:
    """A row for each set of arrays, a column for each name."""
    columns: Mapping[str, pa.Array] = {
        name: pa.LargeListArray.from_arrays(
            np.concatenate([[0], np.cumsum([row[name].size for row in rows])]),
            np.concatenate([row[name] for row in rows]),
        )
        for name in rows[0]
    }
    return pa.table(columns)


def _arrays(table: pa.Table, row: int) -> Arrays:
    """One row's arrays: copies of their own, which compiled code takes for the driver's."""
    return {name: np.array(table[name][row].values) for name in table.column_names}
