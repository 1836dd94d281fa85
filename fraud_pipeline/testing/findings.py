"""What a conformance test found, all of it at once."""

from __future__ import annotations

from collections.abc import Iterable


class ConformanceError(AssertionError):
    """Something does not keep what its kind promises; ``findings`` has a line for each fault."""

    def __init__(self, subject: str, findings: list[str]):
        super().__init__(f"{subject} does not conform:\n" + "\n".join(f"- {f}" for f in findings))
        self.findings = findings


def refuse(subject: str, findings: Iterable[str]) -> None:
    """Raises ConformanceError when there are findings about ``subject``."""
    if listed := list(findings):
        raise ConformanceError(subject, listed)
