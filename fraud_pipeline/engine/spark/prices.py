"""Prices: the markets of the claims' own days by service in parts, the run's view of all together."""

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
    routed,
    write,
)
from fraud_pipeline.engine.spark.routes import by_claims, claims_with, partition_keys
from fraud_pipeline.engine.spark.spark_run import SparkRun
from fraud_pipeline.pipeline import Setup
from fraud_pipeline.pricing.claim_day import codes_of
from fraud_pipeline.pricing.judge import with_claim_day, with_run_day
from fraud_pipeline.pricing.unit_price import PAPERS, unit_prices
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.outputs import PRICE_RESULTS
from fraud_pipeline.settings import PricingSettings


def prices(run: SparkRun, setup: Setup) -> dict[str, pa.Table]:
    """price_results, as the embedded engine's step makes them."""
    write(_by_service(run, setup), run.lake, "price_results", ["claim_id"], PRICE_RESULTS.arrow)
    own_day = with_claim_day(run.lake.read("price_results").sort_by("claim_id"))
    # the view of the day of the run looks at all services together; it reads few columns
    known = of_tables(
        {name: run.inputs.table(f"known/{name}") for name in
         ("claims", "institutions", "outcomes", "market_prices", *PAPERS)}, run.supplied,
    )  # fmt: skip
    rings = run.inputs.table("ring_claims")
    return {"price_results": with_run_day(own_day, known, setup.settings.pricing, rings)}


def _by_service(run: SparkRun, setup: Setup) -> Any:
    # a market never reaches beyond its service (tests/engine/spark/test_parted.py)
    own = partition_keys(run.known, "service_type", run.parts)
    frames = {
        "claims": claims_with(run.known, own),
        "institutions": by_claims(run.known, "institutions", "institution_id", own),
        "outcomes": by_claims(run.known, "outcomes", "claim_id", own),
        "market_prices": everywhere(run.known("market_prices"), run.parts),
    }
    contracts = own.select("contract_id", "part")
    for name, columns in PAPERS.items():
        frames[name] = routed(run.known(name, list(columns)), contracts)
    kernel = partial(
        _judge_partition, settings=setup.settings.pricing, supplied=run.supplied,
        sides=ring_sides(run.inputs.table("ring_claims"), run.inputs.table("known/claims")),
    )  # fmt: skip
    return gathered(frames, kernel, placed_schema(PRICE_RESULTS.arrow))


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
    results = pricing.judge_on_claim_day(
        of_tables(partition, supplied), settings, ring_claims=sides
    )
    return answered(results, partition["claims"])
