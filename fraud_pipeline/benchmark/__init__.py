"""An open benchmark for voucher fraud: worlds, detectors, measures, a leaderboard.

A detector is one small file (see ``detectors/largest_amounts.py``); what it must find
is planted by ``fraud_pipeline.simulate``. Tune on the development seeds; the leaderboard
is of the report seeds.
"""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.benchmark.case import DEVELOPMENT_SEEDS, REPORT_SEEDS, Case, make_case
    from fraud_pipeline.benchmark.detection import Detection, Detector
    from fraud_pipeline.benchmark.leaderboard import Leaderboard, run

__all__ = [
    "DEVELOPMENT_SEEDS",
    "REPORT_SEEDS",
    "Case",
    "Detection",
    "Detector",
    "Leaderboard",
    "make_case",
    "run",
]

export_lazily(
    __name__,
    {
        "DEVELOPMENT_SEEDS": "fraud_pipeline.benchmark.case",
        "REPORT_SEEDS": "fraud_pipeline.benchmark.case",
        "Case": "fraud_pipeline.benchmark.case",
        "Detection": "fraud_pipeline.benchmark.detection",
        "Detector": "fraud_pipeline.benchmark.detection",
        "Leaderboard": "fraud_pipeline.benchmark.leaderboard",
        "make_case": "fraud_pipeline.benchmark.case",
        "run": "fraud_pipeline.benchmark.leaderboard",
    },
)
