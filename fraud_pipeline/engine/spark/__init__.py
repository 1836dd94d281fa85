"""The same run on a cluster: Spark moves the rows, the steps' own functions do the work.

Nothing else in the package imports this folder except the command line, and only for
``--engine spark``; only :mod:`fraud_pipeline.engine.spark.session` and what it is handed to know
pyspark. How the work is parted, and why it may be: docs/scaling.md and docs/decisions/spark.md.
"""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.engine.spark.engine import SparkEngine, open_engine

__all__ = [
    "SparkEngine",
    "open_engine",
]

export_lazily(
    __name__,
    {
        "SparkEngine": "fraud_pipeline.engine.spark.engine",
        "open_engine": "fraud_pipeline.engine.spark.engine",
    },
)
