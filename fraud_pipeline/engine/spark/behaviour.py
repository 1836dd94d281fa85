"""What was done before each claim: windows by enterprise, institution and agent, joined again."""

from __future__ import annotations

from functools import partial
from typing import Any

import pyarrow as pa

from fraud_pipeline.behaviour import measured, own_outlyingness
from fraud_pipeline.engine.scope import (
    FeaturePass,
    columns_read,
    feature_passes,
    rows_within,
    tables_read,
)
from fraud_pipeline.engine.spark.frames import (
    answered,
    gathered,
    part_of,
    placed_schema,
    tasks,
    write,
)
from fraud_pipeline.engine.spark.lake import PLACE, Lake
from fraud_pipeline.engine.spark.routes import SparkSelection
from fraud_pipeline.engine.spark.spark_run import SparkRun
from fraud_pipeline.features.catalogue import BEHAVIOUR_FEATURES
from fraud_pipeline.pipeline import Setup
from fraud_pipeline.schema.scope import Level
from fraud_pipeline.settings import BehaviourSettings

_NAMES = tuple(f.name for f in BEHAVIOUR_FEATURES if f.scope.level is not Level.PROGRAMME)
_PLACES = tuple(f.name for f in BEHAVIOUR_FEATURES if f.scope.level is Level.PROGRAMME)


def behaviour(run: SparkRun, setup: Setup) -> dict[str, pa.Table]:
    """behaviour, as the embedded engine's step makes it."""
    by_enterprise, *others = feature_passes(BEHAVIOUR_FEATURES)
    measured_frame = _with_papers(run, by_enterprise)
    for one in others:
        measured_frame = measured_frame.join(_windows(run, one), "claim_id")
    write(measured_frame, run.lake, "behaviour_measured", ["claim_id"], _schema(_NAMES))
    again = run.read("behaviour_measured")
    outliers = partial(_outlier_task, lake=run.lake, settings=setup.settings.behaviour)
    joined = again.join(tasks(run.session, 1, outliers, _schema(_PLACES)), "claim_id")
    joined = joined.join(_partition_columns(run), "claim_id")
    write(joined, run.lake, "behaviour", ["claim_id"], _schema((*_NAMES, *_PLACES)))
    whole = run.lake.read("behaviour").sort_by("claim_id")
    return {"behaviour": whole.select(["claim_id", *_NAMES, *_PLACES])}


def _schema(names: tuple[str, ...]) -> pa.Schema:
    return pa.schema([("claim_id", pa.string()), *((name, pa.float64()) for name in names)])


def _with_papers(run: SparkRun, one: FeaturePass) -> Any:
    """The features that the claims of an enterprise and their papers give, with the place."""
    select = SparkSelection(run.known, one.by, run.parts, one.scopes)
    frames = rows_within(one.level, select, tables_read(one.scopes), one.sharing)
    return gathered(
        frames, partial(_measure_partition, names=one.names), placed_schema(_schema(one.names))
    )


def _measure_partition(partition: dict[str, pa.Table], names: tuple[str, ...]) -> pa.Table:
    return answered(measured(partition, names), partition["claims"])


def _windows(run: SparkRun, one: FeaturePass) -> Any:
    """The windows over a column of claims; claims without it go anywhere."""
    from pyspark.sql import functions as sf  # noqa: PLC0415

    claims = run.known("claims", columns_read(one.scopes, "claims"))
    claims = claims.withColumn("hand", sf.coalesce(one.by, "claim_id"))
    own = claims.select("*", part_of("hand", run.parts)).drop("hand")
    return gathered({"claims": own}, partial(measured, names=one.names), _schema(one.names))


def _partition_columns(run: SparkRun) -> Any:
    """claim_id and the columns by which the lake is partitioned."""
    from pyspark.sql import functions as sf  # noqa: PLC0415

    claims = run.known("claims", ["claim_id", "programme", "submitted_on"])
    return claims.select(
        "claim_id", sf.col("programme").alias(PLACE[0]),
        sf.substring(sf.col("submitted_on").cast("string"), 1, 7).alias(PLACE[1]),
    )  # fmt: skip


def _outlier_task(number: int, lake: Lake, settings: BehaviourSettings) -> pa.Table:
    """The isolation forest sees every claim at once: its ranks have no meaning in a part."""
    measured = lake.read("behaviour_measured").sort_by("claim_id")
    rank = own_outlyingness(measured, settings)
    return pa.table({"claim_id": measured["claim_id"], "outlyingness": rank})
