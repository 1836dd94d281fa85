"""The engine behind ``--engine spark``: for each step where on the cluster it is done."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fraud_pipeline.engine.spark.behaviour import behaviour
from fraud_pipeline.engine.spark.claims import features, reasons, score
from fraud_pipeline.engine.spark.graph import graph
from fraud_pipeline.engine.spark.lake import Lake
from fraud_pipeline.engine.spark.prices import prices
from fraud_pipeline.engine.spark.rings import rings
from fraud_pipeline.engine.spark.rules import rules
from fraud_pipeline.engine.spark.session import open_session
from fraud_pipeline.engine.spark.spark_run import SparkRun, placed
from fraud_pipeline.pipeline import Inputs, Outputs, Setup, Step
from fraud_pipeline.schema import OUTPUT_TABLES
from fraud_pipeline.store import files, runs

FOLDER = "lake"
_STEPS: dict[str, Callable[[SparkRun, Setup], Mapping[str, Any]]] = {
    "rules": rules,
    "graph": graph,
    "rings": rings,
    "prices": prices,
    "behaviour": behaviour,
    "features": features,
    "score": score,
    "explain": reasons,
}


class SparkEngine:
    """Runs the steps of a run on one Spark session; the lake stands in the workspace.

    ``workspace`` must be a folder that the driver and every worker see under the same name.
    """

    name = "spark"

    def __init__(self, session: Any, workspace: Path, parts: int):
        self._session = session
        self._root = workspace.resolve() / FOLDER
        self._parts = parts

    def run(self, step: Step, inputs: Inputs, setup: Setup) -> Outputs:
        """The step's artefacts; every table of them also stands in the lake."""
        lake = Lake(self._root / f".{setup.about['run_id']}")
        supplied = frozenset(inputs.json("supplied")["tables"])
        run = SparkRun(self._session, lake, self._parts, inputs, supplied)
        work = _STEPS.get(step.name)
        return step.run(inputs, setup) if work is None else work(run, setup)

    def published(self, run_id: str) -> None:
        """Gives the lake its name, with the hash of every file; older ones make room."""
        lake = Lake(self._root / f".{run_id}")
        if lake.folder.is_dir():
            self._complete(lake, runs.Run(self._root.parent / "runs" / run_id))
            files.write_json(lake.folder / "lake.json", {"run_id": run_id, "files": lake.account()})
            final = self._root / run_id
            shutil.rmtree(final, ignore_errors=True)
            lake.folder.rename(final)
        for other in self._root.iterdir():
            if other.name != run_id:
                shutil.rmtree(other, ignore_errors=True)

    def _complete(self, lake: Lake, run: runs.Run) -> None:
        """The tables that were made on the driver, so that the lake has all of the run."""
        for name in OUTPUT_TABLES:
            if not lake.has(name):
                table = run.table(name)
                lake.put(name, placed(name, table, lambda: run.table("clean/claims")))

    def close(self) -> None:
        self._session.stop()


def open_engine(master: str, workspace: Path, parts: int | None = None) -> SparkEngine:
    """An engine on ``master``; ``parts`` default to two for each core the cluster offers.

    Raises SettingsError when pyspark, Java or the master is not there.
    """
    session = open_session(master)
    chosen = parts or max(2, 2 * session.sparkContext.defaultParallelism)
    session.conf.set("spark.sql.shuffle.partitions", str(chosen))
    return SparkEngine(session, workspace, chosen)
