"""The workbench's copy of a run: what runs of earlier versions lack is filled in."""

import duckdb
import pytest

from fraud_pipeline.workbench.auth.accounts import Person, Role
from fraud_pipeline.workbench.db.leads_layout import _KIND_SQL, _PRICE_SQL, _QUEUE_SQL
from fraud_pipeline.workbench.queue.filters import PUBLISHED, Filter


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("'文本雷同 / Text reuse' AS top_reason", ("文本雷同", "Text reuse")),
        ("'甲 / 乙 / One / two' AS top_reason", ("甲 / 乙 / One", "two")),
        ("'文本雷同' AS top_reason, 'Text reuse' AS top_reason_en", ("文本雷同", "Text reuse")),
        ("'a / b' AS top_reason, 'c / d' AS top_reason_en", ("a / b", "c / d")),
        ("NULL::VARCHAR AS top_reason", (None, None)),
    ],
)
def test_a_reason_in_two_languages_becomes_one_column_a_language(columns, expected):
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE ranked_claims AS SELECT 'C1' AS claim_id, {columns}")
        connection.execute(_KIND_SQL)
        (row,) = connection.execute(
            "SELECT top_reason, top_reason_en, risk_kind, band FROM ranked_claims"
        ).fetchall()
    assert row == (*expected, None, None)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("'市场价 2 元/项 / market 2' AS basis, NULL::VARCHAR AS reason",
         (None, "市场价 2 元/项", "market 2", None, None)),
        ("NULL::VARCHAR AS basis, '数量不为正 / quantity not positive' AS reason",
         (None, None, None, "数量不为正", "quantity not positive")),
        ("'comparables' AS basis, '甲' AS basis_zh, 'a' AS basis_en, NULL::VARCHAR AS reason",
         ("comparables", "甲", "a", None, None)),
    ],
)  # fmt: skip
def test_a_market_in_two_languages_becomes_one_column_a_language(columns, expected):
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE price_results AS SELECT 'C1' AS claim_id, {columns}")
        connection.execute(_PRICE_SQL)
        (row,) = connection.execute(
            "SELECT basis, basis_zh, basis_en, reason, reason_en FROM price_results"
        ).fetchall()
    assert row == expected


def test_the_queue_knows_prices_that_ask_for_quantity_unit_or_split():
    with duckdb.connect() as connection:
        connection.execute("""
            CREATE TABLE ranked_claims AS SELECT 'C' || n AS claim_id, n AS rank, .5 AS risk,
                'order' AS risk_kind, '' AS band, 0.0 AS log_odds, 9 - n AS expected_loss, 1 AS claimed_amount,
                '' AS top_reason, '' AS top_reason_en, 'p' AS programme, 'E' AS enterprise_id,
                'I' AS institution_id FROM range(3) t(n);
            CREATE TABLE claims AS SELECT claim_id, DATE '2020-01-01' AS submitted_on,
                'testing' AS service_type, NULL::DATE AS paid_on FROM ranked_claims;
            CREATE TABLE enterprises AS SELECT 'E' AS enterprise_id, 'e' AS name, 'r' AS region;
            CREATE TABLE institutions AS SELECT 'I' AS institution_id, 'i' AS name;
            CREATE TABLE rules AS SELECT '' AS rule_code, '' AS severity, '' AS typology;
            CREATE TABLE rule_results AS SELECT '' AS claim_id, '' AS rule_code, '' AS outcome;
            CREATE TABLE ring_claims AS SELECT '' AS claim_id, '' AS ring_id;
            CREATE TABLE audit_plan AS SELECT '' AS claim_id, '' AS stratum, .1 AS inclusion_prob;
            CREATE TABLE price_results AS SELECT * FROM (VALUES
                ('C0', NULL), ('C1', 'quantity_unit_or_split')) t(claim_id, price_queue)""")
        connection.execute(_QUEUE_SQL, {"first": "2020-01-01"})
        rows = connection.execute(
            "SELECT claim_id, price_queue FROM queue ORDER BY place"
        ).fetchall()
        person = Person(1, "x", next(iter(Role)), (), frozenset())
        asked = Filter(price="quantity_unit_or_split")
        term = "price_queue = $price"
        terms, values = asked.run_terms(person, "2020-02-01", 10, PUBLISHED)
        found = connection.execute(f"SELECT claim_id FROM queue WHERE {term}", values).fetchall()  # noqa: S608
    assert rows == [("C0", ""), ("C1", "quantity_unit_or_split"), ("C2", "")]
    assert term in terms and found == [("C1",)]
