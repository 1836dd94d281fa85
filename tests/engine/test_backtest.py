"""Looking back: only what was known then, and the same sums as a real run of that day."""

from datetime import date

import pyarrow.compute as pc
import pytest

from fraud_pipeline.engine import in_memory
from fraud_pipeline.engine.backtest import as_text, backtest, month_ends
from fraud_pipeline.engine.runner import Request, load, score
from fraud_pipeline.errors import InputError
from fraud_pipeline.pipeline import Setup
from fraud_pipeline.programmes.currency import currencies_of
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import Settings
from fraud_pipeline.store.models import shipped_model
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.store.workspace import locked

WUHAN = str(data_samples() / "wuhan")


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    request = Request(data=WUHAN, workspace=tmp_path_factory.mktemp("w"))
    return load(request, Settings(), currencies_of(load_packs(None))).tables


def test_month_ends():
    assert month_ends(date(2017, 3, 31), 3) == [
        date(2016, 12, 31),
        date(2017, 1, 31),
        date(2017, 2, 28),
    ]


@pytest.mark.long
def test_in_memory_gives_the_tables_of_a_real_run(clean, tmp_path):
    day = date(2016, 6, 30)
    setup = Setup(day, None, Settings(), load_packs(None), shipped_model(), None, None, 1, None, {})
    memory = in_memory.run(clean, setup)
    with locked(tmp_path) as place:
        run = score(Request(data=WUHAN, workspace=place.path, as_of=day), place)
    for name in ("rule_results", "price_results", "features", "ranked_claims"):
        assert memory.table(name).equals(run.table(name)), name


@pytest.mark.long
def test_a_past_month_does_not_know_what_came_later(clean):
    before = backtest(clean, Settings(), load_packs(None), shipped_model(), 8)[0]
    outcomes = clean["outcomes"]
    later = pc.greater(outcomes["decided_on"], before.as_of)
    assert 0 < before.known_verdicts == pc.sum(pc.invert(later)).as_py()
    assert before.later_verdicts <= pc.sum(later).as_py()
    assert 0 <= before.precision["shipped"] <= 1 and before.trust == 0
    assert str(before.as_of) in as_text([before])


def test_without_verdicts_there_is_nothing_to_look_back_on(clean):
    nothing = Tables({**clean, "outcomes": clean["outcomes"].slice(0, 0)})
    with pytest.raises(InputError, match="no verdicts"):
        backtest(nothing, Settings(), load_packs(None), shipped_model(), 3)
