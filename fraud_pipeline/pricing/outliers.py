"""The market test on any table of items and unit prices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from fraud_pipeline.pricing.discovery import q_values
from fraud_pipeline.pricing.market import Prior, form_market
from fraud_pipeline.pricing.peers import Side
from fraud_pipeline.settings import PricingSettings

_EPOCH = np.datetime64("1970-01-01")


def market_outliers(
    item: Sequence[object] | np.ndarray,
    unit_price: Sequence[float] | np.ndarray,
    date: Sequence[object] | np.ndarray | None = None,
    seller: Sequence[object] | np.ndarray | None = None,
    settings: PricingSettings | None = None,
) -> pa.Table:
    """Each price against what other sellers take for the item, in the order given.

    Columns: market_mid, price_ratio, deviation (|log ratio|: what to rank by),
    p_high, p_low, p_two_sided, q_value (of the two-sided), n_peers. With ``date``
    only prices known on the day count; with ``seller`` nobody sets his own market.
    Null where the price is not positive or has too few peers.
    """
    settings = settings or PricingSettings()
    price = np.asarray(unit_price, dtype=float)
    usable = np.flatnonzero((price > 0) & np.isfinite(price))
    n = len(usable)
    value = np.log(price[usable])
    day = np.zeros(n, dtype=np.int64)
    if date is not None:
        stamps = np.asarray(date, dtype="datetime64[D]")[usable]
        day = (stamps - _EPOCH).astype(np.int64)
    unique = np.arange(n, dtype=np.int64)
    side = Side(
        day=day,
        leaves=day + settings.window_days,
        institution=unique if seller is None else _codes(seller)[usable],
        enterprise=unique,
        ring=np.full(n, -1, dtype=np.int64),
    )
    nothing = np.full(n, np.nan)
    cells = [np.zeros(n, dtype=np.int64), _codes(item)[usable]]
    market = form_market(cells[1:], value, side, Prior(nothing, nothing), settings)
    found = {"market_mid": np.exp(market.middle), "price_ratio": np.exp(value - market.middle)}
    found["deviation"] = np.abs(value - market.middle)
    found["p_high"] = market.too_dear(value)
    found["p_low"] = 1.0 - found["p_high"]
    found["p_two_sided"] = 2.0 * np.minimum(found["p_high"], found["p_low"])
    found = {name: np.where(market.judged, column, np.nan) for name, column in found.items()}
    found["q_value"] = q_values(found["p_two_sided"], np.zeros(n))
    found["n_peers"] = market.n.astype(float)
    columns = {}
    for name, numbers in found.items():
        whole = np.full(len(price), np.nan)
        whole[usable] = numbers
        columns[name] = pa.array(whole, from_pandas=True)
    return pa.table(columns)


def _codes(labels: Sequence[object] | np.ndarray) -> np.ndarray:
    encoded = pa.array(np.asarray(labels).astype(str)).dictionary_encode()
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
