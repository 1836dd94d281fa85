"""Each claim's price against its market, with the comparables beside it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.pricing.market import Prior, peer_market, tail_probability
from fraud_pipeline.pricing.order import nearest
from fraud_pipeline.pricing.rates import benjamini_hochberg
from fraud_pipeline.records import Tables
from fraud_pipeline.records.money import from_fen, to_fen
from fraud_pipeline.records.outputs import PRICE_RESULTS
from fraud_pipeline.settings import PricingSettings
from fraud_pipeline.sql import query

_BAND = 1.2816  # ten per cent of honest prices lie above the band and ten below

# One row a claim in order of claim_id, with everything a market is formed from.
_ITEMS = """
SELECT c.claim_id, c.programme, c.service_type, coalesce(c.unit, '') AS unit,
       c.service_type || '|' || coalesce(c.unit, '') AS item,
       coalesce(i.category, '?') AS category, coalesce(i.region, e.region, '?') AS region,
       c.institution_id, c.enterprise_id, r.ring_id, c.submitted_on, c.contract_amount,
       CASE WHEN c.quantity IS NULL AND c.unit IS NULL THEN 1.0 ELSE c.quantity END AS quantity,
       m.reference, m.low, m.high, m.source
FROM claims c
LEFT JOIN institutions i USING (institution_id)
LEFT JOIN enterprises e USING (enterprise_id)
LEFT JOIN (SELECT claim_id, min(ring_id) AS ring_id FROM ring_claims GROUP BY 1) r USING (claim_id)
LEFT JOIN LATERAL (
    SELECT reference, low, high, source FROM market_prices m
    WHERE m.service_type = c.service_type AND (m.unit = c.unit OR c.unit IS NULL)
      AND (m.region IS NULL OR m.region = coalesce(i.region, e.region))
      AND coalesce(m.valid_from <= c.submitted_on, true)
      AND coalesce(m.valid_to >= c.submitted_on, true)
    ORDER BY m.region IS NULL, m.valid_from DESC NULLS LAST, m.reference LIMIT 1
) m ON true
ORDER BY c.claim_id
"""

_WORDS = """
SELECT claim_id,
    CASE WHEN scored THEN
        printf('同类服务可比 %d 件（同机构类别 %d 件）%s，市场中位 %s 元/%s，本单 %s 元，为 %.2f 倍',
               n_wide, n_cell, CASE WHEN source IS NULL THEN '' ELSE '，参考价目：' || source END,
               format('{:,.0f}', mid), unit_word, format('{:,.0f}', price), ratio)
        || printf(' / %d comparable prices (%d of the same kind of institution)%s; market median %s yuan, this claim %s, %.2f times',
               n_wide, n_cell, CASE WHEN source IS NULL THEN '' ELSE ', catalogue: ' || source END,
               format('{:,.0f}', mid), format('{:,.0f}', price), ratio)
    END AS basis,
    CASE WHEN scored THEN NULL
         WHEN price IS NULL THEN '数量或金额不明，无法计算单价 / quantity or amount unknown, no unit price'
         ELSE printf('可比价格不足：%d 件 / too few comparable prices: %d', n_wide, n_wide)
    END AS reason
FROM judged ORDER BY claim_id
"""


def judge(
    tables: Tables, settings: PricingSettings, ring_claims: pa.Table | None = None
) -> pa.Table:
    """PRICE_RESULTS for every claim: market, ratio, p- and q-value, excess, comparables.

    The claim's institution, its enterprise and its ring-mates have no say in the
    market that judges it. ``ring_claims`` is the RING_CLAIMS table.
    """
    items = _items(tables, ring_claims)
    if items.num_rows == 0:
        return PRICE_RESULTS.empty()
    quantity = _floats(items, "quantity")
    amount = to_fen(items["contract_amount"]) / 100.0
    with np.errstate(divide="ignore", invalid="ignore"):
        unit_price = np.where((quantity > 0) & (amount > 0), amount / quantity, np.nan)
    usable = ~np.isnan(unit_price)
    rows = np.flatnonzero(usable)
    owners = np.column_stack([_codes(items[c]) for c in ("institution_id", "enterprise_id", "ring_id")])
    groups = _groups(items)
    price = np.log(unit_price[rows])
    market = peer_market(
        price, [_dense(g[rows]) for g in groups], owners[rows], _prior(items, rows, settings),
        settings.shrink, settings.least_spread,
    )  # fmt: skip
    enough = (market.n_wide >= settings.min_comparables) | _has_catalogue(items)[rows]
    p_value = np.where(enough, tail_probability(price, market, settings.shrink), np.nan)
    alike = _comparables(groups, quantity, usable, owners, settings)
    full = {
        "mid": _spread_out(np.exp(market.mid), rows, len(usable), enough),
        "low": _spread_out(np.exp(market.mid - _BAND * market.spread), rows, len(usable), enough),
        "high": _spread_out(np.exp(market.mid + _BAND * market.spread), rows, len(usable), enough),
        "p": _spread_out(p_value, rows, len(usable), enough),
        "n_wide": _spread_out(market.n_wide, rows, len(usable), None),
        "n_cell": _spread_out(market.n_cell, rows, len(usable), None),
    }
    return _results(items, unit_price, quantity, full, alike)


def _items(tables: Tables, ring_claims: pa.Table | None) -> pa.Table:
    names = ("claims", "institutions", "enterprises", "market_prices")
    no_rings = pa.table({"claim_id": pa.array([], pa.string()), "ring_id": pa.array([], pa.string())})
    rings = no_rings if ring_claims is None else ring_claims
    return query(_ITEMS, {**{n: tables[n] for n in names}, "ring_claims": rings})


def _groups(items: pa.Table) -> list[np.ndarray]:
    """Group codes from wide to narrow: item; item and category; item, category and region."""
    item, category, region = (_codes(items[c]) for c in ("item", "category", "region"))
    by_category = item * (category.max() + 1) + category
    return [item, _dense(by_category), _dense(by_category * (region.max() + 1) + region)]


def _codes(column: pa.ChunkedArray) -> np.ndarray:
    """Codes 0.. in order of the words, so that row order cannot matter; -1 = unknown."""
    words = column.combine_chunks()
    known = pc.unique(words.drop_null())
    ordered = known.take(pc.sort_indices(known))
    found = pc.index_in(words, value_set=ordered)
    return pc.fill_null(found, -1).to_numpy().astype(np.int64)


def _dense(codes: np.ndarray) -> np.ndarray:
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def _floats(table: pa.Table, name: str) -> np.ndarray:
    return pc.fill_null(table[name].cast(pa.float64()), np.nan).to_numpy()


def _has_catalogue(items: pa.Table) -> np.ndarray:
    return pc.is_valid(items["reference"]).to_numpy()


def _prior(items: pa.Table, rows: np.ndarray, settings: PricingSettings) -> Prior:
    reference, low, high = (_floats(items, n)[rows] for n in ("reference", "low", "high"))
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.log(high / low) / (2 * _BAND)
        mid = np.log(reference)
    spread = np.where(np.isnan(spread), settings.catalogue_spread, spread)
    return Prior(mid, np.where(np.isnan(mid), np.nan, spread), settings.catalogue_weight)


def _comparables(
    groups: list[np.ndarray], quantity: np.ndarray, usable: np.ndarray, owners: np.ndarray,
    settings: PricingSettings,
) -> np.ndarray:  # fmt: skip
    """The most alike claims: the same item, category and region first, then by quantity."""
    cell = np.where(usable, groups[2], -1 - np.arange(len(usable)))
    wide = np.where(usable, groups[0], -1 - np.arange(len(usable)))
    closeness = np.log(np.where(usable, quantity, 1.0))
    near = nearest(np.lexsort((closeness, cell)), cell, closeness, owners, settings.comparables, settings.reach)
    far = nearest(np.lexsort((closeness, wide)), wide, closeness, owners, settings.comparables, settings.reach)
    return np.where((near[:, -1] >= 0)[:, None], near, _filled_up(near, far))


def _filled_up(near: np.ndarray, far: np.ndarray) -> np.ndarray:
    """``near`` completed from ``far`` without naming a claim twice; -1 stays last."""
    both = np.concatenate([near, far], axis=1)
    repeated = (far[:, :, None] == near[:, None, :]).any(axis=2)
    both[:, near.shape[1] :][repeated] = -1
    keep_order = np.argsort(both < 0, axis=1, kind="stable")
    filled: np.ndarray = np.take_along_axis(both, keep_order, axis=1)[:, : near.shape[1]]
    return filled


def _spread_out(values: np.ndarray, rows: np.ndarray, n: int, only: np.ndarray | None) -> np.ndarray:
    full = np.full(n, np.nan)
    full[rows] = values if only is None else np.where(only, values, np.nan)
    return full


def _results(
    items: pa.Table, unit_price: np.ndarray, quantity: np.ndarray, full: dict[str, np.ndarray], alike: np.ndarray
) -> pa.Table:
    scored = ~np.isnan(full["p"])
    ratio = unit_price / full["mid"]
    with np.errstate(invalid="ignore"):
        dear = unit_price > full["high"]
        excess = np.where(dear, (unit_price - full["mid"]) * quantity, np.where(scored, 0.0, np.nan))
    columns = {
        "claim_id": items["claim_id"],
        "unit_price": _yuan(unit_price),
        "market_low": _yuan(full["low"]),
        "market_mid": _yuan(full["mid"]),
        "market_high": _yuan(full["high"]),
        "price_ratio": _known(np.where(scored, ratio, np.nan)),
        "p_value": _known(full["p"]),
        "q_value": _known(_by_programme(items, full["p"])),
        "excess_amount": _yuan(excess),
        "comparables": _names(items["claim_id"], alike, scored),
        "outcome": pc.if_else(pa.array(scored), "scored", "not_applicable"),
    }
    judged = pa.table(
        {
            "claim_id": items["claim_id"], "scored": scored, "price": _known(unit_price),
            "mid": _known(full["mid"]), "ratio": _known(ratio), "source": items["source"],
            "unit_word": pc.if_else(pc.equal(items["unit"], ""), "项", items["unit"]),
            "n_wide": np.nan_to_num(full["n_wide"]).astype(np.int64),
            "n_cell": np.nan_to_num(full["n_cell"]).astype(np.int64),
        }
    )  # fmt: skip
    words = query(_WORDS, {"judged": judged})
    return PRICE_RESULTS.conform(pa.table({**columns, "basis": words["basis"], "reason": words["reason"]}))


def _by_programme(items: pa.Table, p_value: np.ndarray) -> np.ndarray:
    q_value = np.full(len(p_value), np.nan)
    programme = _codes(items["programme"])
    for number in np.unique(programme):
        mine = programme == number
        q_value[mine] = benjamini_hochberg(p_value[mine])
    return q_value


def _yuan(values: np.ndarray) -> pa.Array:
    unknown = np.isnan(values)
    return from_fen(np.rint(np.where(unknown, 0.0, values) * 100).astype(np.int64), unknown)


def _known(values: np.ndarray) -> pa.Array:
    return pa.array(values, from_pandas=True)


def _names(ids: pa.ChunkedArray, rows: np.ndarray, scored: np.ndarray) -> pa.Array:
    """Claim ids of the comparables joined by ';', most alike first."""
    present = (rows >= 0) & scored[:, None]
    offsets = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), ids.combine_chunks().take(pa.array(rows[present])))
    joined = pc.binary_join(lists, ";")
    return pc.if_else(pc.equal(joined, ""), None, joined)


def market_outliers(
    item: np.ndarray, unit_price: np.ndarray, seller: np.ndarray, settings: PricingSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Log ratio to the market and one-sided p-value for any table of item, price and seller.

    All arrays (n,); prices in any currency, positive. For use outside claims.
    """
    codes = _dense(np.unique(item, return_inverse=True)[1])
    owners = np.column_stack([np.unique(seller, return_inverse=True)[1], *2 * [np.full(len(item), -1)]])
    price = np.log(np.asarray(unit_price, dtype=np.float64))
    nothing = np.full(len(price), np.nan)
    market = peer_market(price, [codes], owners.astype(np.int64), Prior(nothing, nothing, 0.0),
                         settings.shrink, settings.least_spread)  # fmt: skip
    return price - market.mid, tail_probability(price, market, settings.shrink)


