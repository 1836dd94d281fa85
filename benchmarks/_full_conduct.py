"""The red flags of :mod:`benchmarks._full_script` that look at conduct and parties."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks._full_sheet import FILINGS, Sheet


def behaviour(s: Sheet, near: pd.DataFrame) -> None:
    c = s.c
    alike = np.nan_to_num(s.by_claim(near["similarity"]))
    s.put("T01", alike >= 0.9, alike, 0.9, c["report_text"].notna() | c["k_text"].notna())
    filed = c[c["service_type"].isin(FILINGS)].sort_values(
        ["enterprise_id", "submitted_on"], kind="stable"
    )
    one = filed.set_index("submitted_on").groupby("enterprise_id")["quantity"]
    rolled = pd.Series(one.rolling("91D").sum().to_numpy(), index=filed.index)
    rolled = rolled.groupby([filed["enterprise_id"], filed["submitted_on"]]).transform("max")
    usual = max(30.0, rolled.groupby(filed["enterprise_id"]).max().quantile(0.98))
    n = rolled.reindex(c.index)
    s.put("T02", (n > usual) & (n / c["e_employees"].clip(lower=1) >= 0.5), n, usual)
    unit = np.log((c["contract_amount"] / c["quantity"]).where(lambda x: x > 0))
    group = [c["service_type"], c["service_title"], c["unit"]]
    one = unit.groupby(group)
    mid = one.transform("median")
    spread = (one.transform("quantile", 0.75) - one.transform("quantile", 0.25)) / 1.349
    many = (
        c.groupby(["service_type", "service_title", "unit"])["enterprise_id"].transform("nunique")
        >= 6
    )
    line = np.maximum(1.55, np.exp(2.5 * spread))
    s.put("T04", np.exp(unit - mid) > line, np.exp(unit - mid), line, many & (spread <= 0.3))
    poor = c["service_type"].isin(["technology_development", "technology_transfer"]) & c[
        "e_rd_employees"
    ].eq(0)
    s.put("T06", poor, c["e_rd_employees"], 1, c["e_rd_employees"].notna())
    text = c["report_text"].fillna("").str.replace(r"\s", "", regex=True)
    size = text.str.len()
    s.put(
        "T10",
        size.lt(30) & size.gt(0) & ~text.str.contains("[0-9０-９一二三四五六七八九十百]"),
        size,
        30,
        size.gt(0),
    )
    start = c.groupby("enterprise_id")["submitted_on"].transform("min")
    age = (start - c["e_founded_on"]).dt.days
    bare = (c["e_employees"] == 0) | (c["e_rd_employees"] == 0)
    s.put("T15", age.lt(180) & bare, age, 180, age.notna())
    count = np.zeros(len(c))
    for limit in (50_000, 100_000, 200_000):
        part = c[c["contract_amount"].between(0.9 * limit, limit, inclusive="left")]
        key = ["enterprise_id", "institution_id", "service_type"]
        both = part[part.duplicated(key, keep=False)]
        both = both.merge(both, on=key)
        both = both[(both["submitted_on_x"] - both["submitted_on_y"]).abs().dt.days <= 30]
        works = both.groupby("claim_id_x")["contract_id_y"].nunique()
        count = np.maximum(count, np.nan_to_num(s.by_claim(works)))
    s.put("T17", count >= 2, count, 1)
    odd = c[(c["contract_amount"] * 100 % 10_000).round() != 0]
    odd = odd[
        odd.groupby(["institution_id", "contract_amount"])["enterprise_id"].transform("nunique")
        >= 4
    ]
    both = odd.merge(odd, on=["institution_id", "contract_amount"])
    close = both[(both["submitted_on_x"] - both["submitted_on_y"]).abs().dt.days <= 60]
    firms = close.groupby("claim_id_x")["enterprise_id_y"].nunique()
    burst = close.groupby("claim_id_x").size() >= 0.8 * both.groupby("claim_id_x").size()
    same = np.nan_to_num(s.by_claim(firms.where(burst, 1)))
    s.put("T20", same >= 4, same, 4)
    _confirmed(s)


def _confirmed(s: Sheet) -> None:
    c = s.c
    stamp = c.dropna(subset=["confirmed_at"]).sort_values(
        ["institution_id", "confirmed_by", "confirmed_at"]
    )
    at = stamp["confirmed_at"].dt.tz_convert("Asia/Shanghai").dt.tz_localize(None)
    stamp["at"] = at
    bulk = (
        stamp.set_index("at")
        .groupby(["institution_id", "confirmed_by"])["claimed_amount"]
        .rolling("5min")
        .count()
    )
    bulk = (
        pd.Series(bulk.to_numpy(), index=stamp.index)
        .groupby([stamp["institution_id"], stamp["confirmed_by"], at.dt.floor("10min")])
        .transform("max")
        .reindex(c.index)
    )
    early = (c["service_end_on"] - at.dt.normalize().reindex(c.index)).dt.days
    s.put(
        "T26",
        (early > 0) | (bulk > 9),
        early.where(early > 0, bulk),
        np.where(early > 0, 0, 9),
        c["confirmed_at"].notna(),
    )


def parties(s: Sheet) -> None:
    c, f = s.c, s.f
    most = np.zeros(len(c))
    for column in ("contact_phone", "device_id", "agent_id"):
        part = c.dropna(subset=[column])
        firms = part.groupby(column)["enterprise_id"].nunique()
        part = part[part[column].map(firms).between(3, 30)]
        here = (
            part.groupby([column, "institution_id"])
            .agg(n=("claim_id", "size"), firms=("enterprise_id", "nunique"))
            .reset_index()
        )
        here = here.sort_values("n", ascending=False).groupby(column).head(2)
        share = here.groupby(column)["n"].sum() / part.groupby(column).size()
        here = here[(here["firms"] >= 2) & (here[column].map(share) >= 0.7)]
        at = pd.MultiIndex.from_frame(c[[column, "institution_id"]])
        inside = at.isin(pd.MultiIndex.from_frame(here[[column, "institution_id"]]))
        most = np.maximum(most, np.where(inside, c[column].map(firms).fillna(0), 0))
    s.put(
        "T13", most >= 3, most, 3, c[["contact_phone", "device_id", "agent_id"]].notna().any(axis=1)
    )
    firm_ids = f["enterprises"]["enterprise_id"]
    paying = f["payments"][["payer_id", "payer_account"]].set_axis(["firm", "account"], axis=1)
    own = f["enterprises"][["enterprise_id", "bank_account"]].set_axis(["firm", "account"], axis=1)
    account = pd.concat([own, paying[paying["firm"].isin(firm_ids)]]).dropna().drop_duplicates()
    account["n"] = account.groupby("account")["firm"].transform("size")
    worst = (
        account[account["n"] <= 50]
        .groupby("firm")["n"]
        .max()
        .reindex(c["enterprise_id"])
        .to_numpy()
    )
    s.put("T23", worst >= 2, worst, 2, ~np.isnan(worst))
    s.put(
        "T25",
        c["e_incubator_id"].eq(c["institution_id"]),
        c["e_incubator_id"].eq(c["institution_id"]),
        0,
    )
    strength = np.zeros(len(c))
    held = f["relations"].assign(
        share=lambda t: t["share"].where(t["role"].eq("shareholder"), 1.0).fillna(0.05)
    )
    held = held[~held["role"].eq("employee")][["party_id", "person_id", "share"]].drop_duplicates(
        ["party_id", "person_id"]
    )
    link = held.merge(held, on="person_id").assign(
        share=lambda t: t[["share_x", "share_y"]].min(axis=1)
    )
    link = (
        link[link["party_id_x"].ne(link["party_id_y"])]
        .groupby(["party_id_x", "party_id_y"])["share"]
        .max()
    )
    pair = pd.MultiIndex.from_frame(c[["enterprise_id", "institution_id"]])
    strength = np.nan_to_num(link.reindex(pair).to_numpy())
    for column in ("bank_account", "phone", "email"):
        strength = np.where(
            c[f"e_{column}"].notna() & c[f"e_{column}"].eq(c[f"i_{column}"]), 1.0, strength
        )
    namesake = c["e_legal_representative"].eq(c["i_legal_representative"]) & c["e_address"].eq(
        c["i_address"]
    )
    strength = np.where(namesake, 1.0, strength)
    known = c["e_enterprise_id"].notna() & c["i_institution_id"].notna()
    s.put("T18", strength >= 0.25, strength, 0.25, known)
    s.put("L27", (strength >= 0.05) & (strength < 0.25), strength, 0.05, known)
