"""What fraud is planted: how much of each typology, and how well it hides."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RingPlan:
    """One ring: firms × institutions of one typology."""

    typology: str  # T01 sham contracts | T13 an agent packages claims | T14 money goes round
    firms: int
    institutions: int
    claims_a_firm: float = 1.7


# At the size of Wuhan's trial; larger worlds repeat the list in proportion.
RINGS = (
    RingPlan("T01", 6, 1),
    RingPlan("T01", 8, 2),
    RingPlan("T14", 4, 1, 2.2),
    RingPlan("T13", 7, 2, 1.4),
    RingPlan("T13", 5, 1, 1.6),
)


@dataclass(frozen=True)
class FraudMix:
    """Share of claims a typology is planted on; an assumption, no programme publishes rates."""

    rings: tuple[RingPlan, ...] = RINGS
    share: dict[str, float] = field(
        default_factory=lambda: {
            "T04": 0.030, "T16": 0.006, "T18": 0.008, "T19": 0.006, "T07": 0.006, "T22": 0.005,
            "T24": 0.005, "T15": 0.004, "T17": 0.005, "T21": 0.004, "T26": 0.004,
        }
    )  # fmt: skip
    cash_out: float = 0.002  # enterprises that cash their whole cap in one cheap service (T02)


NONE = FraudMix(rings=(), share={}, cash_out=0.0)
