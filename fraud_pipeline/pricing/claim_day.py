"""Each price against its market as known on the claim's own day: verdicts and comparables.

The view before payment and of a replay. The run's own view is that of its day (``run_day``).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from fraud_pipeline.core.money import from_fen
from fraud_pipeline.pricing.calibrate import calibrated
from fraud_pipeline.pricing.catalogue import listed_prices, prior_of
from fraud_pipeline.pricing.comparables import nearest
from fraud_pipeline.pricing.market import Market
from fraud_pipeline.pricing.niche import titled_market
from fraud_pipeline.pricing.parameters import PricingParameters
from fraud_pipeline.pricing.peers import Side
from fraud_pipeline.pricing.titles import title_groups
from fraud_pipeline.pricing.unit_price import unit_prices
from fraud_pipeline.pricing.wording import basis_of, thin_reasons
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.outputs import PRICE_RESULTS
from fraud_pipeline.settings import PricingSettings

_BASIS = ("basis", "basis_zh", "basis_en")


def judge_on_claim_day(
    tables: Tables, settings: PricingSettings, ring_claims: pa.Table | None = None,
    only: pa.Array | None = None, rows: pa.Table | None = None,
) -> pa.Table:  # fmt: skip
    """PRICE_RESULTS, one row a claim, sorted by claim_id.

    The market of a claim is formed from claims for the same service and unit known
    on its own day, shrunk from the institution's region and category to wider groups
    and to the catalogue; never from its own institution, enterprise or ring
    (``ring_claims``: RING_CLAIMS), nor from any suspected ring or claims an audit had
    found against by then. A title with prices of its own has a market of its own.
    ``p_value`` is one-sided (too dear); there is no ``q_value``, for the claims of one day are no
    list; ``excess_amount`` is what lies above market_mid when the price exceeds market_high, else 0. ``only``: the claims whose rows are asked for, all where None.
    ``rows``: their :func:`unit_prices`, where they are known already.
    """
    rows = unit_prices(tables) if rows is None else rows
    priced = rows.filter(pc.is_null(rows["reason"]))
    verdicts, listed = _judge_priced(
        priced, tables, PricingParameters.of(settings), ring_claims, only
    )
    if only is not None:
        verdicts, rows = rows_of(verdicts, only), rows_of(rows, only)
        listed = rows_of(listed, only)
    scored = verdicts.filter(verdicts["judged"])
    thin = verdicts.filter(pc.invert(verdicts["judged"]))
    reasons = thin_reasons(
        thin["n"].to_pylist(), thin["n_institutions"].to_pylist(),
        settings.min_comparables, settings.min_institutions,
    )  # fmt: skip
    basis = basis_of(_enough(scored, settings), listed, settings.range_confidence)
    unpriced = rows.filter(pc.is_valid(rows["reason"])).select(["claim_id", "reason", "reason_en"])
    thin = thin.select(["claim_id", "unit_price"])
    parts = (
        (with_columns(scored, {name: basis[name] for name in _BASIS}), "scored"),
        (with_columns(thin, reasons), "not_applicable"),
        (unpriced, "not_applicable"),
    )
    results = [PRICE_RESULTS.conform(t.append_column("outcome", _all(o, t))) for t, o in parts]
    return pa.concat_tables(results).sort_by("claim_id")


def _judge_priced(
    priced: pa.Table,
    tables: Tables,
    settings: PricingParameters,
    ring_claims: pa.Table | None,
    only: pa.Array | None,
) -> tuple[pa.Table, pa.Table]:
    """A verdict for each claim with a unit price, and the catalogue's lines used for them."""
    side = _sides(priced, ring_claims, settings)
    levels, value = _levels(priced), priced["log_price"].to_numpy()
    listed = listed_prices(priced, tables)
    title = title_groups(levels[0], priced["title"], side.day)
    titled = titled_market(levels, title, value, side, prior_of(listed, settings), settings)
    market = titled.shown
    p_value = np.where(market.is_judged, titled.likelier_p(value), np.nan)
    p_value = titled.mixed_p(value, calibrated(p_value, levels[0], side, settings))
    comparable_rows = nearest(
        [title, *levels[:0:-1]], side.day, np.log(priced["quantity"].to_numpy()),
        (side.institution, side.enterprise, side.ring), ~(p_value < settings.clean_p_value),
        priced["bad_day"].to_numpy(), settings.max_comparables,
        None if only is None else pc.is_in(priced["claim_id"], value_set=only).to_numpy(),
    )  # fmt: skip
    verdicts = _verdicts(priced, market, value, p_value, settings)
    columns = {
        "comparables": joined(priced["claim_id"], comparable_rows), "n_title": pa.array(titled.n_title),
        "own_title": pa.array(titled.weight > 0.5), "judged": pa.array(market.is_judged),
    }  # fmt: skip
    return with_columns(verdicts, columns), listed


def _enough(verdicts: pa.Table, settings: PricingSettings) -> pa.Table:
    """``verdicts`` with ``enough``: the market has claims and institutions without the catalogue."""
    enough = pc.and_(
        pc.greater_equal(verdicts["n"], settings.min_comparables),
        pc.greater_equal(verdicts["n_institutions"], settings.min_institutions),
    )
    return verdicts.append_column("enough", enough)


def with_columns(table: pa.Table, columns: Mapping[str, pa.Array | pa.ChunkedArray]) -> pa.Table:
    """``table`` with further columns."""
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def rows_of(table: pa.Table, only: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(table["claim_id"], value_set=only))


def _all(word: str, table: pa.Table) -> pa.Array:
    return pa.array([word] * table.num_rows, pa.string())


def codes_of(column: pa.ChunkedArray) -> np.ndarray:
    """Integer codes of a text column, int64 (n,)."""
    encoded = column.combine_chunks().dictionary_encode()
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _levels(priced: pa.Table) -> list[np.ndarray]:
    """Group codes, widest first: service and unit; with region; with category; with both."""
    unit, region, category = (codes_of(priced[c]) for c in ("unit", "region", "category"))
    service = codes_of(priced["service_type"]) * (1 + unit.max(initial=0)) + unit
    by_region = service * (1 + region.max(initial=0)) + region
    many = 1 + category.max(initial=0)
    return [service, by_region, service * many + category, by_region * many + category]


def _sides(priced: pa.Table, ring_claims: pa.Table | None, settings: PricingParameters) -> Side:
    day, bad_day = priced["day"].to_numpy(), priced["bad_day"].to_numpy()
    ring = ring_of(priced["claim_id"], ring_claims)
    leaves = np.minimum(day + settings.window_days, np.maximum(bad_day, day + 1))
    return Side(
        day=day,
        leaves=np.where(ring >= 0, day, leaves),  # a suspected ring forms nobody's market
        institution=codes_of(priced["institution_id"]),
        enterprise=codes_of(priced["enterprise_id"]),
        ring=ring,
    )


def ring_of(claim_ids: pa.ChunkedArray, ring_claims: pa.Table | None) -> np.ndarray:
    """A code for the ring of each claim, -1 for none; rings that share a claim are one."""
    n = len(claim_ids)
    if ring_claims is None or ring_claims.num_rows == 0 or n == 0:
        return np.full(n, -1, dtype=np.int64)
    at = pc.index_in(ring_claims["claim_id"], value_set=claim_ids.combine_chunks())
    known = pc.is_valid(at).to_numpy()
    claim = pc.fill_null(at, -1).to_numpy().astype(np.int64)[known]
    ring = codes_of(ring_claims["ring_id"])[known]
    size = n + int(ring.max(initial=-1)) + 1
    ties = coo_array((np.ones(len(claim)), (claim, n + ring)), shape=(size, size))
    _, part = connected_components(ties, directed=False)
    code = np.full(n, -1, dtype=np.int64)
    code[claim] = part[claim]
    return code


def _verdicts(
    priced: pa.Table, market: Market, value: np.ndarray, p_value: np.ndarray, settings: PricingParameters
) -> pa.Table:  # fmt: skip
    fen, quantity = priced["fen"].to_numpy(), priced["quantity"].to_numpy()
    unknown = ~market.is_judged
    yuan = {
        "price": np.exp(value),
        "mid": np.exp(market.middle),
        "low": np.exp(market.high(settings.range_confidence, -1)),
        "high": np.exp(market.high(settings.range_confidence)),
    }
    ratio = yuan["price"] / yuan["mid"]
    above = (yuan["price"] > yuan["high"]) & ~unknown
    excess = np.where(above, fen - yuan["mid"] * 100 * quantity, 0.0)
    columns = {
        "unit_price": _money(yuan["price"]),
        "market_low": _money(yuan["low"], unknown),
        "market_mid": _money(yuan["mid"], unknown),
        "market_high": _money(yuan["high"], unknown),
        "price_ratio": _known(ratio, unknown),
        "p_value": _known(p_value, unknown),
        "excess_amount": _money(excess / 100, unknown),
        "ratio": pa.array(ratio),
        "n": pa.array(market.n),
        "n_institutions": pa.array(market.n_institutions),
        "n_narrow": pa.array(market.n_narrow),
        "level": pa.array(market.level),
    }
    table = priced.select(
        [
            "claim_id",
            "service_type",
            "title",
            "region",
            "category",
            "unit",
            "quantity",
            "from_title",
            "fen",
            "claim_fen",
        ]
    )
    for name, column in {**columns, **{k: pa.array(v) for k, v in yuan.items()}}.items():
        table = table.append_column(name, column)
    return table


def _money(yuan: np.ndarray, unknown: np.ndarray | None = None) -> pa.Array:
    fen = np.round(np.nan_to_num(yuan) * 100).astype(np.int64)
    return from_fen(fen, unknown)


def _known(numbers: np.ndarray, unknown: np.ndarray) -> pa.Array:
    return pa.array(numbers, mask=unknown)


def joined(claim_ids: pa.ChunkedArray, rows: np.ndarray) -> pa.Array:
    """Claim ids of each line of ``rows`` joined by ';', null where a line has none."""
    present = rows >= 0
    offsets = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int32)
    ids = claim_ids.combine_chunks().take(pa.array(rows[present]))
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), ids), ";")
    return pc.if_else(pa.array(present.any(axis=1)), joined, pa.scalar(None, pa.string()))
