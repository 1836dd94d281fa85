"""PRICE_RESULTS: each price as seen on the day of the run, with the view of its own day beside it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.money import from_fen
from fraud_pipeline.pricing.catalogue import listed_prices, prior_of
from fraud_pipeline.pricing.claim_day import judge_on_claim_day, ring_of, with_columns
from fraud_pipeline.pricing.parameters import PricingParameters
from fraud_pipeline.pricing.run_day import RunDay, judge_on_run_day
from fraud_pipeline.pricing.run_day_wording import with_words
from fraud_pipeline.pricing.unit_price import unit_prices
from fraud_pipeline.pricing.wording import thin_reasons
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.outputs import PRICE_RESULTS
from fraud_pipeline.settings import PricingSettings

LISTED_Q = 0.1  # false discovery rate of the queue of overpriced claims
# Columns of the claim's own day and what they are called in a table of that view alone.
CLAIM_DAY = {
    "claim_day_low": "market_low", "claim_day_mid": "market_mid", "claim_day_high": "market_high",
    "claim_day_ratio": "price_ratio", "claim_day_p_value": "p_value",
    "claim_day_excess": "excess_amount", "claim_day_basis": "basis",
    "claim_day_basis_zh": "basis_zh", "claim_day_basis_en": "basis_en",
}  # fmt: skip


def judge(
    tables: Tables, settings: PricingSettings, ring_claims: pa.Table | None = None,
    only: pa.Array | None = None, rows: pa.Table | None = None,
) -> pa.Table:  # fmt: skip
    """PRICE_RESULTS, one row a claim, sorted by claim_id.

    The market, p, q and the words are those of the day of the run (``run_day``); the columns
    ``claim_day_*`` are those of the claim's own day (``claim_day``). With ``only`` (claim ids: the
    claims whose rows are asked for, before payment) the whole row is of the claim's own day and
    has no q, for one claim is no list. ``ring_claims``: RING_CLAIMS. ``rows``: the claims'
    :func:`unit_prices`, where they are known already.
    """
    rows = unit_prices(tables) if rows is None else rows
    own_day = with_claim_day(judge_on_claim_day(tables, settings, ring_claims, only, rows))
    if only is not None:
        return own_day
    return with_run_day(own_day, tables, settings, ring_claims, rows)


def with_claim_day(own_day: pa.Table) -> pa.Table:
    """A table of the claims' own day as PRICE_RESULTS that says so."""
    columns: dict[str, pa.ChunkedArray | pa.Array] = {
        name: own_day[name] for name in own_day.column_names
    }
    columns |= {name: own_day[of] for name, of in CLAIM_DAY.items()}
    columns["view"] = pa.array(["claim_day"] * own_day.num_rows, pa.string())
    return PRICE_RESULTS.conform(pa.table(columns))


def with_run_day(
    own_day: pa.Table, tables: Tables, settings: PricingSettings,
    ring_claims: pa.Table | None = None, rows: pa.Table | None = None,
) -> pa.Table:  # fmt: skip
    """``own_day`` (PRICE_RESULTS by claim_id) with the verdicts of the day of the run."""
    rows = unit_prices(tables) if rows is None else rows
    priced = rows.filter(pc.is_null(rows["reason"]))
    if priced.num_rows == 0:
        return own_day
    parameters = PricingParameters.of(settings)
    reference = prior_of(listed_prices(priced, tables), parameters).middle
    ring = ring_of(priced["claim_id"], ring_claims)
    verdicts = judge_on_run_day(priced, ring, reference, parameters)
    columns = with_columns(
        _columns(priced, verdicts, parameters),
        {"enough": pa.array(verdicts.enough), "has_catalogue": pa.array(np.isfinite(reference))},
    )
    reasons = thin_reasons(
        verdicts.n[~verdicts.is_judged].tolist(), verdicts.n_institutions[~verdicts.is_judged].tolist(),
        parameters.min_comparables, parameters.min_institutions,
    )  # fmt: skip
    scored = with_words(columns.filter(columns["judged"]), parameters.range_confidence)
    thin = columns.filter(pc.invert(columns["judged"])).select(["claim_id", "unit_price"])
    unpriced = rows.filter(pc.is_valid(rows["reason"])).select(["claim_id", "reason", "reason_en"])
    parts = [
        _completed(scored, own_day, "scored"),
        _completed(with_columns(thin, reasons), own_day, "not_applicable"),
        _completed(unpriced, own_day, "not_applicable"),
    ]  # fmt: skip
    return pa.concat_tables(parts).sort_by("claim_id")


def _completed(verdicts: pa.Table, own_day: pa.Table, outcome: str) -> pa.Table:
    """PRICE_RESULTS of some claims: their verdicts, the columns of their own day and the outcome."""
    at = pc.index_in(verdicts["claim_id"], value_set=own_day["claim_id"].combine_chunks())
    columns: dict[str, pa.ChunkedArray | pa.Array] = {
        name: verdicts[name] for name in verdicts.column_names
    }
    columns |= {name: own_day[name].take(at) for name in (*CLAIM_DAY, "comparables")}
    n = verdicts.num_rows
    columns["outcome"] = pa.array([outcome] * n, pa.string())
    columns["view"] = pa.array(["run_day"] * n, pa.string())
    return PRICE_RESULTS.conform(pa.table(columns))


def _columns(priced: pa.Table, day: RunDay, settings: PricingParameters) -> pa.Table:
    """The numbers of PRICE_RESULTS and what the words need, a row a priced claim."""
    price = np.exp(priced["log_price"].to_numpy())
    middle = np.exp(day.middle)
    low, high = (np.exp(day.band(settings.range_confidence, side)) for side in (-1, 1))
    fen, quantity = priced["fen"].to_numpy(), priced["quantity"].to_numpy()
    excess = np.where(price > high, fen / 100 - middle * quantity, 0.0)
    overpriced = pa.array(day.q_value <= LISTED_Q)
    queue = pc.if_else(
        pa.array(day.extreme), "quantity_unit_or_split",
        pc.if_else(overpriced, "overpriced", pa.scalar(None, pa.string())),
    )  # fmt: skip
    columns = {
        "unit_price": _yuan(price), "market_low": _yuan(low), "market_mid": _yuan(middle),
        "market_high": _yuan(high), "price_ratio": price / middle, "p_value": day.p_value,
        "q_value": _known(day.q_value), "local_fdr": _known(day.evidence.local_fdr),
        "price_queue": queue,
        "institution_level": np.exp(day.evidence.level), "institution_share": day.evidence.share,
        "excess_amount": _yuan(excess), "judged": day.is_judged, "n": day.n,
        "n_institutions": day.n_institutions, "n_title": day.n_title,
        "n_title_sellers": day.n_title_sellers.astype(np.int64),
        "n_others": day.n_of_institution, "ratio_others": day.ratio_of_others,
        "price": price, "low": low, "mid": middle, "high": high,
    }  # fmt: skip
    table = priced.select(
        ["claim_id", "service_type", "title", "unit", "quantity", "from_title", "fen", "claim_fen"]
    )
    for name, column in columns.items():
        table = table.append_column(
            name, column if isinstance(column, pa.Array) else pa.array(column)
        )
    return table


def _yuan(amount: np.ndarray) -> pa.Array:
    return from_fen(np.round(amount * 100).astype(np.int64))


def _known(numbers: np.ndarray) -> pa.Array:
    return pa.array(numbers, mask=~np.isfinite(numbers))
