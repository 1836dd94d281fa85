"""A whole made-up programme: parties, trade, planted fraud, papers, past audits and the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pandas as pd
import pyarrow as pa

from fraud_pipeline.errors import ProgrammeError, SettingsError
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.outputs import TRUTH
from fraud_pipeline.simulate.fraud import on_request, rings
from fraud_pipeline.simulate.fraud.mix import FraudMix
from fraud_pipeline.simulate.fraud.rings import Parties
from fraud_pipeline.simulate.world import national, population, vouchers
from fraud_pipeline.simulate.world import side_tables as side
from fraud_pipeline.simulate.world.amounts import settle
from fraud_pipeline.simulate.world.arrow_tables import to_arrow
from fraud_pipeline.simulate.world.documents import write_papers
from fraud_pipeline.simulate.world.drafts import draft_claims
from fraud_pipeline.simulate.world.fixed_value_vouchers import (
    only_possible,
    part_pairs,
    settle_tickets,
)
from fraud_pipeline.simulate.world.innocent_errors import mistype
from fraud_pipeline.simulate.world.local_files import localise
from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.past_audits import audit_earlier
from fraud_pipeline.simulate.world.programmes import PROGRAMMES
from fraud_pipeline.simulate.world.published_totals import settle_cells
from fraud_pipeline.simulate.world.random_streams import stream
from fraud_pipeline.simulate.world.truth import groups_of, loss_of, truth_of


@dataclass(frozen=True)
class World:
    """A simulated programme.

    ``groups`` names, for each claim, the honest look-alike groups it belongs to;
    ``margins`` holds published and simulated figures side by side; ``roles`` who plays
    which part in a planted ring (ring_id, party_id, party_kind, role: organiser | shell |
    customer | complicit_institution | agent | insider).
    """

    tables: Tables
    truth: pa.Table
    groups: pa.Table
    margins: dict[str, tuple[float, float]]
    roles: pa.Table = field(
        default_factory=lambda: pa.table({c: pa.array([], pa.string()) for c in rings.ROLES})
    )


def simulate(
    programme: str | Margins,
    n_claims: int,
    seed: int,
    *,
    camouflage: int = 0,
    fraud: FraudMix | None = None,
    also: tuple[str, ...] = (),
) -> World:
    """A world of ``n_claims`` claims; the same arguments give the same world.

    ``programme`` is a name of ``PROGRAMMES`` or a value of ``Margins``, e.g. ``margins_of(pack)``.
    ``camouflage`` 0, 1 or 2 says how well fraud hides; ``fraud=NONE`` plants none;
    ``also`` plants T03, T08, T09 or T25 (``on_request``). Raises ProgrammeError for a
    programme without a simulator, SettingsError for what cannot be made.
    """
    parts = list(
        simulate_parts(programme, n_claims, seed, camouflage=camouflage, fraud=fraud, also=also)
    )
    if len(parts) == 1:
        return parts[0]
    return World(
        tables=Tables(national.tables_of([dict(part.tables) for part in parts])),
        truth=pa.concat_tables([part.truth for part in parts]),
        groups=pa.concat_tables([part.groups for part in parts]),
        margins=national.margins_of([part.margins for part in parts]),
        roles=pa.concat_tables([part.roles for part in parts]),
    )


def simulate_parts(
    programme: str | Margins,
    n_claims: int,
    seed: int,
    *,
    camouflage: int = 0,
    fraud: FraudMix | None = None,
    also: tuple[str, ...] = (),
) -> Iterator[World]:
    """The same world in parts that share no party: one a province of ``national``, else one.

    For worlds that are too large for memory. Raises as :func:`simulate`.
    """
    if isinstance(programme, str) and programme not in PROGRAMMES:
        known = ", ".join(PROGRAMMES)
        raise ProgrammeError(f"there is no simulator for programme {programme!r}, only for {known}")
    if n_claims < 1 or seed < 0 or camouflage not in (0, 1, 2):
        raise SettingsError("a world needs a claim, a seed of 0 or more and camouflage 0, 1 or 2")
    margins = PROGRAMMES[programme] if isinstance(programme, str) else programme
    also = on_request.checked(also, margins)
    mix = fraud if fraud is not None else FraudMix()
    if margins.programme != "national":
        yield make_world(margins, n_claims, seed, camouflage, mix, also=also)
        return
    for part, n, own_seed, tag in national.provinces(margins, n_claims, seed):
        yield _tagged(make_world(part, n, own_seed, camouflage, mix, also=also), tag)


def _tagged(world: World, tag: str) -> World:
    return replace(
        world,
        tables=Tables({name: national.tagged(t, tag) for name, t in world.tables.items()}),
        truth=national.tagged(world.truth, tag),
        groups=national.tagged(world.groups, tag),
        roles=national.tagged_roles(world.roles, tag),
    )


def make_world(
    margins: Margins, n_claims: int, seed: int, camouflage: int, mix: FraudMix, *,
    party_seed: int | None = None, barred: frozenset[str] = frozenset(),
    also: tuple[str, ...] = (),
) -> World:  # fmt: skip
    """A world of the programme described by ``margins``: a new programme is a new value.

    ``party_seed`` makes the same parties as another year's world; ``barred`` are party
    ids that may not take part; ``also`` as ``on_request.checked`` gave it.
    """
    scale = n_claims / margins.services
    mix = only_possible(mix, margins)
    party_seed = seed if party_seed is None else party_seed
    n_institutions, n_enterprises = (
        round(margins.institutions * scale),
        round(margins.holders * scale),
    )
    institutions = population.institutions(margins, max(9, n_institutions), party_seed)
    hosts = institutions[institutions["category"] == "incubator"]
    enterprises = population.enterprises(margins, max(3, n_enterprises), hosts, party_seed)
    drafts, users, roles = draft_claims(
        margins, Parties(enterprises, institutions, barred), n_claims, scale, mix, camouflage, seed
    )
    if margins.tickets:
        drafts = settle_tickets(drafts, enterprises, margins, seed)
    elif margins.cells:
        drafts = settle_cells(drafts, enterprises, margins, scale, seed)
    else:
        drafts = settle(drafts, margins, margins.redeemed_yuan * scale, users, seed)
    if margins.new_supplier or margins.related_excluded:
        part_pairs(drafts, institutions, margins, seed)
    vouchers.lend(drafts, len(enterprises), margins)
    on_request.plant(drafts, enterprises, institutions, margins, also, seed)
    mistype(drafts, margins.nuisance, stream(seed, "errors"))
    drafts["loss"] = loss_of(drafts)
    side.mark_parties(drafts, enterprises, margins, stream(seed, "marks"))
    return _assemble(drafts, enterprises, institutions, roles, margins, scale, seed, also)


def _assemble(
    drafts: pd.DataFrame, enterprises: pd.DataFrame, institutions: pd.DataFrame, roles: pd.DataFrame,
    margins: Margins, scale: float, seed: int, also: tuple[str, ...],
) -> World:  # fmt: skip
    papers = write_papers(drafts, enterprises, institutions, margins, stream(seed, "papers"))
    if "T09" in also:
        on_request.without_contract(papers, drafts)
    drafts["claim_id"] = papers["claims"]["claim_id"].to_numpy()
    drafts["seller_id"] = papers["claims"]["institution_id"].to_numpy()
    issued = None if margins.issued_yuan is None else margins.issued_yuan * scale
    frames = {
        **papers,
        "enterprises": enterprises,
        "institutions": institutions,
        "vouchers": vouchers.accounts(
            drafts, enterprises, margins, issued, stream(seed, "vouchers")
        ),
        "relations": side.relations(
            drafts, enterprises, institutions, margins, stream(seed, "relations")
        ),
        "market_prices": side.market_prices(margins),
        "outcomes": audit_earlier(drafts, margins.nuisance, stream(seed, "past audits")),
        "sanctions": side.sanctions(enterprises, margins, stream(seed, "sanctions")),
    }
    localise(frames, margins, seed)
    if also:
        frames["vouchers"] = on_request.revouch(
            frames["vouchers"], papers["claims"], drafts, margins, seed
        )
    tables = Tables({name: to_arrow(name, frame) for name, frame in frames.items()})
    return World(
        tables=tables,
        truth=TRUTH.conform(truth_of(drafts)),
        groups=groups_of(drafts, enterprises),
        margins=side.compared_with_published(
            drafts, enterprises, institutions, frames["vouchers"], margins, scale
        ),
        roles=pa.table({c: pa.array(roles[c].tolist(), pa.string()) for c in rings.ROLES}),
    )
