"""The as-of cut: deleting the future changes nothing."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa

from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.schema.asof import known_by

SHANGHAI = ZoneInfo("Asia/Shanghai")


def table(name, rows):
    schema = INPUT_TABLES[name]
    return schema.conform(pa.Table.from_pylist(rows, schema=pa.schema(
        [f for f in schema.arrow if any(f.name in r for r in rows)])))  # fmt: skip


def claim(claim_id, day, enterprise="E1", **more):
    return {"claim_id": claim_id, "enterprise_id": enterprise, "institution_id": "I1",
            "submitted_on": day, **more}  # fmt: skip


def test_later_claims_their_children_and_their_parties_are_gone():
    tables = Tables(
        {
            "claims": table("claims", [claim("a", date(2016, 1, 1)),
                                       claim("b", date(2016, 3, 1), "E2")]),
            "enterprises": table("enterprises", [{"enterprise_id": "E1", "name": "甲"},
                                                 {"enterprise_id": "E2", "name": "乙"}]),
            "deliverables": table("deliverables", [
                {"deliverable_id": "d1", "claim_id": "a", "kind": "report"},
                {"deliverable_id": "d2", "claim_id": "b", "kind": "report"}]),
        }
    )  # fmt: skip
    known = known_by(tables, date(2016, 2, 1))
    assert known["claims"]["claim_id"].to_pylist() == ["a"]
    assert known["deliverables"]["deliverable_id"].to_pylist() == ["d1"]
    assert known["enterprises"]["enterprise_id"].to_pylist() == ["E1"]
    assert known.supplied("claims") and not known.supplied("invoices")


def test_what_happened_later_to_a_known_row_is_blanked():
    late = datetime(2016, 2, 2, 0, 30, tzinfo=SHANGHAI)  # still 1 February in UTC
    on_the_day = datetime(2016, 2, 1, 23, 30, tzinfo=SHANGHAI)
    tables = Tables(
        {
            "claims": table("claims", [
                claim("a", date(2016, 1, 1), confirmed_at=late, confirmed_by="x",
                      paid_on=date(2016, 5, 1), status="paid"),
                claim("b", date(2016, 1, 1), confirmed_at=on_the_day, confirmed_by="y")])
        }
    )  # fmt: skip
    first, second = known_by(tables, date(2016, 2, 1))["claims"].to_pylist()
    assert first["confirmed_at"] is None and first["confirmed_by"] is None
    assert first["paid_on"] is None
    assert second["confirmed_at"] == on_the_day and second["confirmed_by"] == "y"


def test_labels_can_be_held_back_further_than_claims():
    tables = Tables(
        {
            "claims": table("claims", [claim("a", date(2016, 1, 1))]),
            "outcomes": table("outcomes", [{"outcome_id": "o", "claim_id": "a",
                                            "decided_on": date(2016, 4, 1), "verdict": "fraud"}]),
        }
    )  # fmt: skip
    assert known_by(tables, date(2016, 6, 1))["outcomes"].num_rows == 1
    assert known_by(tables, date(2016, 6, 1), date(2016, 3, 1))["outcomes"].num_rows == 0


def test_a_relation_that_ends_later_is_still_open():
    relation = {"party_id": "E1", "person_id": "p", "role": "shareholder"}
    tables = Tables({"relations": table("relations", [{**relation, "until_on": date(2017, 1, 1)}])})
    assert known_by(tables, date(2016, 1, 1))["relations"]["until_on"].to_pylist() == [None]
