"""The other side of ``isolated.py``: reads workbooks handed over on standard input.

A request is a line of JSON and the bytes of the workbook; the reply is a line of JSON and an
Arrow stream for each grid. Whatever goes wrong in a reader of workbooks goes wrong here.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
from dataclasses import asdict
from decimal import Decimal
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest import workbooks
from fraud_pipeline.ingest.coded import Coded
from fraud_pipeline.ingest.grids import Grid, Merged
from fraud_pipeline.schema.source import Source

UNREADABLE = "not a readable workbook"
TOO_LARGE = "the workbook takes more memory to read than a file of its size should"


def request(source: Source, wanted: frozenset[str], foreign: frozenset[str], max_cells: int,
            memory_bytes: int) -> bytes:  # fmt: skip
    """What is sent to the worker, without the bytes of the workbook."""
    head = {
        "name": source.name, "suffix": source.suffix, "wanted": sorted(wanted),
        "foreign": sorted(foreign), "max_cells": max_cells, "memory_bytes": memory_bytes,
        "size": len(source.data or b""),
    }  # fmt: skip
    return json.dumps(head).encode() + b"\n"


def grids_of(reply: BinaryIO) -> list[Grid]:
    """The grids of a reply. Raises InputError as the reader did, EOFError when it ended early."""
    line = reply.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    head = json.loads(line)
    if "error" in head:
        raise InputError(head["error"])
    return [_grid(entry, reply.read(entry.pop("bytes"))) for entry in head["grids"]]


def _grid(entry: dict[str, Any], data: bytes) -> Grid:
    table = pa.ipc.open_stream(data).read_all()
    *columns, rows = (column.combine_chunks() for column in table.itercolumns())
    unit = entry.pop("unit")
    return Grid(
        entry["file"], entry["sheet"], tuple(entry["header"]),
        tuple(Coded(column.dictionary, column.indices) for column in columns), rows.to_numpy(),
        merged=tuple(Merged(**merged) for merged in entry["merged"]),
        remarks=tuple(entry["remarks"]), first_column=entry["first_column"],
        unit=None if unit is None else Decimal(unit),
    )  # fmt: skip


def _packed(grid: Grid) -> tuple[dict[str, Any], bytes]:
    """A grid as JSON and an Arrow stream: a dictionary column each, then the row numbers."""
    arrays = [pa.DictionaryArray.from_arrays(c.at, c.words) for c in grid.columns]
    arrays.append(pa.array(grid.rows.astype(np.int64)))
    batch = pa.record_batch(arrays, names=[str(k) for k in range(len(arrays))])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    data = sink.getvalue().to_pybytes()
    entry = {
        "file": grid.file, "sheet": grid.sheet, "header": grid.header, "remarks": grid.remarks,
        "merged": [asdict(merged) for merged in grid.merged], "first_column": grid.first_column,
        "unit": None if grid.unit is None else str(grid.unit), "bytes": len(data),
    }  # fmt: skip
    return entry, data


def _answer(head: dict[str, Any], data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    source = Source(head["name"], "", head["suffix"], "", data)
    try:
        grids = workbooks.read(
            source, frozenset(head["wanted"]), frozenset(head["foreign"]), head["max_cells"]
        )
        packed = [_packed(grid) for grid in grids]
    except InputError as error:
        return {"error": str(error)}, []
    except MemoryError:
        return {"error": f"{source.name}: {TOO_LARGE}"}, []
    except BaseException:  # whatever the library raises, a panic included
        return {"error": f"{source.name}: {UNREADABLE}"}, []
    return {"grids": [entry for entry, _ in packed]}, [part for _, part in packed]


def _limit_memory(n_bytes: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # not every system can
        resource.setrlimit(resource.RLIMIT_DATA, (n_bytes, resource.RLIM_INFINITY))


def main() -> None:
    """Answers requests until standard input ends; nothing else gets to standard output."""
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    while line := requests.readline():
        head = json.loads(line)
        data = requests.read(head["size"])
        _limit_memory(head["memory_bytes"])
        reply, parts = _answer(head, data)
        replies.write(json.dumps(reply).encode() + b"\n")
        for part in parts:
            replies.write(part)
        replies.flush()


if __name__ == "__main__":
    main()
