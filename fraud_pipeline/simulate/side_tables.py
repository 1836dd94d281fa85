"""The tables around the claims: vouchers, relations, price catalogue, negative list."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.margins import SERVICES, Margins

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
    drafts: pd.DataFrame, firms: pd.DataFrame, houses: pd.DataFrame, rng: np.random.Generator
) -> None:
    """Lets the parties show what their claims' mechanisms say of them; in place."""
    first_day = drafts.groupby("enterprise")["day"].min()
    shells = drafts.loc[drafts["shell"].astype(bool), "enterprise"].unique()
    founded = first_day[shells].to_numpy() - rng.integers(15, 70, len(shells)).astype(
        "timedelta64[D]"
    )
    firms.loc[shells, "founded_on"] = founded
    firms.loc[shells, ["employees", "rd_employees"]] = [1, 0]
    large = drafts.loc[drafts["too_large"].astype(bool), "enterprise"].unique()
    firms.loc[large, "annual_revenue"] = np.round(rng.uniform(19.75e6, 19.99e6, len(large)), -3)
    # nobody buys before being founded: honest firms that would are older
    late = first_day.index[
        (first_day.to_numpy() <= firms.loc[first_day.index, "founded_on"].to_numpy())
    ]
    firms.loc[late, "founded_on"] = np.datetime64(date(2014, 10, 1))


def vouchers(
    drafts: pd.DataFrame,
    firms: pd.DataFrame,
    programme: str,
    margins: Margins,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """One electronic voucher account a holder; face values fill the published 60 million."""
    n = len(firms)
    used = drafts.groupby("enterprise")["used"].sum().reindex(range(n), fill_value=0.0).to_numpy()
    face = np.clip(
        np.maximum(np.ceil(used / 5000) * 5000, rng.choice([5e4, 1e5, 1.5e5], n)),
        0,
        margins.cap_yuan,
    )
    first = drafts.groupby("enterprise")["day"].min().reindex(range(n))
    issued = first.fillna(pd.Timestamp(2016, 1, 10)) - pd.to_timedelta(
        rng.integers(40, 160, n), unit="D"
    )
    issued = issued.clip(lower=pd.Timestamp(2015, 3, 2))
    return pd.DataFrame(
        {
            "voucher_id": [f"Q{e:06d}" for e in range(n)],
            "enterprise_id": firms["enterprise_id"], "programme": programme,
            "voucher_class": "流通", "face_value": face, "issued_on": issued,
            "expires_on": pd.Timestamp(2017, 12, 31),
        }
    )  # fmt: skip


def relations(
    drafts: pd.DataFrame, firms: pd.DataFrame, houses: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Owners of every firm as salted codes; related pairs have one person on both sides."""
    n = len(firms)
    rows = pd.DataFrame(
        {
            "party_id": firms["enterprise_id"], "person_id": [f"ps{k:07d}" for k in range(n)],
            "role": "shareholder", "share": np.round(rng.uniform(0.3, 1.0, n), 2),
        }
    )  # fmt: skip
    directors = pd.DataFrame(
        {
            "party_id": houses["institution_id"],
            "person_id": [f"pd{k:07d}" for k in range(len(houses))],
            "role": "executive", "share": np.nan,
        }
    )  # fmt: skip
    pairs = drafts.loc[
        drafts["related"].astype(bool), ["enterprise", "institution"]
    ].drop_duplicates()
    both = pd.DataFrame(
        {
            "party_id": firms["enterprise_id"].to_numpy()[pairs["enterprise"]],
            "person_id": [f"pd{k:07d}" for k in pairs["institution"]],
            "role": "shareholder", "share": np.round(rng.uniform(0.26, 0.6, len(pairs)), 2),
        }
    )  # fmt: skip
    joined = pd.concat([rows, directors, both], ignore_index=True)
    joined["since_on"] = pd.Timestamp(2014, 6, 1)
    joined["until_on"] = pd.NaT
    return joined


def market_prices() -> pd.DataFrame:
    names = ["service_type", "unit", "low", "reference", "high", "source"]
    frame = pd.DataFrame(CATALOGUE, columns=names)
    frame["region"] = "武汉"
    frame["valid_from"] = pd.Timestamp(2015, 1, 1)
    return frame


def sanctions(firms: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A few old entries that have ended: a negative list must forget in time."""
    chosen = rng.choice(len(firms), min(3, len(firms)), replace=False)
    return pd.DataFrame(
        {
            "party_id": firms["enterprise_id"].to_numpy()[chosen],
            "starts_on": pd.Timestamp(2011, 5, 1), "ends_on": pd.Timestamp(2014, 4, 30),
            "reason": "逾期未提交验收材料", "authority": "市科技局",
            "document_no": [f"武科罚〔2011〕{k}号" for k in range(1, len(chosen) + 1)],
        }
    )  # fmt: skip


def held_against_published(
    drafts: pd.DataFrame, firms: pd.DataFrame, houses: pd.DataFrame, margins: Margins, scale: float
) -> dict[str, tuple[float, float]]:
    """Published (scaled) and simulated figures side by side."""
    family = pd.Series([s.family for s in SERVICES])[drafts["service"]].to_numpy()
    claimed = drafts["claimed"].groupby(family).sum() / drafts["claimed"].sum()
    count = pd.Series(family).value_counts(normalize=True)
    figures = {
        "services": (margins.services * scale, len(drafts)),
        "voucher holders": (margins.holders * scale, len(firms)),
        "users": (margins.users * scale, drafts["enterprise"].nunique()),
        "institutions": (margins.institutions * scale, len(houses)),
        "active institutions": (
            margins.active_institutions * scale,
            drafts["institution"].nunique(),
        ),
        "redeemed yuan": (margins.redeemed_yuan * scale, float(drafts["claimed"].sum())),
    }
    published = {"ip": (0.46, 0.28), "testing": (0.29, 0.16), "technology": (0.20, 0.50),
                 "incubation": (0.05, 0.06)}  # fmt: skip
    for name, (by_count, by_amount) in published.items():
        figures[f"{name}, share of services"] = (by_count, float(count.get(name, 0.0)))
        figures[f"{name}, share of amount"] = (by_amount, float(claimed.get(name, 0.0)))
    return figures
