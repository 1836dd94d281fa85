"""What the search for rings accepts: any table of two parties, amounts and days, or none at all."""

import duckdb
import pyarrow as pa
import pytest

from fraud_pipeline import rings
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.schema import RingSet
from fraud_pipeline.schema.outputs import TIES
from tests.rings.test_find import SETTINGS, TABLES, jaccard, parties_of
from tests.rings.worlds import claims_of, market, ring


def test_nothing_gives_nothing():
    shown = rings.find(None, claims_of([]), SETTINGS)
    assert all(getattr(shown, t).equals(getattr(RingSet.empty(), t)) for t in TABLES)
    one = rings.find(TIES.empty(), claims_of(market(1)[:1]), SETTINGS)
    assert one.rings.num_rows == 0


def test_any_table_of_two_parties_amount_and_date_will_do():
    claims = claims_of(market(2) + ring(10, 4, name="Q"))
    foreign = pa.table(
        {
            "deputy": claims["enterprise_id"], "supplier": claims["institution_id"],
            "value": claims["claimed_amount"], "issued": claims["submitted_on"],
        }
    )  # fmt: skip
    shown = rings.find(
        None, rings.as_claims(foreign, "deputy", "supplier", "value", "issued"), SETTINGS
    )
    truth = {f"QE{n}" for n in range(10)} | {f"QI{n}" for n in range(4)}
    assert jaccard(parties_of(shown, shown.rings["ring_id"][0].as_py()), truth) >= 0.8
    loose = foreign.set_column(2, "value", foreign["value"].cast(pa.float64()))
    for table in (foreign, loose):
        by_types = rings.find(table, SETTINGS)
        assert all(getattr(by_types, t).equals(getattr(shown, t)) for t in TABLES)
    with pytest.raises(SettingsError, match="two columns of text or whole numbers"):
        rings.find(foreign.drop_columns(["supplier"]), SETTINGS)


def test_whole_numbers_frames_and_relations_are_tables_too():
    claims = claims_of(market(2) + ring(10, 4, name="Q"))
    number = {"E": 0, "Q": 1000, "I": 5000}
    buyers = [number[e[0]] + int(e.lstrip("QEI")) for e in claims["enterprise_id"].to_pylist()]
    sellers = [number[i[0]] + 5000 + int(i.lstrip("QEI"))
               for i in claims["institution_id"].to_pylist()]  # fmt: skip
    days = pa.array([None, *claims["submitted_on"].to_pylist()], pa.date32())
    table = pa.table({
        "issued": days, "deputy": [7, *buyers], "supplier": [7, *sellers],
        "value": pa.array([None, *map(float, claims["claimed_amount"].to_pylist())]),
    })  # fmt: skip
    shown = rings.find(table, SETTINGS)
    assert parties_of(shown, shown.rings["ring_id"][0].as_py()) >= {
        str(1000 + n) for n in range(10)
    }
    for given in (table.to_pandas(), duckdb.connect().from_arrow(table)):
        same = rings.find(given, SETTINGS)
        assert same.rings["n_claims"].equals(shown.rings["n_claims"])
    assert rings.find(table.slice(0, 0), SETTINGS).rings.num_rows == 0


def test_what_is_no_table_is_told_in_one_line():
    for given in ([1, 2], pa.table({"a": ["x"]})):
        with pytest.raises(SettingsError, match=r"^rings\.find: [^\n]*$"):
            rings.find(given, SETTINGS)
    table = pa.table({"a": ["x"], "b": ["y"], "c": [1.0], "d": ["no day"]})
    with pytest.raises(SettingsError, match=r"^rings\.find: column d: "):
        rings.as_claims(table, "a", "b", "c", "d")
    with pytest.raises(SettingsError, match="no column e"):
        rings.as_claims(table, "a", "b", "c", "e")
