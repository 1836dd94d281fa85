"""The paper trail: every table of the data contract written from settled drafts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fraud_pipeline.core.time_zone import TIME_ZONE
from fraud_pipeline.simulate.fraud.money_trail import days, payments
from fraud_pipeline.simulate.world import identities as ids
from fraud_pipeline.simulate.world import vouchers
from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.texts import (
    STANDARD_FORM,
    STANDARD_REPORTS,
    bare_reports,
    contract_texts,
    report_texts,
)

_KIND = {
    "patent_invention": "patent_application", "patent_utility": "patent_application",
    "patent_design": "patent_application", "trademark": "trademark",
    "software_copyright": "copyright", "hightech_certification": "certificate",
    "testing": "test_report", "novelty_search": "novelty_report",
}  # fmt: skip
OWN_FORM = 1_000_000  # from here on template numbers are institutions' own forms
_PATENT = {"patent_invention": 1, "patent_utility": 2, "patent_design": 3}


def write_papers(
    drafts: pd.DataFrame,
    enterprises: pd.DataFrame,
    institutions: pd.DataFrame,
    margins: Margins,
    rng: np.random.Generator,
) -> dict[str, pd.DataFrame]:
    """claims, contracts, payments, invoices and deliverables of the drafts."""
    n = len(drafts)
    number = np.arange(1, n + 1)
    line = drafts["service"].to_numpy()
    plain = np.array([service.titles[0] for service in margins.lines], dtype=object)[line]
    d = drafts.assign(
        claim_id=[f"C{k:07d}" for k in number],
        contract_id=[f"HT{k:07d}" for k in rng.permutation(number)],
        ent=enterprises["enterprise_id"].to_numpy()[drafts["enterprise"]],
        inst=institutions["institution_id"].to_numpy()[drafts["institution"]],
        prompt=institutions["prompt"].to_numpy()[drafts["institution"]],
        own_form=institutions["own_form"].to_numpy()[drafts["institution"]],
        code=np.array(margins.codes)[line],
        unit=np.array([service.unit for service in margins.lines])[line],
        titled=drafts["title"].fillna(pd.Series(plain, index=drafts.index)),
    )
    d["taken_from"] = _earlier(d, rng)
    _date(d, margins, rng)
    return {
        "claims": _claims(d, enterprises, margins, rng),
        "contracts": _contracts(d, margins, rng),
        "payments": payments(d, enterprises, institutions, margins.nuisance.refund, rng),
        "invoices": _invoices(d, margins, rng),
        "deliverables": _deliverables(d, rng),
    }


def _date(d: pd.DataFrame, margins: Margins, rng: np.random.Generator) -> None:
    """Signing, service and invoice days, counted back from the filing day; in place."""
    n = len(d)
    d["end"] = days(d["day"], -rng.integers(3, 30, n))
    usual = pd.Series(rng.integers(12, 120, n), index=d.index)
    d["start"] = days(d["end"], -d["service_days"].fillna(usual))
    # nothing begins before the programme does
    d["start"] = d["start"].clip(lower=pd.Timestamp(margins.starts_on) - pd.Timedelta(days=35))
    d["end"] = d["end"].where(d["end"] > d["start"], days(d["start"], np.ones(n)))
    d["signed"] = days(d["start"], -rng.integers(0, 8, n))
    lag = d["invoice_lag"].fillna((d["end"] - d["signed"]).dt.days - rng.integers(0, 12, n))
    d["invoiced"] = days(d["signed"], lag.clip(lower=-30).to_numpy())
    missing_lag = d["invoice_lag"].isna()
    d["invoiced"] = d["invoiced"].where(~missing_lag | (d["invoiced"] >= d["signed"]), d["end"])


def _claims(
    d: pd.DataFrame, enterprises: pd.DataFrame, margins: Margins, rng: np.random.Generator
) -> pd.DataFrame:
    n = len(d)
    device = d["device"].where(d["device"].notna(), [f"DV-{k:05d}" for k in d["enterprise"]])
    reports = report_texts(rng, d["titled"].to_numpy(), d["template"].to_numpy())
    reports = np.where(d["bare"], bare_reports(rng, n), reports)
    usual = (d["template"].to_numpy() == 0) & ~d["bare"].to_numpy(dtype=bool)
    usual &= rng.random(n) < margins.nuisance.standard_text
    forms = np.array(STANDARD_REPORTS, dtype=object)[rng.integers(0, len(STANDARD_REPORTS), n)]
    reports = np.where(usual, forms, reports)
    paid = d["paid_day"].fillna(pd.Series(days(d["day"], rng.integers(60, 200, n))))
    holder = np.where(d["voucher_of"] >= 0, d["voucher_of"], d["enterprise"])
    return pd.DataFrame(
        {
            "claim_id": d["claim_id"], "programme": margins.pack or margins.programme, "enterprise_id": d["ent"],
            "institution_id": d["inst"], "service_type": d["code"], "contract_amount": d["contract"],
            "claimed_amount": d["claimed"], "submitted_on": d["day"], "redeemer": margins.redeemer,
            "voucher_id": vouchers.of_claims(d, holder, margins), "voucher_used": d["used"],
            "contract_id": d["contract_id"], "quantity": d["quantity"].astype(float),
            "unit": d["unit"], "service_title": d["titled"],
            "service_start_on": d["start"], "service_end_on": d["end"],
            "confirmed_at": _confirmed(d, rng),
            "confirmed_by": [f"确认人{k}" for k in d["institution"]],
            "agent_id": _agents(d, margins, rng),
            "contact_phone": _missing(rng, enterprises["phone"].to_numpy()[d["enterprise"]],
                                      margins.nuisance.empty_cells),
            "device_id": _missing(rng, device.to_numpy(), margins.nuisance.empty_cells),
            "report_text": _missing(rng, reports, 1.0 - margins.text_share),
            "status": "已兑付", "paid_amount": d["claimed"], "paid_on": paid,
            "reviewer_id": _reviewers(d, margins, rng),
        }
    )  # fmt: skip


def _confirmed(d: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
    """When the institution confirmed: within days of the claim, in office hours."""
    n = len(d)
    usual = pd.Series(rng.integers(0, 6, n), index=d.index)
    usual = usual.mask(d["prompt"].to_numpy(dtype=bool), 0)
    day = days(d["day"], d["confirm_days"].fillna(usual).to_numpy())
    early = d["early_confirm"].to_numpy(dtype=bool)
    day = day.mask(early, days(d["end"], -rng.integers(2, 9, n)))
    minute = pd.to_timedelta(rng.integers(8 * 60, 18 * 60, n), unit="min")
    return (day + minute).dt.tz_localize(TIME_ZONE)


def _agents(d: pd.DataFrame, margins: Margins, rng: np.random.Generator) -> np.ndarray:
    """Some honest claims come through an agent; a few agents are busy."""
    n = len(d)
    agents = margins.nuisance.agents
    number = 1 + np.floor((agents - 1) * rng.random(n) ** 2).astype(int)
    through = rng.random(n) < margins.nuisance.agent_share
    honest = np.where(through, _numbered_ids("AG-{:03d}", number, agents), None)
    return np.where(d["agent"].notna(), d["agent"], honest)


def _reviewers(d: pd.DataFrame, margins: Margins, rng: np.random.Generator) -> np.ndarray:
    """Half of the claims go to the reviewer in charge of the institution, half to anybody."""
    n = len(d)
    reviewers = margins.nuisance.reviewers
    in_charge = 1 + d["institution"].to_numpy() * 7 % reviewers
    keeps = rng.random(n) < margins.nuisance.reviewer_in_charge
    number = np.where(keeps, in_charge, rng.integers(1, reviewers + 1, n))
    number = np.where(d["reviewer"] > 0, d["reviewer"], number).astype(int)
    return _numbered_ids("SH{:02d}", number, reviewers + 1)


def _numbered_ids(pattern: str, number: np.ndarray, n: int) -> np.ndarray:
    return np.array([pattern.format(k) for k in range(n + 1)], dtype=object)[number]


def _contracts(d: pd.DataFrame, margins: Margins, rng: np.random.Generator) -> pd.DataFrame:
    technology = d["code"].str.startswith("technology_").to_numpy()
    head = f"{margins.ends_on.year - 1}{margins.places[0].division}"
    registered = np.where(technology, [f"{head}{k:06d}" for k in rng.permutation(len(d))], None)
    texts = _wordings(d, margins, rng)
    return pd.DataFrame(
        {
            "contract_id": d["contract_id"], "enterprise_id": d["ent"], "institution_id": d["inst"],
            "service_type": d["code"], "amount": np.round(d["contract"] / d["inflated"], 2),
            "signed_on": d["signed"], "starts_on": d["start"], "ends_on": d["end"],
            "registration_no": registered,
            "text": _missing(rng, texts, 1.03 - margins.text_share),
        }
    )  # fmt: skip


def _wordings(d: pd.DataFrame, margins: Margins, rng: np.random.Generator) -> np.ndarray:
    """Contract texts: some on the public standard form, some institutions have their own form."""
    own = d["own_form"].to_numpy(dtype=bool) & (rng.random(len(d)) < 0.5)
    template = d["template"].to_numpy()
    template = np.where(own & (template == 0), OWN_FORM + d["institution"].to_numpy(), template)
    texts = contract_texts(rng, d["titled"].to_numpy(), template, margins.zh)
    standard = (template == 0) & (rng.random(len(d)) < margins.nuisance.standard_text)
    return np.where(standard, STANDARD_FORM, texts)


def _invoices(d: pd.DataFrame, margins: Margins, rng: np.random.Generator) -> pd.DataFrame:
    n = len(d)
    block = rng.integers(
        10**6, 9 * 10**7, int(d["institution"].max()) + 1
    )  # a seller's number range
    in_order = d.groupby("institution").cumcount().to_numpy()
    number = (block[d["institution"]] + in_order * 3 + 1).astype(str)
    number = np.char.zfill(number, 8)
    code = np.array([f"0420016{k % 99999:05d}" for k in d["institution"]])
    again = d["reused"].to_numpy(dtype=bool)
    number[again], code[again] = number[d["taken_from"][again]], code[d["taken_from"][again]]
    goods = d["goods"].to_numpy(dtype=bool) | (
        rng.random(n) < margins.nuisance.goods_rate
    )  # now and then a slip
    rate = np.where(goods, goods_rate(d["invoiced"]), 0.06)
    return pd.DataFrame(
        {
            "invoice_no": number, "invoice_code": code,
            "contract_id": d["contract_id"], "seller_id": d["inst"], "buyer_id": d["ent"],
            "amount": np.round(d["contract"] * d["invoice_share"], 2), "issued_on": d["invoiced"],
            "tax_rate": rate,
            "item": d["titled"], "status": d["invoice_status"].fillna(
                pd.Series(np.where(rng.random(n) < margins.nuisance.spoiled_invoice, "红冲", "正常"), index=d.index)),
        }
    )  # fmt: skip


def goods_rate(issued: pd.Series) -> np.ndarray:
    """VAT on goods: 17 %, from May 2018 16 %, from April 2019 13 %."""
    later = np.where(issued >= pd.Timestamp(2019, 4, 1), 0.13, 0.16)
    return np.where(issued < pd.Timestamp(2018, 5, 1), 0.17, later)


def _deliverables(d: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    year = d["end"].dt.year.to_numpy().astype(np.int64)
    kind = np.array([_KIND.get(c, "report") for c in d["code"]])
    reference = np.char.add(
        np.char.add("BG", year.astype(str)), rng.permutation(10**6 + len(d))[: len(d)].astype(str)
    )
    for code, number in _PATENT.items():
        of_kind = (d["code"] == code).to_numpy()
        reference[of_kind] = ids.patent_numbers(rng, year[of_kind], number)
    again = d["reused"].to_numpy(dtype=bool)
    reference[again] = reference[d["taken_from"][again]]
    return pd.DataFrame(
        {
            "deliverable_id": [f"J{k:07d}" for k in range(len(d))], "claim_id": d["claim_id"],
            "kind": kind, "reference_no": reference, "issued_on": d["end"], "text": None,
        }
    )  # fmt: skip


def _earlier(d: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """For each row an earlier one whose papers could be handed in again: the same
    institution's if it has one, for a paper names its seller. Drafts are in order of date.
    """
    before = d.groupby("institution").cumcount().to_numpy()
    rows = pd.Series(np.arange(len(d)), index=d.index)
    same_seller = rows.groupby(d["institution"]).shift(1, fill_value=0)
    anyone = np.floor(np.arange(len(d)) * rng.random(len(d))).astype(int)
    return np.where(before > 0, same_seller.to_numpy(), anyone)


def _missing(rng: np.random.Generator, values: np.ndarray, share: float) -> np.ndarray:
    """Some cells empty, at random: missingness must not tell honest from planted."""
    return np.where(rng.random(len(values)) < share, None, values.astype(object))
