"""Who files what: honest trade, rings and single-claim fraud as one frame of drafts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.fraud import mechanisms, rings
from fraud_pipeline.simulate.fraud.mix import FraudMix, RingPlan
from fraud_pipeline.simulate.world import trade
from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.random_streams import stream

# What a mechanism can set on a draft, with what it is for honest ones.
_MARKS: dict[str, object] = {
    "typology": None, "ring": None, "fraud": False, "irregular": False, "template": 0,
    "device": None, "agent": None, "reviewer": 0, "money_back": False, "niche": False,
    "rush": False, "loyal": False, "listed": False, "title": None, "goods": False,
    "invoice_lag": np.nan, "service_days": np.nan, "invoice_status": None,
    "confirm_days": np.nan, "early_confirm": False, "reused": False, "related": False,
    "too_large": False, "shell": False, "no_rd": False, "bare": False, "hijack": 0, "payer": -1,
    "voucher_of": -1, "inflated": 1.0, "invoice_share": 1.0, "exact": False, "free": False,
    "prepaid": 1.0, "mistyped": False, "paid_day": pd.NaT, "no_contract": False,
}  # fmt: skip
_TEXT_MARKS = ("typology", "ring", "device", "agent", "title", "invoice_status")


def draft_claims(
    margins: Margins, parties: rings.Parties, n_claims: int, scale: float, mix: FraudMix,
    camouflage: int, seed: int,
) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:  # fmt: skip
    """Drafts of ``n_claims`` claims, the rows of enterprises that buy honestly, and the rings' roles."""
    enterprises, institutions, barred = parties.enterprises, parties.institutions, parties.barred
    rng = stream(seed, "who is who")
    order = rng.permutation(len(enterprises))
    if barred:
        order = order[~enterprises["enterprise_id"].isin(barred).to_numpy()[order]]
    plans = _plans(mix, n_claims, len(enterprises))
    active, quiet = _sellers(
        institutions, enterprises, margins, sum(p.institutions for p in plans), rng
    )
    n_ring = sum(p.enterprises for p in plans)
    idle = order[: n_ring + round(mix.cash_out * len(enterprises))]
    if len(margins.places) > 1:  # a ring's enterprises are mostly neighbours
        near = np.argsort(enterprises["place"].to_numpy()[idle[:n_ring]], kind="stable")
        idle = np.concatenate([idle[:n_ring][near], idle[n_ring:]])
    quiet = quiet[~institutions["institution_id"].isin(barred).to_numpy()[quiet]]
    ring, roles = rings.plant(
        plans, parties, idle[:n_ring], quiet, margins, camouflage, seed, mix.avoid
    )
    planted = [
        p for p in (ring, mechanisms.cash_out(idle[n_ring:], institutions, margins, seed)) if len(p)
    ]
    bad = with_marks(pd.concat(planted, ignore_index=True)) if planted else pd.DataFrame()
    if len(bad):
        _named_like_honest(bad, margins, seed)
    n_honest = max(1, n_claims - len(bad))
    n_users = max(1, min(n_honest, round(margins.users * scale) - len(idle)))
    pool = np.setdiff1d(order, idle, assume_unique=True)
    there = bad["service"].to_numpy() if len(bad) else np.zeros(0, dtype=np.int64)
    good = trade.honest(
        margins, enterprises.iloc[pool], institutions.iloc[active], n_honest, n_users, there, seed
    )
    good["enterprise"] = pool[good["enterprise"]]
    good["institution"] = active[good["institution"]]
    good = with_marks(good)
    if len(bad):
        _real_purchases(good, bad, enterprises, roles, camouflage, rng)
        _real_clients(good, bad, institutions, margins, camouflage, rng)
    mechanisms.plant(good, mix.share, margins, camouflage, seed, mix.avoid)
    users = np.unique(good["enterprise"])
    both = pd.concat([good, bad], ignore_index=True) if len(bad) else good
    both["free"] = enterprises["free"].to_numpy()[both["enterprise"]]
    both["prepaid"] = float(
        margins.redeemer == "institution"
    )  # else the enterprise pays it all first
    return both, users, roles


def _plans(mix: FraudMix, n_claims: int, n_enterprises: int) -> tuple[RingPlan, ...]:
    """The rings of a world: the list once for every so many claims, and never most of the enterprises."""
    times = n_claims / mix.claims
    if times < 0.5:
        few = mix.rings[:1]
        return few if sum(plan.enterprises for plan in few) <= 0.5 * n_enterprises else ()
    members = sum(plan.enterprises for plan in mix.rings)
    return mix.rings * max(1, min(round(times), int(0.12 * n_enterprises / max(1, members))))


def _sellers(
    institutions: pd.DataFrame, enterprises: pd.DataFrame, margins: Margins, n_ring: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The institutions that take vouchers at all: one of each category, incubators with
    tenants, then by chance; and those suited to a ring among the others."""
    hosting = institutions["institution_id"].isin(enterprises["incubator_id"]).to_numpy()
    able = {category for line in margins.lines for category in line.categories}
    sells = institutions["category"].isin(able).to_numpy()
    first = np.union1d(
        institutions.reset_index().groupby("category")["index"].first(), np.flatnonzero(hosting)
    )
    pulled = institutions["category"].isin(list(margins.pull)).to_numpy()
    first = np.union1d(first[sells[first]], np.flatnonzero(pulled))
    wanted = round(len(institutions) * margins.active_institutions / margins.institutions) - n_ring
    others = rng.permutation(np.setdiff1d(np.flatnonzero(sells), first))
    active = np.sort(np.concatenate([first, others[: max(0, wanted - len(first))]]))
    quiet = rng.permutation(np.setdiff1d(np.arange(len(institutions)), active))
    public = institutions["category"].isin(["university", "incubator"]).to_numpy()
    return active, quiet[~public[quiet]]


def _real_purchases(
    good: pd.DataFrame, bad: pd.DataFrame, enterprises: pd.DataFrame, roles: pd.DataFrame,
    camouflage: int, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Drawn-in customers also buy for real; at camouflage every ring enterprise does. In place."""
    drawn_in = roles.loc[roles["role"] == "customer", "party_id"]
    customers = np.flatnonzero(enterprises["enterprise_id"].isin(drawn_in).to_numpy())
    members = bad.loc[bad["ring"].notna(), "enterprise"].unique()
    takers = np.concatenate([customers, np.repeat(members, camouflage)])
    spare = np.flatnonzero(
        good["enterprise"].duplicated().to_numpy()
    )  # of enterprises with others left
    rows = rng.choice(spare, min(len(spare) // 2, len(takers)), replace=False)
    good.loc[good.index[rows], "enterprise"] = takers[: len(rows)]
    good.loc[good.index[rows], "loyal"] = False


def _real_clients(
    good: pd.DataFrame, bad: pd.DataFrame, institutions: pd.DataFrame, margins: Margins,
    camouflage: int, rng: np.random.Generator,
) -> None:  # fmt: skip
    """At camouflage a ring's institution also sells to honest clients; in place."""
    if not camouflage:
        return
    category, service = institutions["category"].to_numpy(), good["service"].to_numpy()
    buys: dict[str, np.ndarray] = {}
    institution = good["institution"].to_numpy(copy=True)
    for ring_institution in bad.loc[bad["ring"].notna(), "institution"].unique():
        kind = category[ring_institution]
        if kind not in buys:
            sold = [k for k, line in enumerate(margins.lines) if kind in line.categories]
            buys[kind] = np.flatnonzero(np.isin(service, sold))
        wanted = min(len(buys[kind]), int(rng.integers(1, 4) * camouflage))
        institution[rng.choice(buys[kind], wanted, replace=False)] = ring_institution
    good["institution"] = institution


def _named_like_honest(bad: pd.DataFrame, margins: Margins, seed: int) -> None:
    """Sham work is called what honest work of its line is called, one wording a seller and
    enterprise as theirs; in place."""
    luck = stream(seed, "planted titles").random(len(bad))
    for number, line in enumerate(margins.lines):
        rows = np.flatnonzero(
            (bad["service"] == number).to_numpy() & bad["title"].isna().to_numpy()
        )
        wording = np.array(line.titles, dtype=object)
        bad.loc[bad.index[rows], "title"] = wording[(luck[rows] * len(wording)).astype(int)]


def with_marks(drafts: pd.DataFrame) -> pd.DataFrame:
    """Drafts with every mark a mechanism could set, at its honest default where it is not set."""
    marked = drafts.copy()
    for name, default in _MARKS.items():
        if name not in marked:
            marked[name] = pd.Series([default] * len(marked), index=marked.index,
                                     dtype=object if name in _TEXT_MARKS else None)  # fmt: skip
        elif name in _TEXT_MARKS:
            marked[name] = marked[name].astype(object)
    plain = {k: v for k, v in _MARKS.items() if isinstance(v, bool | int) or v == 1.0}
    return marked.fillna(plain)
