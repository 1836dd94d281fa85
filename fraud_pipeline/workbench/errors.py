"""The error of a refused action; other errors are those of ``fraud_pipeline.errors``."""

from __future__ import annotations

from fraud_pipeline.workbench.words import PROBLEMS


class ActionRefusedError(Exception):
    """The requested action is not possible in the present state; ``key`` names the reason (PROBLEMS)."""

    def __init__(self, key: str):
        super().__init__(PROBLEMS[key][1])
        self.key = key
