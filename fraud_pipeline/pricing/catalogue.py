"""Dated catalogues of official or agreed prices, as a prior of the market."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy.stats import norm

from fraud_pipeline.core.sql import query
from fraud_pipeline.pricing.market import Prior
from fraud_pipeline.pricing.parameters import PricingParameters
from fraud_pipeline.schema import Tables

_STATEMENT = """
WITH valid AS (
    SELECT p.claim_id, m.reference, m.low, m.high, m.source,
           row_number() OVER (
               PARTITION BY p.claim_id
               ORDER BY coalesce(m.source_kind, m.service_type) = p.service_type DESC, m.region IS NOT NULL DESC, m.valid_from DESC NULLS LAST,
                        m.reference, m.low, m.high, m.source) AS choice
    FROM prices p JOIN market_prices m
      ON (coalesce(m.source_kind, m.service_type) = p.service_type
          OR m.source_kind IS NULL AND m.service_type = p.parent_type) AND trim(m.unit) = p.unit
     AND (m.region IS NULL OR m.region = p.region)
     AND coalesce(m.valid_from, DATE '0001-01-01') <= DATE '1970-01-01' + CAST(p.day AS INTEGER)
     AND coalesce(m.valid_to, DATE '9999-12-31') >= DATE '1970-01-01' + CAST(p.day AS INTEGER)
    WHERE m.reference > 0)
SELECT p.claim_id, CAST(v.reference AS DOUBLE) AS reference,
       CASE WHEN v.low > 0 THEN CAST(v.low AS DOUBLE) END AS low,
       CASE WHEN v.high > 0 THEN CAST(v.high AS DOUBLE) END AS high, v.source
FROM prices p LEFT JOIN valid v ON v.claim_id = p.claim_id AND v.choice = 1
ORDER BY p.claim_id
"""


def listed_prices(prices: pa.Table, tables: Tables) -> pa.Table:
    """claim_id, reference, low, high (yuan), source: the catalogue's line valid on the day.

    A bureau's own kind of service without a line is held against its parent's. A line for the institution's region goes before one for all regions, a later
    one before an earlier one; null where none is valid.
    """
    return query(_STATEMENT, {"prices": prices, "market_prices": tables["market_prices"]})


def prior_of(listed: pa.Table, settings: PricingParameters) -> Prior:
    """The catalogue as a log-normal price: its range read as the central share of prices."""
    reference, low, high = (
        np.log(listed[name].to_numpy().astype(float)) for name in ("reference", "low", "high")
    )
    reach = 2 * norm.ppf(0.5 + settings.catalogue_confidence / 2)
    spread = np.where(high > low, (high - low) / reach, settings.catalogue_spread)
    return Prior(reference, np.where(np.isnan(reference), np.nan, spread))
