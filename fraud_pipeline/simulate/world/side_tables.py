"""The tables around the claims: vouchers, relations, price catalogue, negative list."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.world import identities as ids
from fraud_pipeline.simulate.world.margins import Margins

# Official or agreed prices, yuan a unit: low, reference, high, where from. The two of the
# Wuhan study are proposals of 2018; the rest are public tariffs and quotes, low confidence.
CATALOGUE = (
    ("patent_invention", "件", 4000, 5000, 8000, "Wuhan study 2018, proposed fixed fee"),
    ("hightech_certification", "项", 25000, 30000, 35000, "Wuhan study 2018, proposed fixed fee"),
    ("patent_utility", "件", 1500, 2200, 3500, "agency quotes 2022-2025, low confidence"),
    ("patent_design", "件", 1000, 1500, 2000, "agency quotes, undated, low confidence"),
    ("trademark", "件", 800, 1400, 1800, "official fee plus agency quote, low confidence"),
    ("software_copyright", "件", 400, 700, 1000, "agency quotes 2025, low confidence"),
    ("novelty_search", "份", 500, 1100, 2000, "agency quotes 2025, low confidence"),
    ("testing", "项", 800, 1500, 2500, "metrology institute tariff, low confidence"),
)  # fmt: skip


def mark_parties(
    drafts: pd.DataFrame, enterprises: pd.DataFrame, margins: Margins, rng: np.random.Generator
) -> None:
    """Lets the parties show what their claims' mechanisms say of them; in place."""
    first_day = drafts.groupby("enterprise")["day"].min()
    shells = drafts.loc[drafts["shell"].astype(bool), "enterprise"].unique()
    age = rng.integers(15, 150, len(shells)).astype("timedelta64[D]")
    enterprises.loc[shells, "founded_on"] = first_day[shells].to_numpy() - age
    enterprises.loc[shells, "employees"] = rng.integers(1, 4, len(shells))
    enterprises.loc[shells, "rd_employees"] = 0
    enterprises.loc[
        drafts.loc[drafts["no_rd"].astype(bool), "enterprise"].unique(), "rd_employees"
    ] = 0
    large = drafts.loc[drafts["too_large"].astype(bool), "enterprise"].unique()
    near = margins.revenue_max * rng.uniform(0.981, 0.9995, len(large))
    enterprises.loc[large, "annual_revenue"] = np.round(near, -3)
    stolen = drafts[drafts["hijack"] > 0].drop_duplicates("enterprise")
    account = ids.accounts(rng, int(stolen["hijack"].max()) + 1 if len(stolen) else 0)
    enterprises.loc[stolen["enterprise"], "bank_account"] = account[stolen["hijack"].to_numpy()]
    enterprises.loc[stolen["enterprise"], "email"] = np.char.add(
        np.char.add("xm", rng.integers(0, len(enterprises), len(stolen)).astype(str)),
        "@mail.example",
    )
    # nobody buys before being founded: enterprises that would are older
    founded = enterprises.loc[first_day.index, "founded_on"].to_numpy()
    late = first_day.index[first_day.to_numpy() <= founded]
    older = rng.integers(60, 1500, len(late)).astype("timedelta64[D]")
    enterprises.loc[late, "founded_on"] = first_day[late].to_numpy() - older


def relations(
    drafts: pd.DataFrame, enterprises: pd.DataFrame, institutions: pd.DataFrame, margins: Margins,
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    """Owners of every enterprise as salted codes; related pairs have one person on both sides."""
    n = len(enterprises)
    rows = pd.DataFrame(
        {
            "party_id": enterprises["enterprise_id"], "person_id": [f"ps{k:07d}" for k in range(n)],
            "role": "shareholder", "share": np.round(rng.uniform(0.3, 1.0, n), 2),
        }
    )  # fmt: skip
    directors = pd.DataFrame(
        {
            "party_id": institutions["institution_id"],
            "person_id": [f"pd{k:07d}" for k in range(len(institutions))],
            "role": "executive", "share": np.nan,
        }
    )  # fmt: skip
    pairs = drafts.loc[
        drafts["related"].astype(bool), ["enterprise", "institution"]
    ].drop_duplicates()
    both = pd.DataFrame(
        {
            "party_id": enterprises["enterprise_id"].to_numpy()[pairs["enterprise"]],
            "person_id": [f"pd{k:07d}" for k in pairs["institution"]],
            "role": "shareholder", "share": np.round(rng.uniform(0.26, 0.6, len(pairs)), 2),
        }
    )  # fmt: skip
    joined = pd.concat(
        [
            rows,
            directors,
            both,
            _small_links(enterprises, institutions, rng, margins),
        ],
        ignore_index=True,
    )
    joined["since_on"] = pd.Timestamp(margins.starts_on) - pd.Timedelta(days=300)
    joined["until_on"] = pd.NaT
    return joined


def _small_links(
    enterprises: pd.DataFrame,
    institutions: pd.DataFrame,
    rng: np.random.Generator,
    margins: Margins,
) -> pd.DataFrame:
    """Honest links: people of an institution who hold a little of some enterprise."""
    share = 0.0 if margins.related_excluded else margins.nuisance.small_holdings_share
    some = np.flatnonzero(rng.random(len(enterprises)) < share)
    return pd.DataFrame(
        {
            "party_id": enterprises["enterprise_id"].to_numpy()[some],
            "person_id": [f"pd{k:07d}" for k in rng.integers(0, len(institutions), len(some))],
            "role": "shareholder", "share": np.round(rng.uniform(0.02, 0.2, len(some)), 2),
        }
    )  # fmt: skip


def market_prices(margins: Margins) -> pd.DataFrame:
    """The catalogue's lines for the services this programme pays, for its own region."""
    names = ["service_type", "unit", "low", "reference", "high", "source"]
    frame = pd.DataFrame(CATALOGUE, columns=names)
    for column in ("low", "reference", "high"):
        frame[column] = (frame[column] * margins.price_level).round(2)
    units = {line.code: line.unit for line in margins.lines}
    frame = frame[frame["unit"] == frame["service_type"].map(units)].reset_index(drop=True)
    frame["region"] = margins.zh if len(margins.places) == 1 else None
    frame["valid_from"] = pd.Timestamp(margins.starts_on.year, 1, 1)
    return frame


def sanctions(
    enterprises: pd.DataFrame, margins: Margins, rng: np.random.Generator
) -> pd.DataFrame:
    """A few old entries that have ended: a negative list must forget in time."""
    chosen = rng.choice(
        len(enterprises), min(max(3, len(enterprises) // 400), len(enterprises)), replace=False
    )
    starts = pd.Timestamp(margins.starts_on.year - 4, 5, 1)
    seal = margins.places[0].seal
    return pd.DataFrame(
        {
            "party_id": enterprises["enterprise_id"].to_numpy()[chosen],
            "starts_on": starts, "ends_on": starts + pd.DateOffset(years=3, days=-1),
            "reason": "逾期未提交验收材料", "authority": "市科技局",
            "document_no": [f"{seal}〔{starts.year}〕{k}号" for k in range(1, len(chosen) + 1)],
        }
    )  # fmt: skip


def compared_with_published(
    drafts: pd.DataFrame, enterprises: pd.DataFrame, institutions: pd.DataFrame, vouchers: pd.DataFrame,
    margins: Margins, scale: float,
) -> dict[str, tuple[float, float]]:  # fmt: skip
    """Published (scaled) and simulated figures side by side; nothing that is only assumed."""
    family = np.array([line.family for line in margins.lines])[drafts["service"]]
    claimed = drafts["claimed"].groupby(family).sum() / drafts["claimed"].sum()
    count = pd.Series(family).value_counts(normalize=True)
    active = drafts["institution"].nunique()
    figures = {
        "services": (margins.services * scale, len(drafts)),
        "voucher holders": (margins.holders * scale, len(enterprises)),
        "users": (margins.users * scale, drafts["enterprise"].nunique()),
        "institutions": (margins.institutions * scale, len(institutions)),
        "active institutions": (margins.active_institutions * scale, active),
        "redeemed yuan": (margins.redeemed_yuan * scale, float(drafts["claimed"].sum())),
    }
    if margins.issued_yuan is not None:
        figures["issued yuan"] = (margins.issued_yuan * scale, float(vouchers["face_value"].sum()))
    if margins.cells:
        figures.update(_by_cell(drafts, enterprises, margins, scale))
    if margins.contracts_yuan is not None:
        worth = float(drafts["contract"].sum())
        figures["contracts yuan"] = (margins.contracts_yuan * scale, worth)
    category = institutions["category"].to_numpy()[drafts["institution"]]
    for name, (by_count, by_amount) in margins.by_category.items():
        of_category = category == name
        paid = drafts["claimed"].to_numpy()
        figures[f"{name}, share of services"] = (by_count, float(of_category.mean()))
        figures[f"{name}, share of amount"] = (
            by_amount,
            float(paid[of_category].sum() / paid.sum()),
        )
    for name, (by_count, by_amount) in margins.families.items():
        figures[f"{name}, share of services"] = (by_count, float(count.get(name, 0.0)))
        if not np.isnan(by_amount):  # some programmes published counts alone
            figures[f"{name}, share of amount"] = (by_amount, float(claimed.get(name, 0.0)))
    return {k: v for k, v in figures.items() if margins.published and k not in margins.assumed}


def _by_cell(
    drafts: pd.DataFrame, enterprises: pd.DataFrame, margins: Margins, scale: float
) -> dict[str, tuple[float, float]]:
    """Yuan by place and period of payment."""
    place = enterprises["region"].to_numpy()[drafts["enterprise"]]
    paid, yuan = drafts["paid_day"], drafts["claimed"]
    figures: dict[str, tuple[float, float]] = {}
    for name, first, last, published in margins.cells:
        in_cell = (place == name) & (paid >= pd.Timestamp(first)) & (paid <= pd.Timestamp(last))
        period = f"{first.year}" if first.year == last.year else f"{first.year}-{last.year}"
        figures[f"{name} {period}, yuan"] = (round(published * scale), float(yuan[in_cell].sum()))
    return figures
