"""Several years of a programme in which fraudsters learn from what last year's audits caught.

The reaction is an assumption with stated parameters: no programme publishes what changed
after its audits. Parties stay the same over the years; who was caught is barred.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.errors import ProgrammeError, SettingsError
from fraud_pipeline.simulate.fraud.mix import FraudMix, RingPlan
from fraud_pipeline.simulate.world.build import World, make_world
from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.nuisance import Nuisance
from fraud_pipeline.simulate.world.programmes import PROGRAMMES
from fraud_pipeline.simulate.world.random_streams import stream

DETERRED = 0.7  # of a kind of fraud that is always caught, so much is given up
MOVED = 0.8  # of what is given up, so much turns to kinds that were caught less
WARY_FROM = 0.3  # rings hide better once so many of their claims were caught
SPARED = 1.5  # a service is avoided when caught so many times as often as the average

Audits = Callable[[World], Sequence[str]]


@dataclass(frozen=True)
class Caught:
    """What a year's audits found: planted and caught claims by typology and by service."""

    typologies: dict[str, tuple[int, int]]
    services: dict[str, tuple[int, int]]
    parties: frozenset[str] = frozenset()  # who was found out

    def rate(self, typology: str) -> float:
        planted, caught = self.typologies.get(typology, (0, 0))
        return caught / planted if planted else 0.0


def simulate_years(
    programme: str,
    n_claims: int,
    seed: int,
    years: int,
    audits: Audits | None = None,
    *,
    camouflage: int = 0,
    fraud: FraudMix | None = None,
) -> Iterator[World]:
    """One world a year of ``n_claims`` claims each; what was caught changes the next.

    ``audits`` gets a year's world and names the claims that are looked at; without it
    the world's own past audits count. Auditors miss some of what they look at. Raises
    ProgrammeError, SettingsError.
    """
    if programme not in PROGRAMMES or programme == "national":
        raise ProgrammeError(f"there is no simulator of years for programme {programme!r}")
    if years < 1 or n_claims < 1 or camouflage not in (0, 1, 2):
        raise SettingsError("years and claims must be at least 1 and camouflage 0, 1 or 2")
    margins = PROGRAMMES[programme]
    mix, barred = fraud if fraud is not None else FraudMix(), frozenset[str]()
    for year in range(years):
        own = int(stream(seed, f"year {year}").integers(2**31))
        world = make_world(
            _of_year(margins, year), n_claims, own, camouflage, mix, party_seed=seed, barred=barred
        )
        yield world
        caught = what_was_caught(world, audits(world) if audits else None, own)
        mix, camouflage = adapt(mix, camouflage, caught)
        barred |= caught.parties


def _of_year(margins: Margins, year: int) -> Margins:
    """The programme in one calendar year, with its money but without its published periods."""
    first = margins.starts_on.year + (margins.starts_on.month > 1) + year
    return replace(
        margins, starts_on=date(first, 1, 4), ends_on=date(first, 12, 31), cells=(), families={}
    )


def what_was_caught(
    world: World, looked_at: Sequence[str] | None, seed: int, missed: float = Nuisance.missed
) -> Caught:
    """The planted claims among those ``looked_at`` that the auditors did not miss.

    None: what the world's own outcomes found against. ``missed``: of the improper claims looked
    at, the share in which nothing is found.
    """
    truth, claims = world.truth, world.tables["claims"]
    planted = pc.is_valid(truth["typology"]).to_numpy(zero_copy_only=False)
    if looked_at is None:
        outcomes = world.tables["outcomes"]
        against = pc.is_in(outcomes["verdict"], value_set=pa.array(["fraud", "irregular"]))
        caught_ids = outcomes["claim_id"].filter(against).combine_chunks()
        hit = pc.is_in(truth["claim_id"], value_set=caught_ids).to_numpy(zero_copy_only=False)
    else:
        looked = pc.is_in(truth["claim_id"], value_set=pa.array(list(looked_at), pa.string()))
        luck = stream(seed, "auditors").random(len(planted))
        hit = looked.to_numpy(zero_copy_only=False) & (luck >= missed)
    hit = hit & planted
    typology = np.array(truth["typology"].to_pylist(), dtype=object)
    service = np.array(claims["service_type"].to_pylist(), dtype=object)
    found_out = claims["enterprise_id"].filter(pa.array(hit)).to_pylist()
    ring = truth.filter(pa.array(hit))["ring_id"].drop_null().unique()
    roles = world.roles.filter(pc.is_in(world.roles["ring_id"], value_set=ring.cast(pa.string())))
    ringleaders = roles.filter(pc.not_equal(roles["role"], "customer"))["party_id"].to_pylist()
    return Caught(
        _counts(typology, planted, hit), _counts(service, planted, hit),
        frozenset(found_out) | frozenset(ringleaders),
    )  # fmt: skip


def _counts(kind: np.ndarray, planted: np.ndarray, hit: np.ndarray) -> dict[str, tuple[int, int]]:
    names = sorted(set(kind[planted]))
    return {k: (int((planted & (kind == k)).sum()), int((hit & (kind == k)).sum())) for k in names}


def adapt(mix: FraudMix, camouflage: int, caught: Caught) -> tuple[FraudMix, int]:
    """Next year's mix and camouflage: less of what was caught, more of what was not.

    Each kind gives up DETERRED × its rate of being caught; MOVED of that turns to the
    other kinds in proportion to how much of them went unseen. Ring types shrink the same
    way, in whole enterprises; services that were caught often are avoided.
    """
    shares = {t: s * (1 - DETERRED * caught.rate(t)) for t, s in mix.share.items()}
    given_up = sum(mix.share.values()) - sum(shares.values())
    unseen = {t: s * (1 - caught.rate(t)) for t, s in mix.share.items()}
    total = sum(unseen.values())
    share = {
        t: s + (MOVED * given_up * unseen[t] / total if total else 0.0) for t, s in shares.items()
    }
    rings = tuple(_wary(plan, caught.rate(plan.typology)) for plan in mix.rings)
    ring_kinds = {plan.typology for plan in mix.rings}
    caught_counts = [caught.typologies.get(t, (0, 0)) for t in ring_kinds]
    n_planted, n_caught = sum(s[0] for s in caught_counts), sum(s[1] for s in caught_counts)
    bolder = n_planted > 0 and n_caught / n_planted >= WARY_FROM
    adapted = replace(mix, share=share, rings=rings, avoid=_avoided(caught))
    return adapted, min(2, camouflage + int(bolder))


def _wary(plan: RingPlan, rate: float) -> RingPlan:
    """A ring that was caught comes back smaller, and its enterprises file less each."""
    enterprises = max(3, math.ceil(plan.enterprises * (1 - DETERRED * rate / 2)))
    return replace(
        plan,
        enterprises=enterprises,
        claims_per_enterprise=max(1.0, plan.claims_per_enterprise * (1 - DETERRED * rate / 2)),
    )


def _avoided(caught: Caught) -> tuple[str, ...]:
    """Services whose planted claims were caught clearly more often than the average."""
    planted = sum(n for n, _ in caught.services.values())
    mean = sum(k for _, k in caught.services.values()) / planted if planted else 0.0
    return tuple(
        s for s, (n, k) in sorted(caught.services.items()) if k >= 2 and k / n > SPARED * mean
    )
