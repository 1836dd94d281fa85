"""Worlds handed in as bureaus do: nothing is lost, what can be repaired is, nothing is silently wrong."""

import os
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from benchmarks.dirt import REPAIRED_FLOOR, WRONG_CEILING, hold, load, measure
from fraud_pipeline.cli.app import app
from fraud_pipeline.simulate import simulate
from fraud_pipeline.simulate.dirt.cells import capitals
from fraud_pipeline.simulate.dirt.hand_in import hand_in

REDUCED = os.environ.get("FRAUD_LONG") == "reduced"


@pytest.fixture(scope="module")
def tables():
    return simulate("wuhan", n_claims=240, seed=31).tables


def count_results(held):
    assert held.faults == []
    assert held.rows_in == held.rows_clean + held.rows_quarantined
    assert held.repaired >= REPAIRED_FLOOR * held.repairable
    assert held.wrong < WRONG_CEILING * held.cells


@pytest.mark.parametrize("seed", [1, *(pytest.param(s, marks=pytest.mark.long) for s in (2, 3))])
def test_a_small_dirty_world_is_repaired_or_set_aside(tables, seed):
    held, _ = measure(tables, seed)
    count_results(held)
    assert held.repairable > 1000


@pytest.mark.long
@pytest.mark.parametrize("seed", range(11, 13 if REDUCED else 21))
def test_dirty_worlds_of_full_size(seed):
    held, _ = measure(simulate("wuhan", n_claims=1071, seed=seed).tables, seed)
    count_results(held)
    assert held.repairable > 4000


def test_the_same_seed_gives_the_same_bytes_and_another_other_ones(tables):
    once, again, other = (hand_in(tables, seed) for seed in (5, 5, 6))
    assert once.files == again.files and once.cells.equals(again.cells)
    assert once.files != other.files


def test_the_measure_sees_a_loader_that_errs(tables, tmp_path):
    given = hand_in(tables, 7)
    for name, data in given.files.items():
        (tmp_path / name).write_bytes(data)
    loaded = load(tmp_path)
    claims = loaded.tables["claims"]
    at = claims.schema.get_field_index("claimed_amount")
    more = pc.add(claims["claimed_amount"], pa.scalar(Decimal("0.01"), pa.decimal128(3, 2)))
    wrong = claims.set_column(at, claims.schema.field(at), more.cast(claims.schema.field(at).type))
    object.__setattr__(loaded, "tables", loaded.tables.replaced(claims=wrong))
    held = hold(given, loaded)
    assert held.wrong >= 0.9 * claims.num_rows
    object.__setattr__(loaded, "tables", loaded.tables.replaced(claims=claims.slice(40)))
    assert hold(given, loaded).missed


def test_every_kind_of_dirt_comes_about(tables):
    seen = {
        k for seed in range(6) for k in pc.unique(hand_in(tables, seed).cells["kind"]).to_pylist()
    }
    assert {"full_width", "invisible", "unit_in_header", "unit_in_title", "unit_in_cell", "merged_cell", "word",
            "capital_numerals", "excel_serial", "spoken_date", "cyrillic", "leading_zeros", "lost_digits",
            "letter_for_digit", "wrong_encoding", "unit_slip", "month_only", "percent", "country_code"} <= seen  # fmt: skip


@pytest.mark.parametrize(
    ("value", "words"),
    [("35000.50", "叁万伍仟元伍角"), ("10", "壹拾元整"), ("100203.04", "壹拾万零贰佰零叁元零肆分"), ("0.07", "柒分")],
)  # fmt: skip
def test_capital_numerals_as_cheques_write_them(value, words):
    assert capitals(Decimal(value)) == words


def test_the_command_writes_a_dirty_world_that_can_be_checked(tmp_path):
    to = tmp_path / "world"
    done = CliRunner().invoke(
        app, ["simulate", "--claims", "80", "--seed", "3", "--dirty", "--out", str(to)]
    )
    assert done.exit_code == 0, done.output
    names = {p.name for p in to.iterdir()}
    assert {"truth.parquet", "truth_rows.parquet", "truth_cells.parquet"} < names
    assert CliRunner().invoke(app, ["check", "--data", str(to)]).exit_code == 0
