"""What fraud is planted: how much of each typology, and how well it hides."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RingPlan:
    """One ring: enterprises × institutions of one typology.

    ``shells`` is the share of its enterprises that were set up for it; the rest are real
    enterprises that were drawn in. One enterprise organises, or an agent (T13) or a reviewer (T12).
    """

    typology: str  # T01 sham contracts | T12 an insider | T13 an agent | T14 money goes round
    enterprises: int  # | T20 one amount for everybody
    institutions: int
    claims_per_enterprise: float = 1.7
    shells: float = 0.4
    shared: float | None = None  # share of members with a common identifier; None: by camouflage
    span_days: int | None = None  # within which it files; None: by camouflage
    price: tuple[float, float] | None = None  # times the market; None: by typology


CLAIMS_A_LIST = 1071
# At the size of Wuhan's trial; larger worlds repeat the list in proportion.
RINGS = (
    RingPlan("T01", 6, 1),
    RingPlan("T01", 8, 2),
    RingPlan("T14", 4, 1, 2.2, 0.25),
    RingPlan("T13", 7, 2, 1.4),
    RingPlan("T13", 5, 1, 1.6),
    RingPlan("T12", 4, 1, 1.6, 0.75),
    RingPlan("T20", 5, 1, 1.2, 0.0),
)


@dataclass(frozen=True)
class FraudMix:
    """Share of claims a typology is planted on; an assumption, no programme publishes rates."""

    rings: tuple[RingPlan, ...] = RINGS
    share: dict[str, float] = field(
        default_factory=lambda: {
            "T04": 0.026, "T05": 0.003, "T06": 0.005, "T07": 0.006, "T10": 0.005, "T11": 0.004,
            "T15": 0.004, "T16": 0.005, "T17": 0.005, "T18": 0.007, "T19": 0.005, "T21": 0.004,
            "T22": 0.005, "T23": 0.004, "T24": 0.005, "T26": 0.004,
        }
    )  # fmt: skip
    cash_out: float = 0.002  # enterprises that cash their whole cap in one cheap service (T02)
    claims: int = (
        CLAIMS_A_LIST  # the list of rings is for so many claims, repeated in larger worlds
    )
    avoid: tuple[str, ...] = ()  # services in which nobody dares this year


NONE = FraudMix(rings=(), share={}, cash_out=0.0)
