"""A whole made-up programme: parties, trade, planted fraud, papers, past audits and the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from fraud_pipeline.errors import ProgrammeError, SettingsError
from fraud_pipeline.records import Tables
from fraud_pipeline.records.outputs import TRUTH
from fraud_pipeline.simulate import mechanisms, population, rings, trade
from fraud_pipeline.simulate import side_tables as side
from fraud_pipeline.simulate.amounts import settle
from fraud_pipeline.simulate.documents import to_arrow, write_papers
from fraud_pipeline.simulate.fraud import FraudMix
from fraud_pipeline.simulate.margins import WUHAN, Margins
from fraud_pipeline.simulate.past_audits import audit_earlier
from fraud_pipeline.simulate.streams import stream
from fraud_pipeline.simulate.truth import groups_of, loss_of, truth_of

_MARKS: dict[str, object] = {
    "typology": None, "ring": None, "fraud": False, "irregular": False, "template": 0,
    "device": None, "agent": None, "money_back": False, "niche": False, "rush": False,
    "loyal": False, "listed": False, "title": None, "tax_rate": np.nan, "invoice_lag": np.nan,
    "service_days": np.nan, "invoice_status": None, "confirm_days": np.nan,
    "early_confirm": False, "reused": False, "related": False, "too_large": False, "shell": False,
}  # fmt: skip
_TEXT_MARKS = ("typology", "ring", "device", "agent", "title", "invoice_status")


@dataclass(frozen=True)
class World:
    """A simulated programme.

    ``groups`` names, for each claim, the honest look-alike groups it belongs to;
    ``margins`` holds published and simulated figures side by side.
    """

    tables: Tables
    truth: pa.Table
    groups: pa.Table
    margins: dict[str, tuple[float, float]]


def simulate(
    programme: str,
    n_claims: int,
    seed: int,
    *,
    camouflage: int = 0,
    dirty: bool = False,
    fraud: FraudMix | None = None,
) -> World:
    """A world of ``n_claims`` claims; the same arguments give the same world.

    ``camouflage`` 0, 1 or 2 says how well fraud hides; ``fraud=NONE`` plants none.
    Raises ProgrammeError for a programme without a simulator, SettingsError for
    what cannot be made.
    """
    if programme != "wuhan":
        raise ProgrammeError(f"there is no simulator for programme {programme!r}, only for wuhan")
    if dirty:
        raise SettingsError("dirty worlds cannot be made yet; leave --dirty away")
    if n_claims < 1 or camouflage not in (0, 1, 2):
        raise SettingsError("a world needs at least one claim and camouflage 0, 1 or 2")
    mix = fraud if fraud is not None else FraudMix()
    margins = WUHAN
    scale = n_claims / margins.services
    houses = population.institutions(margins, max(9, round(margins.institutions * scale)), seed)
    hosts = houses[houses["category"] == "incubator"]
    firms = population.enterprises(margins, max(3, round(margins.holders * scale)), hosts, seed)
    drafts, users = _drafts(margins, firms, houses, n_claims, scale, mix, camouflage, seed)
    drafts = settle(drafts, margins, margins.redeemed_yuan * scale, users)
    drafts["loss"] = loss_of(drafts, margins)
    side.mark_parties(drafts, firms, houses, stream(seed, "marks"))
    return _assemble(drafts, firms, houses, programme, margins, scale, seed)


def _drafts(
    margins: Margins, firms: pd.DataFrame, houses: pd.DataFrame, n_claims: int, scale: float,
    mix: FraudMix, camouflage: int, seed: int,
) -> tuple[pd.DataFrame, np.ndarray]:  # fmt: skip
    rng = stream(seed, "who is who")
    order = rng.permutation(len(firms))
    active = np.sort(_active(houses, margins, rng))
    quiet = rng.permutation(np.setdiff1d(np.arange(len(houses)), active))
    suited = houses["category"].isin(["ip_agency", "hightech_engineering_centre",
                                      "industrial_research_institute"]).to_numpy()  # fmt: skip
    quiet = quiet[suited[quiet]]
    plans = mix.rings * max(1, round(scale)) if scale >= 0.5 else mix.rings[:1]
    n_cash = round(mix.cash_out * len(firms))
    n_ring = sum(p.firms for p in plans)
    idle = order[: n_ring + n_cash]
    planted = [
        rings.plant(plans, firms, houses, idle[:n_ring], quiet, margins, camouflage, seed),
        mechanisms.cash_out(idle[n_ring:], houses, margins, seed),
    ]
    bad = (
        pd.concat([p for p in planted if len(p)], ignore_index=True)
        if any(map(len, planted))
        else pd.DataFrame()
    )
    n_honest = max(1, n_claims - len(bad))
    n_users = max(1, min(n_honest, round(margins.users * scale) - len(idle)))
    pool = np.setdiff1d(order, idle, assume_unique=True)
    good = trade.honest(margins, firms.iloc[pool], houses.iloc[active], n_honest, n_users, seed)
    good["enterprise"] = pool[good["enterprise"]]
    good["institution"] = active[good["institution"]]
    good = with_marks(good)
    if camouflage and len(bad):
        _real_purchases(good, bad, camouflage, rng)
    mechanisms.plant(good, mix.share, seed)
    users = np.unique(good["enterprise"])
    return pd.concat([good, with_marks(bad)], ignore_index=True) if len(bad) else good, users


def _active(houses: pd.DataFrame, margins: Margins, rng: np.random.Generator) -> np.ndarray:
    """The institutions that take vouchers at all: one of each category, then by chance."""
    first = houses.reset_index().groupby("category")["index"].first().to_numpy()
    wanted = max(
        len(first), round(len(houses) * margins.active_institutions / margins.institutions)
    )
    others = np.setdiff1d(np.arange(len(houses)), first)
    return np.concatenate([first, rng.permutation(others)[: wanted - len(first)]])


def _real_purchases(
    good: pd.DataFrame, bad: pd.DataFrame, camouflage: int, rng: np.random.Generator
) -> None:
    """Camouflage: ring firms take over some honest purchases at popular institutions."""
    members = bad.loc[bad["ring"].notna(), "enterprise"].unique()
    rows = rng.choice(len(good), min(len(good), camouflage * len(members)), replace=False)
    good.loc[good.index[rows], "enterprise"] = np.resize(members, len(rows))


def with_marks(drafts: pd.DataFrame) -> pd.DataFrame:
    """Drafts with every mark a mechanism could set, at its honest default where it is not set."""
    marked = drafts.copy()
    for name, default in _MARKS.items():
        if name not in marked:
            marked[name] = pd.Series([default] * len(marked), index=marked.index,
                                     dtype=object if name in _TEXT_MARKS else None)  # fmt: skip
        elif name in _TEXT_MARKS:
            marked[name] = marked[name].astype(object)
    return marked.fillna({k: v for k, v in _MARKS.items() if isinstance(v, bool | int)})


def _assemble(
    drafts: pd.DataFrame, firms: pd.DataFrame, houses: pd.DataFrame, programme: str,
    margins: Margins, scale: float, seed: int,
) -> World:  # fmt: skip
    papers = write_papers(drafts, firms, houses, programme, stream(seed, "papers"))
    drafts["claim_id"] = papers["claims"]["claim_id"].to_numpy()
    frames = {
        **papers,
        "enterprises": firms,
        "institutions": houses,
        "vouchers": side.vouchers(drafts, firms, programme, margins, stream(seed, "vouchers")),
        "relations": side.relations(drafts, firms, houses, stream(seed, "relations")),
        "market_prices": side.market_prices(),
        "outcomes": audit_earlier(drafts, stream(seed, "past audits")),
        "sanctions": side.sanctions(firms, stream(seed, "sanctions")),
    }
    tables = Tables({name: to_arrow(name, frame) for name, frame in frames.items()})
    return World(
        tables=tables,
        truth=TRUTH.conform(truth_of(drafts)),
        groups=groups_of(drafts, firms),
        margins=side.held_against_published(drafts, firms, houses, margins, scale),
    )
