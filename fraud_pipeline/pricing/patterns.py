"""Prices as a habit: what many claims of a party show that no single claim does.

Each pattern is a lead of its own with p and q; only those at q <= 0.1 are told, in Chinese
and English. Kinds:

institution_level  all of an institution's prices against their markets
pair_level         all prices between one enterprise and one institution
customer           what one customer pays against the institution's others, same service
just_below         contract amounts crowding just under a round limit
too_low            a single price too low to be real
sold_apart         jobs of one pair priced one by one within a week, of which others sell one
tax_added          a contract that is the invoice plus its tax: the price before tax

The first two ask whether a party is dearer than others are by chance: parties differ by a
spread of their own, which is estimated from them all and allowed for.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from scipy.stats import binom, norm
from scipy.stats import t as student

from fraud_pipeline.core.sql import query
from fraud_pipeline.pricing.discovery import q_values
from fraud_pipeline.pricing.parameters import PricingParameters
from fraud_pipeline.pricing.pattern_words import sentences
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import PricingSettings

PATTERNS = pa.schema(
    [
        ("kind", pa.string()), ("subject_id", pa.string()), ("other_id", pa.string()),
        ("n_claims", pa.int64()), ("measured", pa.float64()), ("peer_value", pa.float64()),
        ("p_value", pa.float64()), ("q_value", pa.float64()), ("claim_ids", pa.string()),
        ("sentence_zh", pa.string()), ("sentence_en", pa.string()),
    ]
)  # fmt: skip
LISTED_Q = 0.1  # q-value
MAD_TO_SD = 1.4826
ROUND_LIMITS = (20_000, 50_000, 100_000, 150_000, 200_000, 300_000, 500_000)  # yuan
WINDOW_SHARE = 0.03  # just below and just above a limit
USUAL_SPREAD = 0.1  # of log price levels between honest parties, at least
MOST_NAMED = 20  # claims named with a pattern

_SCORED = """
SELECT p.claim_id, c.institution_id, c.enterprise_id, c.service_type, c.submitted_on,
       coalesce(c.unit, '') AS unit, c.quantity,
       CAST(c.contract_amount AS DOUBLE) AS amount, CAST(p.unit_price AS DOUBLE) AS price,
       CAST(p.market_mid AS DOUBLE) AS middle, CAST(p.market_low AS DOUBLE) AS low,
       p.p_value, greatest(least(ln(p.price_ratio), 1.5), -1.5) AS apart
FROM prices p JOIN claims c USING (claim_id) WHERE p.outcome = 'scored' ORDER BY p.claim_id
"""
_LEVELS = """
SELECT {keys}, count(*) AS n, avg(apart) AS level,
       array_to_string(list(claim_id ORDER BY apart DESC, claim_id)[:{most}], ';') AS claim_ids
FROM scored GROUP BY {keys} HAVING count(*) >= {least} ORDER BY {keys}
"""
_CUSTOMERS = """
WITH pair AS (
    SELECT institution_id, enterprise_id, service_type, count(*) AS n, sum(apart) AS total,
           list(claim_id ORDER BY claim_id)[:{most}] AS ids
    FROM scored GROUP BY ALL),
of_institution AS (SELECT institution_id, service_type, count(*) AS n, sum(apart) AS total
          FROM scored GROUP BY ALL)
SELECT p.institution_id, p.enterprise_id, p.service_type, p.n, h.n - p.n AS others,
       p.total / p.n AS level, (h.total - p.total) / (h.n - p.n) AS usual,
       array_to_string(p.ids, ';') AS claim_ids
FROM pair p JOIN of_institution h USING (institution_id, service_type)
WHERE h.n - p.n >= 3 AND p.n >= 2 ORDER BY 1, 2, 3
"""
_BUNCHED = """
SELECT c.institution_id, l.amount AS amount, count(*) FILTER (c.contract_amount < l.amount) AS below,
       count(*) FILTER (c.contract_amount > l.amount) AS above,
       array_to_string((list(claim_id ORDER BY claim_id) FILTER (c.contract_amount < l.amount))[:{most}],
                       ';') AS claim_ids
FROM claims c JOIN limits l ON abs(c.contract_amount - l.amount) <= {window} * l.amount
WHERE c.contract_amount <> l.amount
GROUP BY 1, 2 HAVING below >= 4 ORDER BY 1, 2
"""
_APART = """
WITH jobs AS (
    SELECT *, date_diff('day', lag(submitted_on) OVER run, submitted_on) > 7 AS fresh
    FROM scored WHERE quantity = 1 OR quantity IS NULL
    WINDOW run AS (PARTITION BY institution_id, enterprise_id, service_type, unit
                   ORDER BY submitted_on, claim_id)),
runs AS (
    SELECT *, sum(CAST(coalesce(fresh, true) AS INTEGER)) OVER (
        PARTITION BY institution_id, enterprise_id, service_type, unit
        ORDER BY submitted_on, claim_id) AS run FROM jobs)
SELECT institution_id, enterprise_id, service_type, run, count(*) AS n, sum(price) AS total,
       median(middle) AS middle, min(p_value) AS p_value,
       array_to_string(list(claim_id ORDER BY claim_id)[:{most}], ';') AS claim_ids
FROM runs GROUP BY 1, 2, 3, 4
HAVING count(*) >= 3 AND max(price) < 0.75 * median(middle) ORDER BY 1, 2, 3, 4
"""
_TAXED = """
SELECT s.claim_id, s.price / (1 + i.rate) AS net, s.middle, s.price, i.rate
FROM scored s JOIN claims c USING (claim_id)
JOIN (SELECT contract_id, sum(CAST(amount AS DOUBLE)) AS billed, min(tax_rate) AS rate
      FROM invoices WHERE contract_id IS NOT NULL GROUP BY 1 HAVING min(tax_rate) = max(tax_rate)) i
  ON i.contract_id = c.contract_id
WHERE i.rate > 0 AND abs(s.amount - i.billed * (1 + i.rate)) <= 0.002 * s.amount ORDER BY 1
"""


def patterns(tables: Tables, prices: pa.Table, settings: PricingSettings) -> pa.Table:
    """PATTERNS: every habit of prices worth telling, by kind and subject.

    ``prices`` are PRICE_RESULTS of ``tables``. ``measured`` and ``peer_value`` are ratios to
    the market, except ``just_below`` (counts below and above). Nobody is named twice for
    the same kind, pair and service.
    """
    inputs = {"prices": prices, "claims": tables["claims"], "invoices": tables["invoices"]}
    scored = query(_SCORED, inputs)
    parts = []
    steps: tuple[Callable[[pa.Table, dict[str, pa.Table], PricingParameters], pa.Table], ...] = (
        _institutions, _pairs, _customers, _just_below, _too_low, _sold_apart, _tax_added,
    )  # fmt: skip
    for step in steps:
        parts.append(step(scored, inputs, PricingParameters.of(settings)))
    return pa.concat_tables(parts)


def _institutions(
    scored: pa.Table, _: dict[str, pa.Table], settings: PricingParameters
) -> pa.Table:
    levels = _levels(scored, "institution_id", 5)
    return _significant(
        "institution_level", levels, _level_p(levels, scored, settings), "institution_id"
    )


def _pairs(scored: pa.Table, _: dict[str, pa.Table], settings: PricingParameters) -> pa.Table:
    levels = _levels(scored, "institution_id, enterprise_id", 3)
    return _significant("pair_level", levels, _level_p(levels, scored, settings), "institution_id",
                 "enterprise_id")  # fmt: skip


def _levels(scored: pa.Table, keys: str, least: int) -> pa.Table:
    statement = _LEVELS.format(keys=keys, least=least, most=MOST_NAMED)
    levels = query(statement, {"scored": scored})
    ratio = np.exp(levels["level"].to_numpy())
    return levels.append_column("measured", pa.array(ratio)).append_column(
        "peer_value", pa.array(np.ones(len(ratio)))
    )


def _level_p(levels: pa.Table, scored: pa.Table, settings: PricingParameters) -> np.ndarray:
    """One-sided p of each mean level: parties differ by tau, their means by sigma/sqrt(n).

    Measured from the middle of all parties, but never from above the market: where only
    the dear have claims enough, they must not be each other's measure.
    """
    level, n = levels["level"].to_numpy(), levels["n"].to_numpy()
    if not len(n):
        return np.zeros(0)
    sigma = max(_spread(scored["apart"].to_numpy()), settings.min_spread)
    between = _spread(level) ** 2 - sigma**2 * float(np.mean(1.0 / n))
    scale = np.sqrt(max(between, USUAL_SPREAD**2) + sigma**2 / n)
    return np.asarray(student.sf((level - min(float(np.median(level)), 0.0)) / scale, 10))


def _spread(numbers: np.ndarray) -> float:
    if not len(numbers):
        return 0.0
    return float(MAD_TO_SD * np.median(np.abs(numbers - np.median(numbers))))


def _customers(scored: pa.Table, _: dict[str, pa.Table], settings: PricingParameters) -> pa.Table:
    rows = query(_CUSTOMERS.format(most=MOST_NAMED), {"scored": scored})
    n, others = rows["n"].to_numpy(), rows["others"].to_numpy()
    level, usual = rows["level"].to_numpy(), rows["usual"].to_numpy()
    sigma = max(_spread(scored["apart"].to_numpy()), settings.min_spread)
    p_value = student.sf((level - usual) / (sigma * np.sqrt(1.0 / n + 1.0 / others)), 10)
    rows = rows.append_column("measured", pa.array(np.exp(level)))
    rows = rows.append_column("peer_value", pa.array(np.exp(usual)))
    return _significant("customer", rows, p_value, "institution_id", "enterprise_id")


def _just_below(_: pa.Table, inputs: dict[str, pa.Table], settings: PricingParameters) -> pa.Table:
    limits = pa.table({"amount": pa.array(ROUND_LIMITS, pa.int64())})
    statement = _BUNCHED.format(most=MOST_NAMED, window=WINDOW_SHARE)
    rows = query(statement, {"claims": inputs["claims"], "limits": limits})
    below, above = rows["below"].to_numpy(), rows["above"].to_numpy()
    p_value = binom.sf(below - 1, below + above, 0.5)
    rows = rows.append_column("n", pa.array(below, pa.int64()))
    rows = rows.append_column("measured", pa.array(below.astype(float)))
    rows = rows.append_column("peer_value", pa.array(above.astype(float)))
    return _significant("just_below", rows, p_value, "institution_id", limit="amount")


def _too_low(scored: pa.Table, _: dict[str, pa.Table], settings: PricingParameters) -> pa.Table:
    p_low = 1.0 - scored["p_value"].to_numpy()
    rows = scored.select(["claim_id"]).append_column("claim_ids", scored["claim_id"])
    rows = rows.append_column("n", pa.array(np.ones(len(p_low), dtype=np.int64)))
    ratio = scored["price"].to_numpy() / np.maximum(scored["middle"].to_numpy(), 0.01)
    rows = rows.append_column("measured", pa.array(ratio))
    rows = rows.append_column("peer_value", pa.array(np.ones(len(p_low))))
    return _significant("too_low", rows, np.maximum(p_low, 1e-16), "claim_id")


def _sold_apart(scored: pa.Table, _: dict[str, pa.Table], settings: PricingParameters) -> pa.Table:
    rows = query(_APART.format(most=MOST_NAMED), {"scored": scored})
    total, middle = rows["total"].to_numpy(), np.maximum(rows["middle"].to_numpy(), 0.01)
    sigma = max(_spread(scored["apart"].to_numpy()), settings.min_spread)
    # the parts together close to one usual price: how near, on the scale of honest prices
    near = np.abs(np.log(total / middle)) / sigma
    rows = rows.append_column("measured", pa.array(total / middle))
    rows = rows.append_column("peer_value", pa.array(np.ones(len(total))))
    p_value = np.where(near <= 2.0, 2.0 * norm.sf(2.0) / np.maximum(rows["n"].to_numpy(), 1), 1.0)
    return _significant("sold_apart", rows, p_value, "institution_id", "enterprise_id")


def _tax_added(
    scored: pa.Table, inputs: dict[str, pa.Table], settings: PricingParameters
) -> pa.Table:
    """Not a lead by itself: tells what the ratio is once the tax is taken off."""
    tables = {"scored": scored, "claims": inputs["claims"], "invoices": inputs["invoices"]}
    rows = query(_TAXED, tables)
    rows = rows.append_column("claim_ids", rows["claim_id"])
    rows = rows.append_column("n", pa.array(np.ones(rows.num_rows, dtype=np.int64)))
    middle = np.maximum(rows["middle"].to_numpy(), 0.01)
    rows = rows.append_column("measured", pa.array(rows["net"].to_numpy() / middle))
    rows = rows.append_column("peer_value", pa.array(rows["price"].to_numpy() / middle))
    return _significant("tax_added", rows, np.zeros(rows.num_rows), "claim_id", limit="rate")


def _significant(
    kind: str, rows: pa.Table, p_value: np.ndarray, subject: str, other: str | None = None,
    limit: str | None = None,
) -> pa.Table:  # fmt: skip
    """The rows at q <= TOLD as PATTERNS, with their sentences."""
    q_value = q_values(np.asarray(p_value, dtype=float), np.zeros(rows.num_rows))
    at = np.flatnonzero(q_value <= LISTED_Q)
    rows = rows.take(pa.array(at))
    nobody = pa.nulls(len(at), pa.string())
    columns = {
        "kind": pa.array([kind] * len(at), pa.string()),
        "subject_id": rows[subject].cast(pa.string()),
        "other_id": rows[other].cast(pa.string()) if other else nobody,
        "n_claims": rows["n"].cast(pa.int64()),
        "measured": rows["measured"], "peer_value": rows["peer_value"],
        "p_value": pa.array(np.asarray(p_value, dtype=float)[at]), "q_value": pa.array(q_value[at]),
        "claim_ids": rows["claim_ids"].cast(pa.string()),
    }  # fmt: skip
    if kind == "tax_added":  # an observation, no test
        columns["p_value"] = columns["q_value"] = pa.nulls(len(at), pa.float64())
    table = pa.table(columns)
    limits = rows[limit].to_pylist() if limit else [None] * len(at)
    texts = [sentences(row, extra) for row, extra in zip(table.to_pylist(), limits, strict=True)]
    table = table.append_column("sentence_zh", pa.array([zh for zh, _ in texts], pa.string()))
    table = table.append_column("sentence_en", pa.array([en for _, en in texts], pa.string()))
    return table.cast(PATTERNS)
