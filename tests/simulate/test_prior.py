"""The prior over worlds: every nuisance parameter is drawn, reaches the tables and can be left at its default."""

from dataclasses import fields, replace

import numpy as np
import pytest

from fraud_pipeline.schema import Tables
from fraud_pipeline.simulate import PROGRAMMES, FraudMix, Nuisance, draw_world, simulate
from fraud_pipeline.simulate.fraud.mix import NONE
from fraud_pipeline.simulate.world.prior import BASE_RATE, RANGES, Range, undrawn

SIZE, SEED = 400, 11


def world_with(programme: str = "changxing", fraud: FraudMix = NONE, **values):
    margins = replace(PROGRAMMES[programme], nuisance=replace(Nuisance(), **values))
    return simulate(margins, SIZE, SEED, fraud=fraud)


def same(a: Tables, b: Tables) -> bool:
    return all(a[name].equals(b[name]) for name in a)


def extremes():
    for name, of in RANGES.items():
        yield name, (0.0 if of.none else of.low), of.high


def test_every_nuisance_parameter_has_a_distribution_and_every_range_a_parameter():
    assert undrawn() == []
    assert set(RANGES) <= {f.name for f in fields(Nuisance)}


@pytest.mark.parametrize(("name", "low", "high"), list(extremes()))
def test_every_nuisance_parameter_reaches_the_tables(name, low, high):
    whole = {"enterprises_per_bookkeeper", "agents", "reviewers"}
    kind = round if name in whole else float
    # a place of its own has an effect only where there are several
    programme = "zhejiang" if name in ("near_share", "place_spread") else "wuhan"
    fraud = FraudMix() if name == "missed" else NONE  # auditors miss only what is there
    one, other = (world_with(programme, fraud, **{name: kind(v)}) for v in (low, high))
    assert not same(one.tables, other.tables)


def test_missing_tables_and_columns_are_empty_and_nothing_else_changes():
    usual = world_with()
    gaps = world_with(missing_tables=("payments",), missing_columns=(("claims", "device_id"),))
    assert gaps.tables["payments"].num_rows == 0 < usual.tables["payments"].num_rows
    assert gaps.tables["claims"]["device_id"].null_count == SIZE
    assert gaps.tables["claims"].drop(["device_id"]) == usual.tables["claims"].drop(["device_id"])
    assert gaps.tables["invoices"].equals(usual.tables["invoices"])


def test_the_same_number_gives_the_same_world_and_another_number_another():
    assert draw_world(3) == draw_world(3) != draw_world(4)


def test_base_rates_and_shapes_of_rings_cover_what_was_promised():
    drawn = [draw_world(seed).fraud for seed in range(150)]
    rates = [sum(f.share.values()) + _ring_claims(f) / f.claims for f in drawn]
    assert min(rates) < 0.02 and 0.15 < np.quantile(rates, 0.95) < 0.5
    enterprises = [r.enterprises for f in drawn for r in f.rings]
    assert min(enterprises) == 3 and max(enterprises) >= 50
    assert {r.institutions for f in drawn for r in f.rings} >= {1, 2, 3, 5}
    assert Range(0.01, 0.2, log=True) == BASE_RATE


def _ring_claims(fraud: FraudMix) -> float:
    return sum(r.enterprises * r.claims_per_enterprise for r in fraud.rings)


def test_a_typology_left_out_is_never_planted():
    for seed in range(12):
        for typology in ("T13", "T16"):
            fraud = draw_world(seed, without=typology).fraud
            assert typology not in fraud.share
            assert typology not in {r.typology for r in fraud.rings}


def test_an_honest_world_has_nothing_improper_in_it():
    drawn = draw_world(5, honest=True)
    world = simulate(drawn.margins, 500, 5, fraud=drawn.fraud)
    assert world.truth["typology"].null_count == 500
