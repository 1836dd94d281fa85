"""The auditor's published tables, cell by cell."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest
from scipy.stats import binom, poisson

from fraud_pipeline.audit import binomial_sample_size, poisson_sample_size
from fraud_pipeline.errors import InputError

GOLDEN = Path(__file__).parent / "golden"


def cells(name):
    with (GOLDEN / name).open() as file:
        return [
            {k: v if k == "n" else Fraction(v) / 100 for k, v in row.items()}
            for row in csv.DictReader(file)
        ]


def test_all_monetary_unit_cells():
    rows = cells("monetary_unit.csv")
    got = [
        poisson_sample_size(
            1 - row["risk_pct"],
            row["tolerable_pct"],
            row["tolerable_pct"] * row["expected_of_tolerable_pct"],
        )
        for row in rows
    ]
    assert len(rows) == 418
    assert got == [int(row["n"]) for row in rows]


def test_all_attribute_cells():
    rows = cells("attributes.csv")
    got = [
        binomial_sample_size(1 - row["risk_pct"], row["tolerable_pct"], row["expected_pct"])
        for row in rows
    ]
    assert len(rows) == 392
    assert got == [int(row["n"]) for row in rows]


@pytest.mark.parametrize(
    ("confidence", "n"), [("0.95", 300), ("0.90", 231), ("0.75", 139), ("0.60", 92), ("0.50", 70)]
)
def test_touw_and_hoogduin(confidence, n):
    assert poisson_sample_size(confidence, "0.01") == n


def test_written_numbers_are_meant_not_their_binary_neighbours():
    assert binomial_sample_size("0.90", "0.05", "0.035") == 400  # 400 x 0.035 is 14, not 15
    assert binomial_sample_size(0.90, 0.05, 0.035) == 400


@pytest.mark.parametrize("tolerable", [0.5, 0.07, 0.013])
def test_no_smaller_sample_would_do(tolerable):
    n = binomial_sample_size(0.95, tolerable)
    assert binom.cdf(0, n, tolerable) <= 0.05 < binom.cdf(0, n - 1, tolerable)
    n = poisson_sample_size(0.95, tolerable)
    assert poisson.cdf(0, n * tolerable) <= 0.05 < poisson.cdf(0, (n - 1) * tolerable)


@pytest.mark.parametrize(
    "rates", [("0.95", "0.02", "0.02"), ("1", "0.02"), ("0.95", "0"), ("0.95", "0.02", "-0.1")]
)
def test_impossible_wishes_are_refused(rates):
    for planner in (poisson_sample_size, binomial_sample_size):
        with pytest.raises(InputError):
            planner(*rates)
