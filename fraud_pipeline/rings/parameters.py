"""The numbers of the ring search: the public settings and the constants of the method.

The constants cannot be set in a settings file. Tests and benchmarks that need others pass
``RingParameters(...)`` where settings are asked for. Where no benchmark is named, the value is an
assumption; error rates, detection and speed with all of them are measured by
`python -m benchmarks.rings_null`, `rings_density`, `rings_lineage` and `rings_scale`.
"""

from __future__ import annotations

from typing import Self

from fraud_pipeline.settings import RingSettings


class RingParameters(RingSettings):
    """All numbers that the search depends on."""

    # Seeds of the search.
    column_constant: float = 5.0  # c of the weight 1 / ln(c + degree) in peeling (FRAUDAR, 2016)
    blocks: int = 5  # dense blocks peeled off as seeds ...
    largest_block: int = 300  # parties; a larger block is an honest hub
    structure_seeds: int = 300  # pairs of institutions with unexpectedly common clients
    widest_enterprise: int = 60  # enterprises with more institutions seed no pairs
    widest_institution: int = 100  # counterparts of a party with more edges join by ties alone
    largest_seed: int = 100  # parties
    max_seeds: int = 20_000  # a level of ties; bounds the time (`benchmarks.rings_scale`)

    # The null model keeps how often each party dealt in each season, a quarter of a year.
    season_days: int = 91

    # The ascent.
    max_steps: int = 400
    widened: int = 20  # best candidates tried again with ...
    next_institutions: int = 4  # ... one of so many further institutions
    score_floor: float = -40.0  # nats; below it further evidence cannot make a lead

    # Which candidates are one ring.
    least_tied: float = 0.2  # of the pairs of enterprises across two parts
    overlap: float = 0.5  # of the smaller candidate

    # Significance and score.
    null_budget: int = 2_000_000  # edges rewired in all; beyond, the analytic bound alone
    seed: int = 20150603
    even_excess: float = 2.3  # nats at score 0.5; the 95th percentile of the null model
    min_excess: float = 2.0  # nats above the best of a usual null sample; an assumption
    max_rings: int = 100_000  # published in one run
    least_excess_kept: float = (
        0.0  # min_excess of a ring of the previous run (`benchmarks.rings_lineage`)
    )
    evidence_rows: int = 300  # ties listed a ring and kind: enough to join 300 parties

    @classmethod
    def of(cls, settings: RingSettings | None) -> Self:
        """The parameters for these settings; parameters themselves are returned as they are."""
        if isinstance(settings, cls):
            return settings
        return cls(**dict(settings or ()))
