"""Which modules are mutated, by which tests, and how many mutants those must notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Target:
    """A module and its nearest tests.

    ``level``: least share of the mutants that the tests must kill, of those that are not
    equivalent. ``equivalent``: mutants no test could notice, key -> the reason.
    """

    module: str
    tests: tuple[str, ...]
    level: float
    equivalent: Mapping[str, str] = field(default_factory=dict)


_SAME_ORDER = "only the order of the three numbers counts"

TARGETS = (
    Target(
        "fraud_pipeline.risk.score",
        ("tests/risk/test_score.py",),
        level=0.95,
        equivalent={
            "_CHUNK = 200_000 :: 200000 to 200001": "claims are scored one by one, in pieces of any size",
            'grave = pa.table({"severity": ["hard", "strong", "weak"], "grave": [0, 1, 2]}) :: 2 to 3':
                _SAME_ORDER,
        },
    ),
    Target(
        "fraud_pipeline.audit.design",
        ("tests/audit/test_design.py", "tests/audit/test_audit_plan.py"),
        level=0.85,
    ),
    Target("fraud_pipeline.explain.reasons", ("tests/explain/test_reasons.py",), level=0.90),
    Target(
        "fraud_pipeline.explain.words",
        ("tests/explain/test_words.py", "tests/explain/test_reasons.py"),
        level=0.85,
    ),
    Target(
        "fraud_pipeline.explain.counterfactual", ("tests/explain/test_counterfactual.py",), level=0.85
    ),
)  # fmt: skip
