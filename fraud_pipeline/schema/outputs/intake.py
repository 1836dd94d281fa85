"""Rows set aside and cells repaired when the sources are read; the truth of a simulated world."""

from __future__ import annotations

from fraud_pipeline.schema.table_schema import Column, Kind, TableSchema

C, K = Column, Kind

QUARANTINE = TableSchema(
    "quarantine",
    (
        C("table", K.CODE, True),
        C("file", K.TEXT, True),
        C("sheet", K.TEXT),
        C("row", K.COUNT),
        C("column", K.TEXT),
        C("value", K.TEXT),
        C("reason_code", K.CODE, True),
        C("detail", K.TEXT),
    ),
)

REPAIRS = TableSchema(
    "repairs",
    (
        C("table", K.CODE, True),
        C("file", K.TEXT, True),
        C("sheet", K.TEXT),
        C("row", K.COUNT),
        C("column", K.TEXT),
        C("before", K.TEXT),
        C("after", K.TEXT),
        C("kind", K.CODE, True),
    ),
)

TRUTH = TableSchema(
    "truth",
    (
        C("claim_id", K.ID, True),
        C("is_fraud", K.FLAG, True),
        C("is_irregular", K.FLAG, True),
        C("typology", K.CODE),
        C("ring_id", K.ID),
        C("true_market_price", K.MONEY),
        C("true_loss", K.MONEY, True),
    ),
    key=("claim_id",),
)
