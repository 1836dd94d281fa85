"""Rows to where they are needed: several tables parted by one key, each part one Arrow task.

Spark joins and shuffles; a part arrives in a worker as ordinary Arrow tables, a step's own
function works on them, and Arrow goes back. So what is computed is the embedded engine's code
and only *where* differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.engine.spark.lake import PLACE, Lake, place_by_claim
from fraud_pipeline.schema import INPUT_TABLES, Tables

Kernel = Callable[[dict[str, pa.Table]], pa.Table]
OWN = "is_own"  # true for the claims a part answers for; others are there as context
_PLACE_FIELDS = [pa.field(name, pa.string()) for name in PLACE]


def reader(session: Any, lake: Lake, name: str, columns: list[str] | None = None) -> Any:
    """A table of the lake as a Spark frame, with the types its files have."""
    from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415

    first = next(iter(sorted(lake.path(name).rglob("*.parquet"))))
    schema = from_arrow_schema(pa.parquet.read_schema(first))
    # recursive: the folder names repeat a column that the files have
    frame = session.read.option("recursiveFileLookup", "true").schema(schema)
    frame = frame.parquet(lake.path(name).as_posix())
    return frame if columns is None else frame.select(*columns)


def part_of(column: str, parts: int) -> Any:
    """The part of a key: the same for the same text on every machine."""
    from pyspark.sql import functions as sf  # noqa: PLC0415

    return sf.pmod(sf.xxhash64(column), sf.lit(parts)).cast("int").alias("part")


def routed(table: Any, pairs: Any) -> Any:
    """The rows of ``table`` whose key stands in ``pairs`` (key, part), once a part."""
    key = next(name for name in pairs.columns if name != "part")
    return table.join(pairs.where(f"{key} IS NOT NULL").distinct(), key)


def everywhere(table: Any, parts: int) -> Any:
    """A small table in every part."""
    session = table.sparkSession
    return table.crossJoin(session.range(parts).selectExpr("CAST(id AS INT) AS part"))


def gathered(frames: Mapping[str, Any], kernel: Kernel, schema: pa.Schema) -> Any:
    """``kernel`` on every part: a frame of ``schema``; each frame has a column ``part``."""
    from pyspark.sql import functions as sf  # noqa: PLC0415

    packed = []
    for name, frame in frames.items():
        columns = [c for c in frame.columns if c != "part"]
        row = sf.struct(*[sf.col(f"`{c}`") for c in columns])
        packed.append(frame.select("part", sf.lit(name).alias("of_table"), row.alias(name)))
    union = packed[0]
    for other in packed[1:]:
        union = union.unionByName(other, allowMissingColumns=True)
    run = partial(_run_part, names=tuple(frames), kernel=kernel, schema=schema)
    return union.groupBy("part").applyInArrow(_one_argument(run), spark_schema(schema))


def spark_schema(schema: pa.Schema) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415

    return from_arrow_schema(schema)


def _one_argument(run: Callable[[pa.Table], pa.Table]) -> Callable[[pa.Table], pa.Table]:
    # Spark counts the arguments of what it is given: a partial has none to show
    def apply(part: pa.Table) -> pa.Table:
        return run(part)

    return apply


def _run_part(
    part: pa.Table, names: tuple[str, ...], kernel: Kernel, schema: pa.Schema
) -> pa.Table:
    return as_schema(kernel(unpacked(part, names)), schema)


def unpacked(part: pa.Table, names: tuple[str, ...]) -> dict[str, pa.Table]:
    """The tables of a part out of the one wide table that carried them."""
    tables = {}
    for name in names:
        rows = part.filter(pc.equal(part["of_table"], name))[name]
        if isinstance(rows, pa.ChunkedArray):
            rows = rows.combine_chunks()
        if isinstance(rows, pa.ChunkedArray):  # nothing to combine, or too much for one
            rows = pa.concat_arrays(rows.chunks) if rows.num_chunks else pa.array([], rows.type)
        fields = [rows.type.field(k).name for k in range(rows.type.num_fields)]
        tables[name] = pa.Table.from_arrays(rows.flatten(), names=fields)
    return tables


def as_schema(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Exactly these columns and types; a missing one is null."""
    columns = [
        table[f.name].cast(f.type) if f.name in table.column_names
        else pa.nulls(table.num_rows, f.type)
        for f in schema
    ]  # fmt: skip
    return pa.Table.from_arrays(columns, schema=schema)


def of_tables(partition: Mapping[str, pa.Table], supplied: frozenset[str]) -> Tables:
    """The input tables among ``given`` as the steps know them, the others empty."""
    known = {n: t for n, t in partition.items() if n in INPUT_TABLES}
    return Tables(known, supplied=supplied)


def own_claims(claims: pa.Table) -> pa.Table:
    return claims.filter(claims[OWN])


def answered(rows: pa.Table, claims: pa.Table) -> pa.Table:
    """The rows about the part's own claims, with the place they are to stand."""
    own = own_claims(claims)
    is_own = pc.is_in(rows["claim_id"], value_set=own["claim_id"].combine_chunks())
    return place_by_claim(rows.filter(is_own), own)


def placed_schema(schema: pa.Schema) -> pa.Schema:
    return pa.schema([*schema, *_PLACE_FIELDS])


def write(frame: Any, lake: Lake, name: str, sort: list[str], schema: pa.Schema) -> int:
    """Writes a frame with the helper columns into the lake; returns its number of rows."""
    lake.begin(name)
    job = partial(_write_place, lake=lake, name=name, sort=sort, schema=schema)
    done = frame.groupBy(*PLACE).applyInArrow(_one_argument(job), "rows bigint").collect()
    if not done:
        lake.write_empty(name, schema)
    lake.seal(name)
    return sum(row["rows"] for row in done)


def _write_place(
    rows: pa.Table, lake: Lake, name: str, sort: list[str], schema: pa.Schema
) -> pa.Table:
    rows = as_schema(rows, placed_schema(schema))
    lake.write(name, rows.sort_by([(column, "ascending") for column in sort]))
    return pa.table({"rows": pa.array([rows.num_rows], pa.int64())})


def tasks(session: Any, count: int, work: Callable[[int], pa.Table], schema: pa.Schema) -> Any:
    """``work(0) … work(count - 1)``, each a task of its own somewhere on the cluster."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from as_schema(work(number), schema).to_batches(1 << 16)

    return session.range(0, count, 1, count).mapInArrow(run, spark_schema(schema))
