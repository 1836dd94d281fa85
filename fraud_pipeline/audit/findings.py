"""What audits found, and who or what had pointed at it: hit rates, misses, agreement.

Counts of drawn claims with their own small-count intervals (Clopper and Pearson 1934). They
describe what was drawn; only the random stratum represents claims without leads.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.stats import beta

from fraud_pipeline.audit.rounds import Frame

Floats = np.ndarray

HIT_RATES = pa.schema(
    [
        ("by", pa.string()),  # stratum, rule, auditor
        ("key", pa.string()),
        ("n_decided", pa.int64()),
        ("n_improper", pa.int64()),
        ("rate", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("improper_amount", pa.float64()),  # yuan found
    ]
)

MISSES = pa.schema(
    [
        ("claim_id", pa.string()),
        ("rank", pa.int64()),
        ("stratum", pa.string()),
        ("typology", pa.string()),
        ("expected_loss", pa.float64()),
        ("improper_amount", pa.float64()),
    ]
)

AGREEMENT = pa.schema(
    [
        ("n_double", pa.int64()),
        ("n_agreed", pa.int64()),
        ("agreed_share", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("kappa", pa.float64()),  # Cohen 1960; null where all verdicts are the same
    ]
)


def exact_interval(hits: int, n: int, confidence: float) -> tuple[float, float]:
    """Clopper-Pearson bounds of a share.

    >>> exact_interval(0, 30, 0.95)[0]
    0.0
    """
    tail = (1.0 - confidence) / 2.0
    low = float(beta.ppf(tail, hits, n - hits + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(1.0 - tail, hits + 1, n - hits)) if hits < n else 1.0
    return low, high


def hit_rates(
    closed: Frame, claim_ids: pa.Array, labels: Sequence[tuple[str, pa.Table]], confidence: float
) -> pa.Table:
    """How often each stratum, rule or auditor's claims were improper.

    ``claim_ids`` are those of ``closed`` in its order; each of ``labels`` is the name of a
    kind and a table claim_id, key. A claim may have several keys (rules) and counts for each.
    """
    money = closed.best * closed.amount
    rows = []
    for by, table in labels:
        at = pc.index_in(table["claim_id"], value_set=claim_ids)
        row = at.fill_null(-1).to_numpy()
        known = (row >= 0) & closed.decided[np.maximum(row, 0)]
        keys = table["key"].to_numpy(zero_copy_only=False)
        for key in sorted({str(k) for k in keys[known]}):
            claim_rows = np.unique(row[known & (keys == key)])
            n, hits = len(claim_rows), int(closed.improper[claim_rows].sum())
            low, high = exact_interval(hits, n, confidence)
            rows.append({
                "by": by, "key": key, "n_decided": n, "n_improper": hits, "rate": hits / n,
                "low": low, "high": high, "improper_amount": float(money[claim_rows].sum()),
            })  # fmt: skip
    return pa.Table.from_pylist(rows, schema=HIT_RATES)


def missed_by_ranking(closed: Frame, frame: pa.Table, plan: pa.Table) -> pa.Table:
    """Improper claims that chance drew and the ranking alone would have passed over.

    The ranking alone is the top of the list by expected loss, as long as the plan; largest
    improper amounts first. ``frame`` is sorted by claim id, as ``closed`` is.
    """
    n = int(closed.selected.sum())
    rank = np.empty(len(closed.pi), dtype=np.int64)
    rank[np.argsort(-closed.loss, kind="stable")] = np.arange(1, len(rank) + 1)
    at = np.flatnonzero(closed.improper & (rank > n))
    money = closed.best * closed.amount
    at = at[np.lexsort((at, -money[at]))]
    claims = frame["claim_id"].take(pa.array(at))
    where = pc.index_in(claims, value_set=plan["claim_id"].combine_chunks())
    rows = {
        "claim_id": claims,
        "rank": rank[at],
        "stratum": plan["stratum"].take(where.combine_chunks()),
        "typology": pa.array(closed.typology[at], pa.string()),
        "expected_loss": closed.loss[at],
        "improper_amount": money[at],
    }
    return pa.table(rows, schema=MISSES)


def agreement(checks: pa.Table, confidence: float) -> pa.Table:
    """How often two auditors who did not know of each other said the same.

    ``checks``: claim_id, auditor_id, verdict; claims with exactly two auditors count,
    verdicts are compared as improper or not, undetermined ones are left out.
    """
    improper = {"fraud": 1, "irregular": 1, "clean": 0}
    verdicts: dict[str, dict[str, int]] = {}
    for row in checks.to_pylist():
        if row["verdict"] in improper:
            verdicts.setdefault(row["claim_id"], {})[row["auditor_id"]] = improper[row["verdict"]]
    pairs = [tuple(v for _, v in sorted(by.items())) for by in verdicts.values() if len(by) == 2]
    n, agreed = len(pairs), sum(a == b for a, b in pairs)
    if n == 0:
        return AGREEMENT.empty_table()
    first, second = (sum(pair[i] for pair in pairs) / n for i in (0, 1))
    expected_agreement = first * second + (1 - first) * (1 - second)
    low, high = exact_interval(agreed, n, confidence)
    kappa = (
        (agreed / n - expected_agreement) / (1 - expected_agreement)
        if expected_agreement < 1
        else None
    )
    row = {"n_double": n, "n_agreed": agreed, "agreed_share": agreed / n, "low": low,
           "high": high, "kappa": kappa}  # fmt: skip
    return pa.Table.from_pylist([row], schema=AGREEMENT)


def pooled(rates: Sequence[pa.Table], confidence: float) -> pa.Table:
    """The HIT_RATES of several rounds as one table, counts added up."""
    if not rates:
        return HIT_RATES.empty_table()
    summed = ["n_decided", "n_improper", "improper_amount"]
    table = pa.concat_tables(rates).group_by(["by", "key"]).aggregate([(n, "sum") for n in summed])
    rows = []
    for row in table.sort_by([("by", "descending"), ("key", "ascending")]).to_pylist():
        n, hits = row["n_decided_sum"], row["n_improper_sum"]
        low, high = exact_interval(hits, n, confidence)
        rows.append({
            "by": row["by"], "key": row["key"], "n_decided": n, "n_improper": hits,
            "rate": hits / n, "low": low, "high": high,
            "improper_amount": row["improper_amount_sum"],
        })  # fmt: skip
    return pa.Table.from_pylist(rows, schema=HIT_RATES)
