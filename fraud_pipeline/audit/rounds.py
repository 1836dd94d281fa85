"""One drawn round with the verdicts that came: what estimates and findings are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from fraud_pipeline.core.money import to_fen
from fraud_pipeline.core.sql import query
from fraud_pipeline.schema import Tables

Floats = np.ndarray
Flags = np.ndarray

# The last word on a claim that is not a tip's: corrections and appeals are new rows.
_SQL = """
    WITH verdict AS (
        SELECT claim_id, verdict, typology, disallowed_amount, row_number() OVER (
            PARTITION BY claim_id ORDER BY decided_on DESC, outcome_id DESC) AS place
        FROM outcomes
        WHERE decided_on <= $as_of AND coalesce(selected_by, '') NOT IN ('tip', 'legacy'))
    SELECT f.claim_id, coalesce(c.programme, '未知') AS programme,
        coalesce(e.region, '未知') AS region, v.verdict, v.typology, v.disallowed_amount
    FROM frame f
    LEFT JOIN claims c USING (claim_id)
    LEFT JOIN enterprises e ON e.enterprise_id = f.enterprise_id
    LEFT JOIN verdict v ON v.claim_id = f.claim_id AND v.place = 1
    ORDER BY f.claim_id
"""


@dataclass(frozen=True)
class Frame:
    """One drawn round with what came of it; arrays of shape (n,), all claims of its list."""

    as_of: date
    pi: Floats
    amount: Floats  # yuan
    loss: Floats
    selected: Flags
    decided: Flags
    improper: Flags
    best: Floats  # improper share of the amount as known; the usual one where not stated
    low: Floats
    high: Floats
    programme: np.ndarray
    region: np.ndarray
    typology: np.ndarray


def read_round(frame: pa.Table, tables: Tables, drawn_on: date, as_of: date) -> Frame:
    """A published frame joined with the verdicts known by ``as_of``."""
    frame = frame.sort_by("claim_id")
    names = ("outcomes", "claims", "enterprises")
    rows = query(_SQL, {"frame": frame, **{n: tables[n] for n in names}}, {"as_of": as_of})
    fen, pi = to_fen(frame["claimed_amount"]), frame["inclusion_prob"].to_numpy()
    selected = frame["drawn"].to_numpy(zero_copy_only=False)
    verdict = rows["verdict"].to_numpy(zero_copy_only=False)
    improper = selected & np.isin(verdict.astype(str), ["fraud", "irregular"])
    decided = improper | (selected & (verdict.astype(str) == "clean"))
    disallowed = np.clip(to_fen(rows["disallowed_amount"], missing=-1), -1, fen)
    stated = improper & (disallowed >= 0)
    usual = disallowed[stated].sum() / fen[stated].sum() if fen[stated].sum() > 0 else 1.0
    share = np.divide(disallowed, fen, out=np.zeros(len(fen)), where=(fen > 0) & stated)
    vague = improper & ~stated
    return Frame(
        drawn_on, pi, fen / 100.0, to_fen(frame["expected_loss"]) / 100.0, selected, decided,
        improper, np.where(vague, usual, share), share,
        np.where(vague | (selected & ~decided), 1.0, share),
        *(rows[n].to_numpy(zero_copy_only=False) for n in ("programme", "region", "typology")),
    )  # fmt: skip
