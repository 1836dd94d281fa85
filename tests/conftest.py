"""What tests may need from the machine, and what happens where it is missing."""

import os

import pytest


def unavailable(what: str) -> None:
    """Skips loudly on a person's machine; fails where CI must not hide a missing step."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is not available, and CI must have it")
    pytest.skip(f"SKIPPED FOR WANT OF {what}")


def pytest_report_header() -> str:
    reduced = os.environ.get("FRAUD_LONG", "full")
    return f"long simulations: {reduced}; CI={os.environ.get('CI', 'false')}"
