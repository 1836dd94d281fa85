"""Look at the largest amounts first: what a treasurer does without any tool."""

from fraud_pipeline.benchmark.case import Case
from fraud_pipeline.benchmark.detection import Detection, Detector


def detect(case: Case, _: object) -> Detection:
    return Detection(score=case.claims["claimed_amount"].astype(float).to_numpy())


DETECTORS = [Detector("largest amounts", detect, words="claims by amount")]
