"""Prices: the markets of a service in a part, discoveries by programme."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from fraud_pipeline import pricing
from fraud_pipeline.engine.spark.frames import (
    answered,
    everywhere,
    gathered,
    of_tables,
    placed_schema,
    write,
)
from fraud_pipeline.engine.spark.routes import by_claims, claims_with, partition_keys
from fraud_pipeline.engine.spark.spark_run import SparkRun
from fraud_pipeline.pipeline import Setup
from fraud_pipeline.pricing.discovery import guarded_q_values
from fraud_pipeline.pricing.judge import codes_of
from fraud_pipeline.pricing.unit_price import unit_prices
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.outputs import PRICE_RESULTS
from fraud_pipeline.settings import PricingSettings

# The service travels with the verdicts as far as the false discovery rate.
_WITH_SERVICE = pa.schema([*PRICE_RESULTS.arrow, ("service_type", pa.string())])


def prices(run: SparkRun, setup: Setup) -> dict[str, pa.Table]:
    """price_results, as the embedded engine's step makes them."""
    write(_by_service(run, setup), run.lake, "price_results", ["claim_id"], PRICE_RESULTS.arrow)
    whole = run.lake.read("price_results").sort_by("claim_id")
    return {"price_results": PRICE_RESULTS.conform(whole)}


def _by_service(run: SparkRun, setup: Setup) -> Any:
    # a market never reaches beyond its service (tests/engine/spark/test_parted.py)
    own = partition_keys(run.known, "service_type", run.parts)
    frames = {
        "claims": claims_with(run.known, own),
        "institutions": by_claims(run.known, "institutions", "institution_id", own),
        "outcomes": by_claims(run.known, "outcomes", "claim_id", own),
        "market_prices": everywhere(run.known("market_prices"), run.parts),
    }
    kernel = partial(
        _judge_partition, settings=setup.settings.pricing, supplied=run.supplied,
        sides=ring_sides(run.inputs.table("ring_claims"), run.inputs.table("known/claims")),
    )  # fmt: skip
    verdicts = gathered(frames, kernel, placed_schema(_WITH_SERVICE))
    with_q_values = verdicts.groupBy("part_programme").applyInArrow(_discovered, verdicts.schema)
    return with_q_values.drop("service_type")


def ring_sides(ring_claims: pa.Table, claims: pa.Table) -> pa.Table:
    """RING_CLAIMS in which rings that share a claim with a price are one.

    Over all services, because a service's own part would see two rings where a claim of
    another service makes them one side.
    """
    if ring_claims.num_rows == 0:
        return ring_claims
    ring_rows = claims.filter(
        pc.is_in(claims["claim_id"], value_set=ring_claims["claim_id"].combine_chunks())
    )
    rows = unit_prices(Tables({"claims": ring_rows}))
    priced = rows.filter(pc.is_null(rows["reason"]))["claim_id"].combine_chunks()
    theirs = ring_claims.filter(pc.is_in(ring_claims["claim_id"], value_set=priced))
    if theirs.num_rows == 0:
        return theirs
    claim, ring = codes_of(theirs["claim_id"]), codes_of(theirs["ring_id"])
    n = int(claim.max()) + 1
    size = n + int(ring.max()) + 1
    ties = coo_array((np.ones(len(claim)), (claim, n + ring)), shape=(size, size))
    side = connected_components(ties, directed=False)[1][n + ring]
    return theirs.set_column(
        theirs.column_names.index("ring_id"), "ring_id", pa.array(side).cast(pa.string())
    )


def _judge_partition(
    partition: dict[str, pa.Table],
    settings: PricingSettings,
    supplied: frozenset[str],
    sides: pa.Table,
) -> pa.Table:
    """The verdicts on some services' claims; a market never reaches beyond its service."""
    results = pricing.judge(of_tables(partition, supplied), settings, ring_claims=sides)
    claims = partition["claims"]
    at = pc.index_in(results["claim_id"], value_set=claims["claim_id"].combine_chunks())
    results = results.append_column("service_type", claims["service_type"].take(at))
    return answered(results, claims)


def _discovered(verdicts: pa.Table) -> pa.Table:
    """The verdicts of one programme with the q-values over all of it."""
    verdicts = verdicts.sort_by("claim_id")
    p_value = pc.fill_null(verdicts["p_value"], np.nan).to_numpy()
    service = codes_of(verdicts["service_type"])
    q_value = guarded_q_values(p_value, np.zeros(len(p_value), np.int64), service)
    unknown = pc.is_null(verdicts["p_value"]).to_numpy()
    at = verdicts.column_names.index("q_value")
    return verdicts.set_column(at, "q_value", pa.array(q_value, mask=unknown))
