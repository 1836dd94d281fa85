"""The rules of :mod:`benchmarks._full_script`: an answer for every claim and rule, in pandas.

The same 54 questions as the product's night, most of them in one to five lines. Law is that of the
Wuhan pack, written in as an analyst of one programme would: what the pack leaves unknown (L16 to
L26, L28, L29) cannot be judged, as in the product. Simpler than the product: document numbers
repeat only when equal after evening out (T16 has no near numbers), no innocent explanation by
customary clauses (T01), no dated law, links through third parties left out (T18).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks import _full_conduct as conduct
from benchmarks._full_sheet import FILINGS, SILENT, Sheet
from benchmarks._plain_ties import Frames

SERVICES = [*FILINGS, "hightech_certification", "novelty_search", "testing", "incubation",
            "technology_development", "technology_transfer", "technology_consulting",
            "technology_service"]  # fmt: skip
CATEGORIES = ["university", "research_institute", "industrial_research_institute", "incubator",
              "statutory_testing", "ip_agency", "hightech_engineering_centre"]  # fmt: skip
TOWN = "武汉|4201|江岸|江汉|硚口|汉阳|武昌|青山|洪山|东西湖|汉南|蔡甸|江夏|黄陂|新洲|东湖|光谷|沌口|[Ww]uhan"
GOODS = (
    "采购|购置|购买|设备销售|服务器|电脑|打印机|办公家具|硬件|耗材|原材料|培训费|代理记账|代记账"
)
ACQUIT = "租赁|使用费|检测|测试|共享|校准|维护"
STATUTORY = "强制检定|强制检验|法定检验|年检|年审|周期检定|定期检验|强制性认证|首次检定"
LEAST_DAYS = {"technology_development": 7, "technology_transfer": 5, "technology_service": 3,
              "hightech_certification": 5, "patent_invention": 3, "patent_utility": 2,
              "testing": 2}  # fmt: skip


def judge(f: Frames, near: pd.DataFrame) -> Sheet:
    """Every rule asked of every claim; ``near`` are the best matches of :func:`near_texts`."""
    sheet = Sheet(f)
    _limits(sheet)
    _papers(sheet)
    conduct.behaviour(sheet, near)
    conduct.parties(sheet)
    for code in SILENT:
        sheet.put(code, False, known=False)
    return sheet


def _limits(s: Sheet) -> None:
    c, v = s.c, s.f["vouchers"].sort_values(["issued_on", "voucher_id"])
    both = v.sort_values(["enterprise_id", "issued_on"], kind="stable")
    got = both.set_index("issued_on").groupby("enterprise_id")["face_value"].rolling("730D").sum()
    cap = pd.Series(got.to_numpy(), index=both["voucher_id"]).reindex(c["voucher_id"]).to_numpy()
    s.put("L01", cap > 150_000, cap, 150_000, ~np.isnan(cap))
    share = c["voucher_used"] / c["contract_amount"]
    s.put("L02", share > 0.5 + 1e-9, share, 0.5, share.notna())
    multiple = c["claimed_amount"] / c["voucher_used"]
    s.put("L03", multiple > 1.1 + 1e-6, multiple, 1.1, multiple.notna())
    s.put(
        "L04",
        c["redeemer"].ne("institution"),
        c["redeemer"].ne("institution"),
        0,
        c["redeemer"].notna(),
    )
    s.put("L05", c["k_amount"].isna(), c["k_amount"].isna(), 0)
    s.put(
        "L06",
        c["e_annual_revenue"] > 2e7,
        c["e_annual_revenue"],
        2e7,
        c["e_annual_revenue"].notna(),
    )
    fit = c["e_qualifications"].fillna("").str.contains("hightech_ent|advanced_serv|incubated")
    fit |= c["e_incubator_id"].notna()
    s.put("L07", ~fit, fit, 1, c["e_enterprise_id"].notna())
    for code, mark in (("L08", "e"), ("L15", "i")):
        place = c[f"{mark}_region"].fillna("") + c[f"{mark}_address"].fillna("")
        s.put(code, ~place.str.contains(TOWN), place.str.contains(TOWN), 1, place.ne(""))
    s.put("L09", ~c["i_category"].isin(CATEGORIES), 0, 0, c["i_category"].notna())
    s.put("L10", ~c["service_type"].isin(SERVICES), 0, 0, c["service_type"].notna())
    early = (pd.Timestamp("2015-03-01") - c["submitted_on"]).dt.days
    s.put("L11", early > 0, early.clip(lower=0), 0)
    barred = np.zeros(len(c))
    for party in ("enterprise_id", "institution_id"):
        b = s.f["sanctions"].merge(
            c[["claim_id", party, "submitted_on"]], left_on="party_id", right_on=party
        )
        b = b[(b["submitted_on"] >= b["starts_on"]) & ~(b["submitted_on"] > b["ends_on"])]
        barred += c["claim_id"].isin(b["claim_id"])
    s.put("L12", barred > 0, barred, 0)
    run = v.assign(run=v.groupby(v["issued_on"].dt.year)["face_value"].cumsum())
    run = run.set_index("voucher_id")["run"].reindex(c["voucher_id"]).to_numpy()
    s.put("L13", run > 3e7, run, 3e7, ~np.isnan(run))
    used = c.groupby("voucher_id")["voucher_used"].cumsum()
    late = c["submitted_on"] > c["v_expires_on"]
    s.put("L14", (used > c["v_face_value"]) | late, used, c["v_face_value"], used.notna())
    left = (c["v_expires_on"] - c["submitted_on"]).dt.days
    s.put("T03", left.between(0, 15) & (used == c["v_face_value"]), left, 15, left.notna())
    s.put("T24", c["e_annual_revenue"].between(0.98 * 2e7, 2e7), c["e_annual_revenue"] / 2e7, 0.98,
          c["e_annual_revenue"].notna())  # fmt: skip
    idle = v[~v["voucher_id"].isin(c["voucher_id"]) & (v["expires_on"] < c["submitted_on"].max())]
    idle = idle.groupby("enterprise_id").size().reindex(c["enterprise_id"]).fillna(0).to_numpy()
    s.put("T08", idle > 0, idle, 0)
    year = c.groupby([c["submitted_on"].dt.year, "enterprise_id"])["claimed_amount"].transform(
        "sum"
    )
    part = year / c.groupby(c["submitted_on"].dt.year)["claimed_amount"].transform("sum")
    s.put("T09", (part > 0.2) & c["k_amount"].isna(), part, 0.2)


def _papers(s: Sheet) -> None:
    c, bills, pays = s.c, s.f["invoices"], s.f["payments"]
    contract = c["contract_id"]
    mine = bills.merge(
        c[["claim_id", "contract_id", "contract_amount", "institution_id", "enterprise_id"]],
        on="contract_id",
    )
    void = mine["status"].isin(["作废", "红冲"])
    mine = mine.assign(void=mine["amount"].where(void, 0), good=mine["amount"].where(~void, 0),
                       foreign=mine["seller_id"].ne(mine["institution_id"]) | mine["buyer_id"].ne(mine["enterprise_id"]),
                       goods=mine["tax_rate"].isin([0.13, 0.16, 0.17]))  # fmt: skip
    sums = (
        mine.groupby("claim_id")[["void", "good", "foreign", "goods"]]
        .sum()
        .reindex(c["claim_id"])
        .reset_index()
    )
    missing = np.minimum(sums["void"], c["contract_amount"] - sums["good"]).clip(lower=0)
    measured = missing.where(missing > 0, sums["foreign"])
    s.put("T21", measured > 0, measured, 0, sums["void"].notna())
    items = bills.drop_duplicates("contract_id").set_index("contract_id")["item"].reindex(contract)
    words = c["service_title"].fillna("") + "、" + items.fillna("").to_numpy()
    goods = (words.str.contains(GOODS) & ~words.str.contains(ACQUIT)).astype(int) + (
        sums["goods"] > 0
    )
    s.put("T07", goods > 0, goods, 0, words.ne("、"))
    s.put("T22", words.str.contains(STATUTORY), words.str.contains(STATUTORY), 0, words.ne("、"))
    to = pays.merge(
        c[["contract_id", "enterprise_id", "institution_id"]].drop_duplicates("contract_id"),
        on="contract_id",
    )
    to = to[to["payee_id"].eq(to["institution_id"])]
    paid = to.groupby("contract_id")["amount"].sum().reindex(contract).to_numpy()
    strange = to[to["payer_id"].ne(to["enterprise_id"])].groupby("contract_id")["amount"].sum()
    other = np.nan_to_num(strange.reindex(contract).to_numpy() / paid)
    held = c["v_enterprise_id"].notna() & c["v_enterprise_id"].ne(c["enterprise_id"])
    s.put(
        "T05",
        held | (other >= 0.5),
        np.where(held, 1.0, other),
        np.where(held, 0, 0.5),
        c["v_enterprise_id"].notna(),
    )
    back = _money_back(c, pays)
    share = np.divide(back, paid, out=np.full(len(c), np.nan), where=paid > 0)
    s.put("T14", (share >= 0.1) & (back > 0), share, 0.1, ~np.isnan(paid))
    gap = (c["contract_amount"] - c["k_amount"]).abs() / c[["contract_amount", "k_amount"]].min(
        axis=1
    )
    s.put(
        "T11",
        (gap > 0.01) | (c["k_service_type"].notna() & c["k_service_type"].ne(c["service_type"])),
        gap,
        0.01,
        gap.notna(),
    )
    s.c["reused"] = _used_before(c, s.f)
    s.put("T16", s.c["reused"] > 0, s.c["reused"], 0)
    first = bills.groupby("contract_id")["issued_on"].min().reindex(contract).to_numpy()
    given = s.f["deliverables"]
    given = (
        given[given["kind"].isin(["test_report", "novelty_report", "report"])]
        .groupby("claim_id")["issued_on"]
        .min()
    )
    signed, days = c["k_signed_on"], np.timedelta64(1, "D")
    faults = pd.DataFrame({
        "invoiced": (signed - first) / days - 2, "delivered": (signed - s.by_claim(given)) / days - 2,
        "signed": (signed - c["submitted_on"]) / days - 2,
        "reversed": (c["service_start_on"] - c["service_end_on"]) / days,
        "ended": (c["service_end_on"] - c["submitted_on"]) / days - 2,
        "hasty": c["service_type"].map(LEAST_DAYS) - (c["service_end_on"] - c["service_start_on"]) / days,
    }).max(axis=1)  # fmt: skip
    s.put("T19", faults > 0, faults, 0, faults.notna())


def _money_back(c: pd.DataFrame, pays: pd.DataFrame) -> np.ndarray:
    """Yuan that came back from a claim's institution, directly or through one party in 60 days."""
    pair = c[["enterprise_id", "institution_id"]].drop_duplicates()
    names = {"payer_id": "institution_id", "payee_id": "enterprise_id"}
    direct = pays.rename(columns=names).merge(pair, on=["institution_id", "enterprise_id"])
    out = pays[
        pays["payer_id"].isin(pair["institution_id"]) & pays["payee_id"].isin(pays["payer_id"])
    ]
    onward = pays[pays["payee_id"].isin(pair["enterprise_id"])
                  & ~pays["payer_id"].isin(pair["institution_id"])]  # fmt: skip
    hop = out.merge(onward, left_on="payee_id", right_on="payer_id", suffixes=("", "_on"))
    hop = hop[(hop["amount_on"] <= hop["amount"])
              & (hop["paid_on_on"] - hop["paid_on"]).dt.days.between(0, 60)]  # fmt: skip
    hop = hop.assign(
        institution_id=hop["payer_id"], enterprise_id=hop["payee_id_on"], amount=hop["amount_on"]
    )
    both = pd.concat([direct, hop.merge(pair, on=["institution_id", "enterprise_id"])])
    total = both.groupby(["enterprise_id", "institution_id"])["amount"].sum()
    at = pd.MultiIndex.from_frame(c[["enterprise_id", "institution_id"]])
    return np.nan_to_num(total.reindex(at).to_numpy())


def _used_before(c: pd.DataFrame, f: Frames) -> np.ndarray:
    """Document numbers of each claim that an earlier claim of another contract already used."""
    owner = c[["claim_id", "contract_id", "submitted_on"]]
    bills = f["invoices"].assign(
        number=lambda t: "I" + t["invoice_code"].fillna("") + "/" + t["invoice_no"]
    )
    given = (
        f["deliverables"].dropna(subset=["reference_no"]).rename(columns={"reference_no": "number"})
    )
    agreed = (
        f["contracts"]
        .dropna(subset=["registration_no"])
        .rename(columns={"registration_no": "number"})
    )
    parts = [bills[["contract_id", "number"]].merge(owner, on="contract_id"),
             given[["claim_id", "number"]].merge(owner, on="claim_id"),
             agreed[["contract_id", "number"]].merge(owner, on="contract_id")]  # fmt: skip
    docs = pd.concat(parts).dropna(subset=["number"])
    docs["number"] = docs["number"].str.upper().str.replace(r"[^0-9A-Z/]", "", regex=True)
    docs = docs[docs["number"].str.len() >= 8].sort_values(["submitted_on", "claim_id"])
    first = docs.groupby("number")["contract_id"].transform("first")
    again = docs[first.ne(docs["contract_id"])].groupby("claim_id")["number"].nunique()
    counted: np.ndarray = again.reindex(c["claim_id"]).fillna(0).to_numpy()
    return counted
