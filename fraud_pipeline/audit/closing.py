"""What drawn rounds have shown: the rate and the amount, by time, programme, region, typology.

Unlike :func:`fraud_pipeline.audit.estimate`, which knows outcomes alone, this reads the
published frames: the money of the population is known, and a drawn claim without a verdict
is seen to be missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from fraud_pipeline.audit.interval import Interval
from fraud_pipeline.audit.rounds import Frame
from fraud_pipeline.audit.second_looks import SecondLooks, missed, missed_note
from fraud_pipeline.audit.total import AuditSample, slopes, total_interval
from fraud_pipeline.audit.wording import closing_note
from fraud_pipeline.settings import AuditSettings

Floats = np.ndarray
Flags = np.ndarray

YEARS = 3  # of the rolling figure that stands in where a year is too imprecise

CLOSING = pa.schema(
    [
        ("scope", pa.string()),  # round, year, three_years, all, programme, region, typology
        ("key", pa.string()),
        ("quantity", pa.string()),  # improper_share, improper_amount, claim_share; of misses:
        # missed_amount, missed_claim_share
        ("estimator", pa.string()),  # difference, second_looks
        ("estimate", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("n_population", pa.int64()),
        ("n_drawn", pa.int64()),
        ("n_decided", pa.int64()),
        ("half_width", pa.float64()),
        ("precision", pa.string()),  # met, refused; of improper_share only
        ("audits_needed", pa.int64()),  # where refused
        ("note_zh", pa.string()),
        ("note_en", pa.string()),
    ]
)


def close(
    rounds: Sequence[Frame], settings: AuditSettings, checks: pa.Table | None = None
) -> pa.Table:
    """The rows of CLOSING for these rounds, in the order of time.

    A share is promised to the setting's half-width or refused, with the audits it would
    take; then the rolling figure over three years is the one to quote. ``checks``: the blind second
    looks (claim_id, auditor_id, verdict); with them what auditors miss has rows of its own.
    """
    rounds = sorted(rounds, key=lambda r: r.as_of)
    rows: list[dict[str, object]] = []
    for scope, key, chosen in _periods(rounds):
        rows += _rows(
            scope, key, chosen, [np.ones(len(r.pi), dtype=bool) for r in chosen], settings
        )
    for scope in ("programme", "region"):
        for key in sorted({str(name) for r in rounds for name in np.unique(getattr(r, scope))}):
            rows += _rows(scope, key, rounds, [getattr(r, scope) == key for r in rounds], settings)
    typologies = {str(t) for r in rounds for t in r.typology[r.improper] if t is not None}
    for key in sorted(typologies):
        rows += _rows("typology", key, rounds, None, settings, typology=key)
    if checks is not None and checks.num_rows and rounds:
        rows += _missed_rows(rounds, SecondLooks.of(checks), settings)
    return pa.Table.from_pylist(rows, schema=CLOSING)


def _missed_rows(
    rounds: Sequence[Frame], looks: SecondLooks, settings: AuditSettings
) -> list[dict[str, object]]:
    """What auditors miss in all lists together, in yuan and in claims."""
    half = settings.model_copy(update={"confidence": (1.0 + settings.confidence) / 2.0})
    everywhere = [np.ones(len(r.pi), dtype=bool) for r in rounds]
    zh, en = missed_note(looks)
    counts = {
        "n_population": sum(len(r.pi) for r in rounds),
        "n_drawn": sum(int(r.selected.sum()) for r in rounds),
        "n_decided": sum(int(r.decided.sum()) for r in rounds),
    }
    rows: list[dict[str, object]] = []
    for quantity, count in (("missed_amount", False), ("missed_claim_share", True)):
        known, whole = _interval(rounds, everywhere, None, half, count=count)
        row: dict[str, object] = {"scope": "all", "key": "", "quantity": quantity, **counts,
                                  "estimator": "second_looks", "note_zh": zh, "note_en": en}  # fmt: skip
        value = missed(looks, known, whole, settings.confidence) if known else None
        if value is not None:
            value = value.times(1.0 / whole) if count else value
            row |= {"estimate": value.estimate, "low": value.low, "high": value.high,
                    "half_width": (value.high - value.low) / 2.0}  # fmt: skip
        rows.append(row)
    return rows


def _periods(rounds: Sequence[Frame]) -> Iterator[tuple[str, str, list[Frame]]]:
    """Rounds, calendar years, and for each year the three that end with it."""
    for r in rounds:
        yield "round", r.as_of.isoformat(), [r]
    years = sorted({r.as_of.year for r in rounds})
    for year in years:
        yield "year", str(year), [r for r in rounds if r.as_of.year == year]
    for year in years:
        window = [r for r in rounds if year - YEARS < r.as_of.year <= year]
        yield "three_years", f"{year - YEARS + 1}-{year}", window
    if rounds:
        yield "all", "", list(rounds)


def _rows(
    scope: str,
    key: str,
    rounds: Sequence[Frame],
    inside: list[Flags] | None,
    settings: AuditSettings,
    typology: str | None = None,
) -> list[dict[str, object]]:
    """Amount, share and share of claims; a typology is a part of all claims' money."""
    where = inside or [np.ones(len(r.pi), dtype=bool) for r in rounds]
    drawn_rows = [r.selected & w for r, w in zip(rounds, where, strict=True)]
    counts = {
        "n_population": sum(int(w.sum()) for w in where),
        "n_drawn": sum(int(d.sum()) for d in drawn_rows),
        "n_decided": sum(
            int((r.decided & d).sum()) for r, d in zip(rounds, drawn_rows, strict=True)
        ),
    }
    base = {"scope": scope, "key": key, **counts, "estimator": "difference"}
    money, total = _interval(rounds, where, typology, settings, count=False)
    claims, n_claims = _interval(rounds, where, typology, settings, count=True)
    figures = (("improper_share", _share(money, total)), ("improper_amount", money),
               ("claim_share", _share(claims, n_claims)))  # fmt: skip
    return [_row(base, quantity, value, settings) for quantity, value in figures]


def _share(total: Interval | None, whole: float) -> Interval | None:
    return total.times(1.0 / whole) if total and whole > 0 else None


def _interval(
    rounds: Sequence[Frame],
    where: list[Flags],
    typology: str | None,
    settings: AuditSettings,
    *,
    count: bool,
) -> tuple[Interval | None, float]:
    """The improper total of a domain (None where no sampled claim represents it) and its size."""
    everywhere = [np.ones(len(r.pi), dtype=bool) for r in rounds]
    lists, of_lists = _samples(rounds, everywhere, typology, count=count)
    samples, improper = _samples(rounds, where, typology, count=count)
    total = sum(
        float(w.sum() if count else r.amount[w].sum()) for r, w in zip(rounds, where, strict=True)
    )
    if not _speaks(rounds, where):
        return None, total
    slope = slopes(lists, [y[1] for y in of_lists])  # of the whole lists: parts add up
    below, centre, above = (
        total_interval(samples, [y[i] for y in improper], total, settings.confidence, slope)
        for i in range(3)
    )
    middle = min(max(centre.estimate, below.low), above.high)
    return Interval(middle, below.low, above.high), total


def _samples(
    rounds: Sequence[Frame], where: list[Flags], typology: str | None, *, count: bool
) -> tuple[list[AuditSample], list[tuple[Floats, Floats, Floats]]]:
    """The draws of a domain, and what of each is improper: at the least, at best, at the most."""
    samples: list[AuditSample] = []
    improper: list[tuple[Floats, Floats, Floats]] = []
    for r, w in zip(rounds, where, strict=True):
        size = np.where(w, 1.0 if count else r.amount, 0.0)
        at = np.flatnonzero(r.selected)
        samples.append(AuditSample.of(r.pi, size, size * _expected_share(r), at))
        low, best, high = _improper_row(r, at, typology, count=count)
        improper.append((low * size[at], best * size[at] * _grown(r, w), high * size[at]))
    return samples, improper


def _expected_share(r: Frame) -> Floats:
    """The improper share of each claim's amount that the list expected, shape (n,)."""
    share = np.divide(r.loss, r.amount, out=np.zeros(len(r.pi)), where=r.amount > 0)
    return np.asarray(np.clip(share, 0.0, 1.0))


def _improper_row(
    r: Frame, at: np.ndarray, typology: str | None, *, count: bool
) -> tuple[Floats, Floats, Floats]:
    """Improper share of each drawn claim: at the least, at best knowledge, at the most."""
    unsure = (r.selected & ~r.decided)[at]
    kind = r.improper[at] if typology is None else r.improper[at] & (r.typology[at] == typology)
    one = np.ones(len(at))
    low, best, high = (one,) * 3 if count else (r.low[at], r.best[at], r.high[at])
    return low * kind, best * kind, high * (kind | unsure)


def _speaks(rounds: Sequence[Frame], where: list[Flags]) -> bool:
    """Whether chance draws were decided in the domain, or all of it was."""
    open_ = any((r.decided & w & (r.pi < 1.0)).any() for r, w in zip(rounds, where, strict=True))
    every = all((r.decided | ~w).all() for r, w in zip(rounds, where, strict=True))
    return open_ or (every and any(w.any() for w in where))


def _grown(r: Frame, w: Flags) -> Floats:
    """Undecided claims are taken to be like the decided ones, certain and drawn ones apart."""
    at = np.flatnonzero(r.selected)
    factor = np.ones(len(at))
    weight = (r.amount / r.pi)[at]
    for certain in (True, False):
        group = ((r.pi[at] == 1.0) == certain) & w[at]
        decided_weight, every = weight[group & r.decided[at]].sum(), weight[group].sum()
        factor[group] = every / decided_weight if decided_weight > 0 else 1.0
    return factor


def _row(
    base: dict[str, object], quantity: str, value: Interval | None, settings: AuditSettings
) -> dict[str, object]:
    row: dict[str, object] = {**base, "quantity": quantity}
    if value is None:
        zh, en = closing_note(
            None, None, settings.target_half_width, settings.confidence, pooled=True
        )
        return {**row, "note_zh": zh, "note_en": en}
    row |= {"estimate": value.estimate, "low": value.low, "high": value.high}
    width = (value.high - value.low) / 2.0
    row["half_width"] = width
    if quantity != "improper_share":
        return row
    met = width <= settings.target_half_width
    n = int(str(base["n_drawn"]))
    needed = None if met else _needed(n, int(str(base["n_population"])), width, settings)
    zh, en = closing_note(
        width,
        needed,
        settings.target_half_width,
        settings.confidence,
        pooled=base["scope"] in ("three_years", "all"),
    )
    return {**row, "precision": "met" if met else "refused", "audits_needed": needed,
            "note_zh": zh, "note_en": en}  # fmt: skip


def _needed(n: int, population: int, width: float, settings: AuditSettings) -> int:
    """Audits of the same design for the wanted width: the width falls with 1 / sqrt(n)."""
    return min(int(np.ceil(n * (width / settings.target_half_width) ** 2)), population)
