"""A fair lottery: what any detector must beat, and the only floor that is never gamed."""

import numpy as np

from fraud_pipeline.benchmark.case import Case
from fraud_pipeline.benchmark.detection import Detection, Detector


def detect(case: Case, _: object) -> Detection:
    return Detection(score=np.random.default_rng(case.seed).random(len(case.claims)))


DETECTORS = [Detector("random", detect, words="a lottery")]
