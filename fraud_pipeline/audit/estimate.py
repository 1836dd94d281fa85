"""The improper-payment share and amount, from the outcomes of probability samples only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.audit.interval import Interval, rate_interval
from fraud_pipeline.audit.wording import note_of
from fraud_pipeline.core.money import to_fen
from fraud_pipeline.core.sql import query
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.outputs import ESTIMATES
from fraud_pipeline.settings import AuditSettings

Floats = np.ndarray
Flags = np.ndarray

METHOD = "Hajek ratio, gamma interval after Fay and Feuer 1997"

# A claim's selection is its first draw with a known probability; its verdict is the last
# word on it, because corrections and appeals are new rows. What a tip or an old list
# turned up never represents claims that were not drawn.
_SAMPLE_SQL = """
    WITH known AS (SELECT * FROM outcomes WHERE decided_on <= $as_of),
    selection AS (
        SELECT claim_id, inclusion_prob, row_number() OVER (
            PARTITION BY claim_id ORDER BY decided_on, outcome_id) AS place
        FROM known
        WHERE selected_by IN ('certainty', 'risk', 'huzhou', 'random') AND inclusion_prob > 0),
    verdict AS (
        SELECT claim_id, verdict, disallowed_amount, row_number() OVER (
            PARTITION BY claim_id ORDER BY decided_on DESC, outcome_id DESC) AS place
        FROM known WHERE coalesce(selected_by, '') NOT IN ('tip', 'legacy'))
    SELECT c.programme, c.claim_id, c.claimed_amount, s.inclusion_prob, v.verdict,
        v.disallowed_amount
    FROM selection s
    JOIN verdict v ON v.claim_id = s.claim_id AND v.place = 1
    JOIN claims c ON c.claim_id = s.claim_id
    WHERE s.place = 1
    ORDER BY c.programme, c.claim_id
"""


@dataclass(frozen=True)
class Sample:
    """The audited claims of one programme, arrays of shape (m,)."""

    pi: Floats
    amount: Floats  # yuan claimed
    decided: Flags  # the verdict says whether the claim was in order
    improper: Flags
    share: Floats  # improper share of the amount as best known; 0 where undecided
    vague: Flags  # the improper amount is not known

    def __len__(self) -> int:
        return len(self.pi)


def estimate(tables: Tables, settings: AuditSettings, as_of: date) -> pa.Table:
    """ESTIMATES: per programme the improper share of money, its amount, the share of claims.

    Counted are outcomes drawn with a known probability. The population is what
    those draws stand for: sum of 1 / inclusion_prob claims. Where nothing
    qualifies, the estimate is null and the note says why.
    """
    rows = query(
        _SAMPLE_SQL,
        {"outcomes": tables["outcomes"], "claims": tables["claims"]},
        {"as_of": as_of},
    )
    claims = tables["claims"]["programme"]
    estimates = []
    for programme in sorted(claims.unique().drop_null().to_pylist()):
        chosen = rows.filter(pc.equal(rows["programme"], programme))
        n_claims = pc.sum(pc.equal(claims, programme)).as_py()
        estimates += _rows(programme, _sample(chosen), n_claims, settings.confidence)
    return ESTIMATES.conform(pa.Table.from_pylist(estimates, schema=ESTIMATES.arrow))


def _sample(rows: pa.Table) -> Sample:
    verdict = rows["verdict"]
    amount = to_fen(rows["claimed_amount"])
    disallowed = np.clip(to_fen(rows["disallowed_amount"]), 0, amount)
    improper = _flags(pc.is_in(verdict, pa.array(["fraud", "irregular"])))
    decided = improper | _flags(pc.equal(verdict, "clean"))
    unsaid = _flags(pc.is_null(rows["disallowed_amount"]))
    stated = improper & ~unsaid
    # an improper claim without an amount is as improper as the others on average
    usual = disallowed[stated].sum() / amount[stated].sum() if amount[stated].any() else 1.0
    share = np.divide(disallowed, amount, out=np.zeros(len(amount)), where=amount > 0)
    share = np.where(improper, np.where(unsaid, usual, share), 0.0)
    return Sample(
        rows["inclusion_prob"].to_numpy(), amount / 100.0, decided, improper, share,
        improper & unsaid,
    )  # fmt: skip


def _flags(column: pa.ChunkedArray) -> Flags:
    return np.asarray(column.to_numpy(), dtype=bool)


def _rows(
    programme: str, sample: Sample, n_claims: int, confidence: float
) -> list[dict[str, object]]:
    note = note_of(sample.pi, sample.decided, sample.vague, n_claims)
    population = round(float((1.0 / sample.pi).sum())) if len(sample) else 0
    row = {
        "programme": programme, "confidence": confidence, "n_sampled": len(sample),
        "n_population": population, "method": METHOD,
        "note_zh": note.zh, "note_en": note.en,
    }  # fmt: skip
    total = float((sample.amount / sample.pi).sum())
    share = _share(sample, confidence) if note.usable else None
    by_claim = _claim_share(sample, confidence) if note.usable else None
    figures = {
        "improper_share": share,
        "improper_amount": share.times(total) if share else None,
        "claim_share": by_claim,
    }
    return [{**row, "quantity": name, **_ends(value)} for name, value in figures.items()]


def _ends(value: Interval | None) -> dict[str, float | None]:
    if value is None:
        return {"estimate": None, "low": None, "high": None}
    return {"estimate": value.estimate, "low": value.low, "high": value.high}


def _share(sample: Sample, confidence: float) -> Interval:
    low = np.where(sample.vague, 0.0, sample.share)
    high = np.where(sample.vague | ~sample.decided, 1.0, sample.share)
    return _bounded(sample, sample.amount, sample.share, low, high, confidence)


def _claim_share(sample: Sample, confidence: float) -> Interval:
    one = np.ones(len(sample))
    improper = sample.improper.astype(float)
    high = np.where(sample.decided, improper, 1.0)
    return _bounded(sample, one, improper, improper, high, confidence)


def _bounded(
    sample: Sample, size: Floats, best: Floats, low: Floats, high: Floats, confidence: float
) -> Interval:
    """Estimate among the decided; ends as if every undecided claim were clean, or improper."""
    below = rate_interval(low * size, size, sample.pi, confidence)
    above = rate_interval(high * size, size, sample.pi, confidence)
    middle = _among_decided(sample, size, best)
    return Interval(min(max(middle, below.low), above.high), below.low, above.high)


def _among_decided(sample: Sample, size: Floats, share: Floats) -> float:
    """Undecided claims are taken to be like the decided ones, certain and drawn ones apart."""
    improper = whole = 0.0
    weight = size / sample.pi
    for group in (sample.pi == 1.0, sample.pi < 1.0):
        decided = group & sample.decided
        decided_weight, every = float(weight[decided].sum()), float(weight[group].sum())
        if decided_weight > 0.0:
            improper += float(weight[decided] @ share[decided]) * every / decided_weight
            whole += every
    return improper / whole if whole > 0.0 else 0.0
