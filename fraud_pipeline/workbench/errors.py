"""Refusals that a person or an upstream system is told about; all other errors are the package's own."""

from __future__ import annotations

from fraud_pipeline.workbench.words import PROBLEMS


class ActionRefusedError(Exception):
    """The requested action is not possible in the present state; ``key`` names the reason (PROBLEMS)."""

    def __init__(self, key: str):
        super().__init__(PROBLEMS[key][1])
        self.key = key
