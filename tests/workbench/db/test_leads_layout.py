"""The workbench's copy of a run: what runs of earlier versions lack is filled in."""

import duckdb
import pytest

from fraud_pipeline.workbench.db.leads_layout import _KIND_SQL, _PRICE_SQL


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
