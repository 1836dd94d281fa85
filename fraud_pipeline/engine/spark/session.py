"""A Spark session that the steps can be run on, or one line that says what is missing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

from fraud_pipeline.core.time_zone import TIME_ZONE
from fraud_pipeline.errors import SettingsError

_PACKAGE = Path(__file__).resolve().parents[3]
_CONF = {
    # confirmed_at is an instant; its zone in Arrow must be the one the steps know
    "spark.sql.session.timeZone": TIME_ZONE,
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
    # the parts are asked for by number: the planner must not merge them into fewer
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.python.worker.reuse": "true",
}
_HANDED_ON = ("OMP_WAIT_POLICY", "NUMBA_NUM_THREADS", "NUMBA_CACHE_DIR", "TZ")


def open_session(master: str) -> Any:
    """A session on ``master`` (``local[2]``, ``spark://host:7077``).

    Raises SettingsError in one line when pyspark or Java is not there or no master answers.
    """
    if importlib.util.find_spec("pyspark") is None:
        raise SettingsError("--engine spark needs the extra 'spark' (pyspark): run make spark")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise SettingsError("--engine spark needs Java 17 or newer, and there is no java here")
    from pyspark.errors import PySparkException  # noqa: PLC0415 - only on --engine spark
    from pyspark.sql import SparkSession  # noqa: PLC0415

    # Spark warns of pandas 3 at every start; nothing here goes through pandas
    warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master).appName("fraud-pipeline")
    for name, value in _CONF.items():
        builder = builder.config(name, value)
    for name, value in _worker_environment().items():
        builder = builder.config(f"spark.executorEnv.{name}", value)
    try:
        session = builder.getOrCreate()
    except (PySparkException, OSError, RuntimeError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise SettingsError(f"no Spark session on {master}: {reason}") from error
    session.sparkContext.setLogLevel("ERROR")
    return session


def _worker_environment() -> dict[str, str]:
    """What a worker process needs to import the same package and count threads alike."""
    handed = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
    return {**handed, "PYTHONPATH": str(_PACKAGE)}
