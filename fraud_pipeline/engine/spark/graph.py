"""Ties: claims by institution; shared identity and shared text in one task each."""

from __future__ import annotations

from functools import partial

import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.engine.spark.frames import gathered, of_tables, placed_schema, tasks, write
from fraud_pipeline.engine.spark.lake import Lake, place
from fraud_pipeline.engine.spark.routes import by_claims, claims_with, partition_keys
from fraud_pipeline.engine.spark.spark_run import SparkRun
from fraud_pipeline.graph import build as embedded
from fraud_pipeline.graph.attributes import first_seen, shared_attributes
from fraud_pipeline.graph.direct_ties import claim_ties, money_back_ties, payment_ties, tenancy_ties
from fraud_pipeline.graph.groups import group_ties
from fraud_pipeline.graph.identity import attribute_pairs, person_pairs
from fraud_pipeline.graph.text import text_ties
from fraud_pipeline.pipeline import Setup
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.outputs import TIES
from fraud_pipeline.settings import GraphSettings

_PLACED = placed_schema(TIES.arrow)
_KEY = ["left_id", "right_id", "kind", "left_kind", "right_kind"]
# What each of the two tasks reads: columns of the claims, and whole tables.
_IDENTITY = (
    ("claim_id", "enterprise_id", "institution_id", "submitted_on", "contact_phone", "device_id",
     "agent_id"),
    ("vouchers", "contracts", "enterprises", "institutions", "payments", "relations"),
)  # fmt: skip
_TEXT = (("claim_id", "enterprise_id", "submitted_on", "report_text"), ("contracts",))
_UNREAD = {"contracts": "text"}


def graph(run: SparkRun, setup: Setup) -> dict[str, pa.Table]:
    """ties, as the embedded engine's step makes them."""
    settings = setup.settings.graph
    own = partition_keys(run.known, "institution_id", run.parts)
    claim_tie_frame = gathered(
        {
            "claims": claims_with(run.known, own),
            "enterprises": by_claims(run.known, "enterprises", "enterprise_id", own),
        },
        partial(_claim_ties, supplied=run.supplied),
        _PLACED,
    )
    for name in {*_IDENTITY[1], *_TEXT[1]}:
        run.provide(f"known/{name}")
    shared = partial(_shared, lake=run.lake, settings=settings, supplied=run.supplied)
    tie_frame = claim_tie_frame.unionByName(tasks(run.session, 2, shared, _PLACED))
    write(tie_frame, run.lake, "ties", _KEY, TIES.arrow)
    ties = run.lake.read("ties").sort_by([(column, "ascending") for column in _KEY])
    return {"ties": TIES.conform(ties)}


def _claim_ties(partition: dict[str, pa.Table], supplied: frozenset[str]) -> pa.Table:
    tables = of_tables(partition, supplied)
    return _one_a_pair([claim_ties(tables), tenancy_ties(tables)])


def _shared(number: int, lake: Lake, settings: GraphSettings, supplied: frozenset[str]) -> pa.Table:
    """0: ties by identity and money; 1: ties by text."""
    if number == 1:
        return _one_a_pair([text_ties(_read(lake, _TEXT, supplied, True))])
    tables = _read(lake, _IDENTITY, supplied, False)
    first_days = first_seen(tables)
    persons = person_pairs(tables, first_days, settings)
    attributes = shared_attributes(tables, first_days, settings)
    money_back = money_back_ties(tables)
    return _one_a_pair(
        [
            money_back,
            payment_ties(tables, money_back),
            group_ties(tables, first_days),
            attribute_pairs(tables, attributes, persons),
            persons,
        ]
    )


def _read(
    lake: Lake,
    needs: tuple[tuple[str, ...], tuple[str, ...]],
    supplied: frozenset[str],
    texts: bool,
) -> Tables:
    columns, names = needs
    tables = {"claims": lake.read("known/claims", list(columns))}
    for name in names:
        table = lake.read(f"known/{name}")
        unread = _UNREAD.get(name)
        tables[name] = table if texts or unread is None else table.drop_columns([unread])
    return of_tables(tables, supplied)


def _one_a_pair(parts: list[pa.Table]) -> pa.Table:
    """The embedded step's own last query; it looks at one kind of tie between two parties only,
    so each part may ask it of the kinds it holds whole."""
    columns = [*TIES.names, "exempt"]
    padded = [embedded._padded(part, columns) for part in parts]
    ties = pa.concat_tables(padded, promote_options="permissive")
    return place(TIES.conform(query(embedded._ONE_A_PAIR, {"ties": ties})), "known_on")
