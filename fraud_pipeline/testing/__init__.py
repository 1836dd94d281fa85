"""Conformance tests for what an agency may add: a rule, a detector, a programme pack.

Each ``check_…`` raises :class:`ConformanceError` with every finding on a line of its own; any test
runner shows it, and none is needed. docs/testing.md shows how they are called.
"""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.testing.detectors import check_detector
    from fraud_pipeline.testing.findings import ConformanceError
    from fraud_pipeline.testing.golden import GoldenCase, judge, read_golden
    from fraud_pipeline.testing.packs import check_pack, check_packs
    from fraud_pipeline.testing.rows import table, tables
    from fraud_pipeline.testing.rules import check_rule

__all__ = [
    "ConformanceError",
    "GoldenCase",
    "check_detector",
    "check_pack",
    "check_packs",
    "check_rule",
    "judge",
    "read_golden",
    "table",
    "tables",
]

export_lazily(
    __name__,
    {
        "ConformanceError": "fraud_pipeline.testing.findings",
        "GoldenCase": "fraud_pipeline.testing.golden",
        "check_detector": "fraud_pipeline.testing.detectors",
        "check_pack": "fraud_pipeline.testing.packs",
        "check_packs": "fraud_pipeline.testing.packs",
        "check_rule": "fraud_pipeline.testing.rules",
        "judge": "fraud_pipeline.testing.golden",
        "read_golden": "fraud_pipeline.testing.golden",
        "table": "fraud_pipeline.testing.rows",
        "tables": "fraud_pipeline.testing.rows",
    },
)
