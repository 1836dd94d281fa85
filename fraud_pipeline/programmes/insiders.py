"""T12: reviewers and institutions that meet more often than work was handed out.

Kept apart from the other red flags on purpose: it speaks of people who review, so it is no
rule result, stands in no report and no score, and only the inspection role may ask for it
(:func:`reviewer_lift` has no caller in a run).

The chance picture: within a programme and quarter, claims reach reviewers without regard
to the institution. The expected number of meetings of a pair is then the sum over quarters
of (reviewer's claims x institution's claims / all claims), and the number met is at most as
spread out as a Poisson count of that mean, so the Poisson tail is an upper bound of the
p-value from the mean upwards (Hoeffding 1956). False discoveries are held down over all
pairs by Benjamini and Hochberg's step-up.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy import stats

from fraud_pipeline.core.sql import query
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import ProgrammeSettings

_PAIRS = """
WITH seen AS (
    SELECT programme, date_trunc('quarter', submitted_on) AS quarter, reviewer_id, institution_id,
           claimed_amount
      FROM claims WHERE reviewer_id IS NOT NULL
), cell AS (
    SELECT programme, quarter, reviewer_id, institution_id, count(*) AS n,
           sum(claimed_amount) AS amount FROM seen GROUP BY 1, 2, 3, 4
), by_reviewer AS (
    SELECT programme, quarter, reviewer_id, count(*) AS n FROM seen GROUP BY 1, 2, 3
), by_institution AS (
    SELECT programme, quarter, institution_id, count(*) AS n FROM seen GROUP BY 1, 2, 3
), by_quarter AS (SELECT programme, quarter, count(*) AS n FROM seen GROUP BY 1, 2
), met AS (
    SELECT reviewer_id, institution_id, sum(n) AS n, sum(amount) AS amount FROM cell GROUP BY 1, 2
), expected AS (
    SELECT r.reviewer_id, i.institution_id, sum(r.n * i.n / q.n) AS mean
      FROM by_reviewer r JOIN by_institution i USING (programme, quarter)
      JOIN by_quarter q USING (programme, quarter) GROUP BY 1, 2
)
SELECT m.reviewer_id, m.institution_id, m.n::BIGINT AS n_claims, round(e.mean, 9) AS expected,
       m.amount::DECIMAL(18, 2) AS amount, (SELECT count(*) FROM expected) AS n_pairs
  FROM met m JOIN expected e USING (reviewer_id, institution_id)
 ORDER BY m.reviewer_id, m.institution_id
"""

LIFT = pa.schema(
    [
        ("reviewer_id", pa.string()),
        ("institution_id", pa.string()),
        ("n_claims", pa.int64()),
        ("expected", pa.float64()),
        ("lift", pa.float64()),
        ("p_value", pa.float64()),
        ("q_value", pa.float64()),
        ("amount", pa.decimal128(18, 2)),
        ("sentence_zh", pa.string()),
        ("sentence_en", pa.string()),
    ]
)


_LEAST_LIFT = (
    2.0  # times as often as expected: less is common where work is shared out; an assumption
)


def reviewer_lift(tables: Tables, settings: ProgrammeSettings) -> pa.Table:
    """Pairs (LIFT) that met significantly more often than chance, the most surprising first.

    Reads claims.reviewer_id; claims without a reviewer are left out, and with none at all
    the table is empty. An assignment of reviewers by field of work explains a high lift.
    """
    pairs = query(_PAIRS, {"claims": tables["claims"]})
    if pairs.num_rows == 0:
        return LIFT.empty_table()
    n, mean = pairs["n_claims"].to_numpy(), pairs["expected"].to_numpy()
    p = np.where(n > mean, stats.poisson.sf(n - 1, mean), 1.0)
    q = _step_up(p, int(pairs["n_pairs"][0].as_py()))
    lift = n / mean
    is_reported = (q <= settings.reviewer_false_share) & (lift >= _LEAST_LIFT)
    is_reported &= n >= settings.reviewer_min_claims
    rows = [
        _row(row, lift[k], p[k], q[k])
        for k, row in zip(
            np.flatnonzero(is_reported),
            pairs.filter(pa.array(is_reported)).to_pylist(),
            strict=True,
        )
    ]
    lifts = pa.Table.from_pylist(rows, schema=LIFT)
    return lifts.sort_by([("p_value", "ascending"), ("reviewer_id", "ascending"),
                          ("institution_id", "ascending")])  # fmt: skip


def _step_up(p: np.ndarray, n_tests: int) -> np.ndarray:
    """Benjamini and Hochberg's q-values when ``p`` are the smallest of ``n_tests``."""
    order = np.argsort(p, kind="stable")
    raw = p[order] * n_tests / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return q


def _row(row: dict[str, object], lift: float, p: float, q: float) -> dict[str, object]:
    n, expected = row["n_claims"], row["expected"]
    return {
        **{name: row[name] for name in ("reviewer_id", "institution_id", "n_claims", "expected",
                                        "amount")},
        "lift": lift,
        "p_value": p,
        "q_value": q,
        "sentence_zh": f"审核人{row['reviewer_id']}审核该机构{n}笔申请，按随机分派约{expected:.1f}笔，"
        f"为{lift:.1f}倍；请先核对分工安排",
        "sentence_en": f"reviewer {row['reviewer_id']} had {n} claims of this institution where about "
        f"{expected:.1f} would come by chance, {lift:.1f} times as many; look at how work is assigned first",
    }  # fmt: skip
