"""Planted rings: sham contracts, an insider, packaging agents, money that goes round.

A ring takes enterprises that hold vouchers but did not use them, and institutions from
the quiet end of the list. It begins with whoever organises it and draws the others in
one after the other. Camouflage 0 is plain; at 1 members also buy for real at popular
institutions, stagger their dates and share fewer identifiers, and the institution also
sells to honest clients; at 2 more so, and what they charge is only 1.3-1.8 times the market.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.fraud.low_volume_institutions import LowVolumeInstitutions
from fraud_pipeline.simulate.fraud.mix import RingPlan
from fraud_pipeline.simulate.world import identities as ids
from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.random_streams import stream
from fraud_pipeline.simulate.world.trade import year_closes

_SPAN_DAYS = (35, 120, 240)  # within which a ring files, by camouflage
_SHARED = (0.85, 0.5, 0.3)  # share of members that use a common identifier
# What a ring pretends to sell: sham work keeps to one line, an agent packages what comes.
_LINES = {
    "T01": ("technology_development", "technology_service", "technology_consulting"),
    "T12": ("technology_development", "technology_service", "technology_consulting"),
    "T13": ("patent_utility", "patent_invention", "software_copyright", "trademark"),
    "T14": ("technology_service", "technology_consulting", "technology_development"),
    "T20": ("technology_consulting", "technology_service", "technology_development"),
}
_CHANGED = ("phone", "legal_representative", "bank_account", "founded_on", "employees",
            "rd_employees")  # fmt: skip
ROLES = ("ring_id", "party_id", "party_kind", "role")


@dataclass(frozen=True)
class Parties:
    """The parties of a world; ``barred`` are ids of those that may not take part."""

    enterprises: pd.DataFrame
    institutions: pd.DataFrame
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Cast:
    """Who takes part in one ring, as row numbers; ``outside`` are an agent and a reviewer."""

    members: np.ndarray
    institutions: np.ndarray
    services: np.ndarray
    outside: dict[str, int]


def plant(
    plans: tuple[RingPlan, ...],
    parties: Parties,
    idle: np.ndarray,
    quiet: np.ndarray,
    margins: Margins,
    camouflage: int,
    seed: int,
    avoid: tuple[str, ...] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draft claims of all rings, and who plays which part (columns ROLES).

    Changes the shared identifiers of the enterprises in place. ``idle`` are row numbers of
    enterprises free to take, ``quiet`` of institutions.
    """
    enterprises, institutions = parties.enterprises, parties.institutions
    rng = stream(seed, "rings")
    drafts: list[dict[str, np.ndarray]] = []
    roles: list[tuple[str, str, str, str]] = []
    identities = {name: enterprises[name].to_numpy(copy=True) for name in _CHANGED}
    for name in ("phone", "legal_representative", "bank_account"):
        identities[name] = identities[name].astype(object)
    sides = (enterprises["enterprise_id"].to_numpy(), institutions["institution_id"].to_numpy())
    heads = institutions["legal_representative"].to_numpy()
    free = LowVolumeInstitutions(quiet, institutions["category"].to_numpy())
    for number, plan in enumerate(plans):
        members, idle = idle[: plan.enterprises], idle[plan.enterprises :]
        able = lines_of(plan.typology, margins, avoid)
        complicit, able = free.take(able, margins, plan.institutions)
        if len(members) < plan.enterprises or len(complicit) < plan.institutions:
            break  # a world too small for more rings has fewer
        ring_id = f"R{number + 1:03d}"
        outside = {
            "T13": int(rng.integers(1, margins.nuisance.agents)),
            "T12": int(rng.integers(1, margins.nuisance.reviewers + 1)),
        }
        part = _parts(plan)
        _share_identity(rng, identities, heads, members, complicit, plan, camouflage)
        ring_claims = _claims(
            rng, plan, number, Cast(members, complicit, able, outside), margins, camouflage
        )
        ring_claims["ring"] = np.full(len(ring_claims["day"]), ring_id, dtype=object)
        _set_up_shells(
            rng, identities, members[part == "shell"], ring_claims["day"].min(), camouflage
        )
        drafts.append(ring_claims)
        roles += _roles(ring_id, sides, members, complicit, part, plan, outside)
    for name, values in identities.items():
        enterprises[name] = values
    if not drafts:
        return pd.DataFrame(), pd.DataFrame(columns=list(ROLES))
    joined = {name: np.concatenate([d[name] for d in drafts]) for name in drafts[0]}
    return pd.DataFrame(joined), pd.DataFrame(roles, columns=list(ROLES))


def _shared(plan: RingPlan, camouflage: int) -> float:
    return _SHARED[camouflage] if plan.shared is None else plan.shared


def _parts(plan: RingPlan) -> np.ndarray:
    """The role of each member enterprise: who organises comes first, then shells, then drawn-in ones."""
    part = np.full(plan.enterprises, "customer", dtype=object)
    first = 0 if plan.typology in ("T12", "T13", "T20") else 1
    part[:first] = "organiser"
    part[first : first + round(plan.shells * plan.enterprises)] = "shell"
    return part


def _claims(
    rng: np.random.Generator, plan: RingPlan, number: int, cast: Cast, margins: Margins,
    camouflage: int,
) -> dict[str, np.ndarray]:  # fmt: skip
    members, able, outside = cast.members, cast.services, cast.outside
    extra = rng.poisson(plan.claims_per_enterprise - 1, len(members))
    if most := max_claims_per_enterprise(margins):
        extra = np.minimum(extra, most - 1)
    place = np.repeat(np.arange(len(members)), 1 + extra)
    n = len(place)
    # what is much sold hides a sham best; a line that is rarely sold would be half sham
    usual_share = np.array([margins.lines[k].share for k in able])
    services = rng.choice(able, n, p=usual_share / usual_share.sum())
    code = services if plan.typology == "T13" else np.full(n, services[0])
    least, most = (np.array([line.units[k] for line in margins.lines])[code] for k in (0, 1))
    units = rng.integers(6, 20, n)
    fewer = least + (units - 6) / 14 * 0.7 * (most - least)  # where contracts are small anyway
    quantity = np.where(most < 18, np.round(fewer), units).astype(np.int64)
    quantity = np.where((most > 1) & (plan.typology != "T20"), quantity, 1)
    lump = np.array([line.lump for line in margins.lines])[code]
    usual = np.array([line.price for line in margins.lines])[code]
    # sham work is priced like the smaller real jobs: large sums draw the eye
    market = usual * np.where(lump, 0.6 * np.exp(rng.normal(0, 0.45, n)), 1.0)
    if plan.typology == "T20":  # what the institution wants is what everybody "needed"
        market = np.full(
            n,
            float(rng.integers(30_000, 48_000 if margins.subsidy.full_up_to else 70_000))
            // 100
            * 100
            + rng.integers(11, 99),
        )
    dearer = plan.price or ((1.3, 1.8) if plan.typology == "T13" else None)
    price = market * (rng.uniform(*dearer, n) if dearer else np.ones(n))
    shared = rng.random((2, n)) < _shared(plan, camouflage)
    one_amount = plan.typology == "T20"
    institution = rng.choice(cast.institutions, n)
    full = rng.random(n) < 0.85
    return {
        "enterprise": members[place], "institution": institution,
        "service": code, "quantity": quantity, "market": market,
        "price": price if one_amount else np.round(price, -1), "exact": np.full(n, one_amount),
        "share": np.where(full, 1.0, 0.9) * margins.subsidy.share_max,
        "day": _days(rng, place, plan, margins, camouflage),
        "typology": np.full(n, plan.typology, dtype=object), "fraud": np.ones(n, dtype=bool),
        "template": np.where(shared[0], 1 + number, 0),
        "device": np.where(shared[1], f"DV-{members[0]:05d}", None),
        "agent": np.full(n, f"AG-{outside['T13']:03d}" if plan.typology == "T13" else None,
                         dtype=object),
        "reviewer": np.full(n, outside["T12"] if plan.typology == "T12" else 0),
        "money_back": np.full(n, plan.typology == "T14"),
    }  # fmt: skip


def max_claims_per_enterprise(margins: Margins) -> int | None:
    """How many claims the rules leave an enterprise, with one institution where it must be a new one."""
    return 1 if margins.new_supplier else len(margins.tickets) or None


def lines_of(typology: str, margins: Margins, avoid: tuple[str, ...] = ()) -> np.ndarray:
    """The services a ring of this kind may sell: the usual ones, else the dearest on offer."""
    usual = [k for k, code in enumerate(margins.codes) if code in _LINES[typology]]
    dear = sorted(range(len(margins.lines)), key=lambda k: -margins.lines[k].price)
    able = usual if len(usual) > 1 else sorted({*usual, *dear[:5]})
    return np.array([k for k in able if margins.codes[k] not in avoid] or able)


def _days(
    rng: np.random.Generator, place: np.ndarray, plan: RingPlan, margins: Margins, camouflage: int
) -> np.ndarray:
    """Members join one after the other, faster and faster; each files when it has joined."""
    total = (margins.ends_on - margins.starts_on).days
    span = min(plan.span_days or _SPAN_DAYS[camouflage], total - 90)
    # rings come with the trade: a uniform start would set them apart by the day alone
    middle = total * rng.beta(1.6, 1.2)
    start = int(np.clip(middle - 0.6 * span, 5, total - span - 5))
    joined = np.sqrt(place / max(1, plan.enterprises)) * span
    day = start + np.floor(joined + rng.random(len(place)) * (span - joined)).astype(int)
    if camouflage:  # and files with the crowd when a year closes
        closes = year_closes(margins)
        late = closes[np.minimum(np.searchsorted(closes, day), len(closes) - 1)]
        late = late - rng.integers(0, 12, len(day))
        day = np.where(
            (rng.random(len(day)) < margins.nuisance.rush_share) & (late > day), late, day
        )
    return np.datetime64(margins.starts_on) + day.astype("timedelta64[D]")


def _share_identity(
    rng: np.random.Generator, identities: dict[str, np.ndarray], heads: np.ndarray, members: np.ndarray,
    complicit: np.ndarray, plan: RingPlan, camouflage: int,
) -> None:  # fmt: skip
    """Gives members a common phone, representative or account, each only in part."""
    for column, make in (("phone", ids.phones), ("legal_representative", ids.person_names),
                         ("bank_account", ids.accounts)):  # fmt: skip
        taking = {"phone": 1.0, "legal_representative": 0.4, "bank_account": 0.35}[column]
        chosen = members[rng.random(len(members)) < _shared(plan, camouflage) * taking]
        identities[column][chosen] = str(make(rng, 1)[0])
    if plan.typology == "T01":
        insider = members[: 1 + len(members) // 4]
        identities["legal_representative"][insider] = heads[complicit[0]]


def _set_up_shells(
    rng: np.random.Generator, identities: dict[str, np.ndarray], shells: np.ndarray,
    first: np.datetime64, camouflage: int,
) -> None:  # fmt: skip
    """Enterprises founded for the ring: young and empty, at camouflage bought and older."""
    if not len(shells):
        return
    n = len(shells)
    age = rng.integers(30, 300, n) + np.where(rng.random(n) < 0.5 * camouflage, 700, 0)
    identities["founded_on"][shells] = first - age.astype("timedelta64[D]")
    identities["employees"][shells] = rng.integers(1, 4 + 4 * camouflage, n)
    identities["rd_employees"][shells] = rng.integers(0, 2 + camouflage, n)


def _roles(
    ring_id: str, sides: tuple[np.ndarray, np.ndarray], members: np.ndarray,
    complicit: np.ndarray, part: np.ndarray, plan: RingPlan, outside: dict[str, int],
) -> list[tuple[str, str, str, str]]:  # fmt: skip
    rows = [(ring_id, enterprise, "enterprise", role)
            for enterprise, role in zip(sides[0][members], part, strict=True)]  # fmt: skip
    rows += [(ring_id, institution, "institution", "complicit_institution")
             for institution in sides[1][complicit]]  # fmt: skip
    if plan.typology == "T13":
        rows.append((ring_id, f"AG-{outside['T13']:03d}", "agent", "agent"))
    if plan.typology == "T12":
        rows.append((ring_id, f"SH{outside['T12']:02d}", "reviewer", "insider"))
    return rows
