"""The market test on any table of items and unit prices."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from fraud_pipeline.pricing.discovery import q_values
from fraud_pipeline.pricing.market import Prior, form_market
from fraud_pipeline.pricing.parameters import PricingParameters
from fraud_pipeline.pricing.peers import Side, leave_out_quantiles
from fraud_pipeline.pricing.rarity import rarity_of, rarity_of_gaps, with_own_history
from fraud_pipeline.pricing.readable import not_judged, readable_dates, readable_numbers
from fraud_pipeline.settings import PricingSettings

FAT_FREEDOM = 5.0  # amounts of any table have fatter tails than unit prices of one service
LEAST_SELLERS = 5  # of the items of half of the rows, else the seller rule is warned of
_EPOCH = np.datetime64("1970-01-01")

Column = Sequence[object] | np.ndarray


def market_outliers(  # noqa: PLR0913 - a parameter a column of the caller's table
    item: Column,
    unit_price: Sequence[float] | np.ndarray,
    date: Column | None = None,
    seller: Column | None = None,
    settings: PricingSettings | None = None,
    *,
    buyer: Column | None = None,
    quantity: Sequence[float] | np.ndarray | None = None,
    amount: Sequence[float] | np.ndarray | None = None,
    reference_price: Sequence[float] | np.ndarray | None = None,
) -> pa.Table:
    """Each price against what other sellers take for the item, in the order given.

    Columns: market_mid, price_ratio, deviation (|log ratio|), p_high, p_low, p_two_sided,
    q_value (of the two-sided), q_high, n_peers, rarity (what to rank by when too cheap is as odd as
    too dear, the seller's own history included; ``pricing.rarity``), seller_level (log). With ``date`` only prices known on the
    day count; with ``seller`` and ``buyer`` nobody sets his own market; with ``quantity``
    rarity allows for a discount. Null where the price is not positive, the item or a
    date of a dated table is missing, or there are too few peers. Where the price is unknown
    but ``amount`` or ``quantity`` is given, rarity is that of the amount, else of the quantity,
    among the item's, or that of so rare a gap, whichever is more: a row whose price cannot be
    formed must not drop out of the list.
    ``reference_price`` is a listed price of the item, which counts like six claims and lets a row be
    judged without peers. ``reason`` says why a row is not judged; a number or a date that cannot be read
    is named there and stops nothing. Warns where items have so few sellers that leaving out the
    seller's own prices leaves nobody.

    >>> found = market_outliers(["a"] * 9, [10, 11, 9, 10, 10, 11, 9, 10, 80])
    >>> int(np.argmax(found["rarity"].to_numpy()))
    8
    """
    parameters = PricingParameters.of(settings).model_copy(update={"most_freedom": FAT_FREEDOM})
    price, unread = readable_numbers(unit_price)
    stamps, undated = (None, {}) if date is None else readable_dates(date)
    parties = (stamps, seller, buyer)
    usable, code, value, side = _rows(item, price, parties, parameters)
    market = form_market(
        [code], value, side, _listed(reference_price, usable, parameters), parameters
    )
    if seller is not None:
        _warn_of_few_sellers(code, side.institution)
    p_high = market.too_dear(value)
    peers = leave_out_quantiles(code, value, side)
    results = _against(
        value, market.middle, np.maximum(p_high, peers.share_high),
        np.maximum(1.0 - p_high, peers.share_low),
    )  # fmt: skip
    results = {name: np.where(market.is_judged, column, np.nan) for name, column in results.items()}
    results["q_value"] = q_values(results["p_two_sided"], np.zeros(len(usable)))
    results["q_high"] = q_values(results["p_high"], np.zeros(len(usable)))
    results["n_peers"] = market.n.astype(float)
    log_quantity = None
    if quantity is not None:
        many = readable_numbers(quantity)[0][usable]
        log_quantity = np.log(np.where(many > 0, many, np.nan))
    rarity = rarity_of(code, value, side, log_quantity)
    results["rarity"], results["seller_level"] = rarity.rarity, rarity.seller_level
    if seller is not None:
        results["rarity"] = with_own_history(rarity.rarity, code, value, side, log_quantity)
    whole = {name: _whole(column, usable, len(price)) for name, column in results.items()}
    sizes = [readable_numbers(column)[0] for column in (amount, quantity) if column is not None]
    whole["rarity"] = _with_gaps(whole["rarity"], item, price, sizes, parties, parameters)
    table = pa.table({n: pa.array(column, from_pandas=True) for n, column in whole.items()})
    why = not_judged(price, item, stamps, np.isnan(whole["p_high"]), {**undated, **unread})
    return table.append_column("reason", pa.array(why, pa.string()))


def _with_gaps(
    rarity: np.ndarray, item: Column, price: np.ndarray, sizes: Sequence[np.ndarray],
    parties: tuple[Column | None, Column | None, Column | None], settings: PricingParameters,
) -> np.ndarray:  # fmt: skip
    """``rarity`` with rows whose price is unknown but an amount or quantity was asked for."""
    gap = (~(np.isfinite(price) & (price > 0))).astype(np.int64)
    whole = rarity
    for place, known in enumerate(sizes):
        rows, size_code, size, size_side = _rows(item, known, parties, settings)
        among = np.full(len(price), np.nan)
        among[rows] = rarity_of(size_code, size, size_side, None).rarity
        whole = np.where((gap > 0) & np.isnan(whole), among, whole)
        gap = gap + np.where(np.isfinite(known) & (known > 0), 0, 2 << place) * (gap > 0)
    if not sizes:
        return whole
    odd = rarity_of_gaps(_codes(item), gap, rarity)
    return np.where(gap > 0, np.fmax(whole, odd), whole)


def _listed(
    reference_price: Sequence[float] | np.ndarray | None, usable: np.ndarray, settings: PricingParameters
) -> Prior:  # fmt: skip
    nothing = np.full(len(usable), np.nan)
    if reference_price is None:
        return Prior(nothing, nothing)
    listed = readable_numbers(reference_price)[0][usable]
    middle = np.log(np.where(listed > 0, listed, np.nan))
    return Prior(middle, np.where(np.isnan(middle), np.nan, settings.catalogue_spread))


def _warn_of_few_sellers(item: np.ndarray, seller: np.ndarray) -> None:
    pairs = np.unique(np.stack([item, seller]), axis=1)[0]
    usual = float(np.median(np.bincount(pairs)[item])) if len(item) else 0.0
    if len(item) and usual < LEAST_SELLERS:
        warnings.warn(
            f"seller: half of the rows have items of at most {usual:.0f} sellers; leaving out the seller's own "
            "prices leaves few or none to compare with", stacklevel=3,
        )  # fmt: skip


def _rows(
    item: Column, numbers: Sequence[float] | np.ndarray,
    parties: tuple[Column | None, Column | None, Column | None], settings: PricingParameters,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Side]:  # fmt: skip
    """Rows with a positive number, an item and a date; their item codes, logs and sides."""
    date, seller, buyer = parties
    numbers = np.asarray(numbers, dtype=float)
    dated = np.ones(len(numbers), dtype=bool)
    stamps = np.zeros(len(numbers), dtype="datetime64[D]")
    if date is not None:
        stamps = np.asarray(date, dtype="datetime64[D]")
        dated = ~np.isnat(stamps)
    has_item = pa.array(item, from_pandas=True).is_valid().to_numpy(zero_copy_only=False)
    usable = np.flatnonzero((numbers > 0) & np.isfinite(numbers) & dated & has_item)
    side = _side((stamps[usable] - _EPOCH).astype(np.int64), usable, seller, buyer, settings)
    return usable, _codes(item)[usable], np.log(numbers[usable]), side


def _against(
    value: np.ndarray, middle: np.ndarray, p_high: np.ndarray, p_low: np.ndarray
) -> dict[str, np.ndarray]:
    """A price as high as a tenth of the peers' has a p-value of a tenth at least: tariffs have
    steps, and nothing here tells a step from a habit of overpricing."""
    return {
        "market_mid": np.exp(middle),
        "price_ratio": np.exp(value - middle),
        "deviation": np.abs(value - middle),
        "p_high": p_high,
        "p_low": p_low,
        "p_two_sided": np.minimum(2.0 * np.minimum(p_high, p_low), 1.0),
    }


def _side(
    day: np.ndarray, usable: np.ndarray, seller: Column | None, buyer: Column | None,
    settings: PricingParameters,
) -> Side:  # fmt: skip
    unique = np.arange(len(usable), dtype=np.int64)
    return Side(
        day=day,
        leaves=day + settings.window_days,
        institution=unique if seller is None else _parties(seller)[usable],
        enterprise=unique if buyer is None else _parties(buyer)[usable],
        ring=np.full(len(usable), -1, dtype=np.int64),
    )


def _whole(numbers: np.ndarray, usable: np.ndarray, length: int) -> np.ndarray:
    whole = np.full(length, np.nan)
    whole[usable] = numbers
    return whole


def _codes(labels: Column) -> np.ndarray:
    encoded = pa.array(np.asarray(labels).astype(str)).dictionary_encode()
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _parties(labels: Column) -> np.ndarray:
    """Codes in which every unknown party is somebody else: unknown is not one great seller."""
    known = pa.array(labels, from_pandas=True).is_valid().to_numpy(zero_copy_only=False)
    codes = _codes(labels)
    return np.where(known, codes, codes.max(initial=0) + 1 + np.arange(len(codes)))
