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
        ("tests/risk/test_score.py", "tests/risk/test_payments.py"),
        level=0.95,
        equivalent={
            "_CHUNK = 200_000 :: 200000 to 200001": "claims are scored one by one, in pieces of any size",
        },
    ),
    Target(
        "fraud_pipeline.risk.reason",
        ("tests/risk/test_score.py",),
        level=0.95,
        equivalent={
            "figures, of = np.unique(np.round(times, 2), return_inverse=True) :: 2 to 3":
                "the sentence has two decimals either way",
            'grave = pa.table({"severity": ["hard", "strong", "weak"], "grave": [0, 1, 2]}) :: 2 to 3':
                _SAME_ORDER,
        },
    ),
    Target(
        "fraud_pipeline.audit.design",
        ("tests/audit/test_design.py", "tests/audit/test_design_parts.py"),
        level=0.90,
        equivalent={
            "_TRIES = 12 # at planning fewer days, before limits and days are said to exclude each other"
            " :: 12 to 13": "what does not fit in twelve tries does not fit in thirteen",
            'f"{n} audits under these limits do not fit into {load.most_days or 0:g} auditor-days" :: 0 to 1':
                "only a load with a limit of days comes here",
            "rate = min(float(improper.sum()) / total, 1.0) if total > 0 else 0.0 :: 0.0 to 1.0":
                "without money the spread is nought whatever the rate",
        },
    ),
    Target("fraud_pipeline.explain.reasons", ("tests/explain/test_reasons.py",), level=0.95),
    Target(
        "fraud_pipeline.explain.words",
        ("tests/explain/test_words.py",),
        level=0.95,
        equivalent={
            "return _once(key, lambda k: f\"{'-' if k < 0 else '+'}{abs(round(k)) / 100:.2f}\") :: Lt to LtE":
                "the key is a quarter off a whole number, never nought",
            "known = pc.fill_null(values.cast(pa.float64()), np.nan).to_numpy(zero_copy_only=False)"
            " :: False to True": "after fill_null there is no null that would need a copy",
            "return texts.take(pa.array(place.reshape(-1))) :: 1 to 2":
                "any negative length is the one numpy works out",
        },
    ),
    Target(
        "fraud_pipeline.explain.counterfactual",
        ("tests/explain/test_counterfactual.py",),
        level=0.95,
        equivalent={
            "below = (amount * last_loss / loss).quantize(Decimal(1), rounding=ROUND_DOWN) :: 1 to 2":
                "quantize looks at the exponent only",
        },
    ),
)  # fmt: skip
