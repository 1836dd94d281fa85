"""The paper trail: every table of the data contract written from settled drafts."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa

from fraud_pipeline.records import INPUT_TABLES, Kind
from fraud_pipeline.records.schema import TIME_ZONE
from fraud_pipeline.simulate import identities as ids
from fraud_pipeline.simulate.margins import SERVICES
from fraud_pipeline.simulate.words import contract_texts, report_texts

_CODE = np.array([s.code for s in SERVICES])
_UNIT = np.array([s.unit for s in SERVICES])
_TITLE = np.array([s.zh for s in SERVICES])
_KIND = {
    "patent_invention": "patent_application", "patent_utility": "patent_application",
    "patent_design": "patent_application", "trademark": "trademark",
    "software_copyright": "copyright", "hightech_certification": "certificate",
    "testing": "test_report", "novelty_search": "novelty_report",
}  # fmt: skip
_PATENT = {"patent_invention": 1, "patent_utility": 2, "patent_design": 3}


def days(base: pd.Series, lag: np.ndarray) -> pd.Series:
    return base + pd.to_timedelta(lag, unit="D")


def write_papers(
    drafts: pd.DataFrame,
    firms: pd.DataFrame,
    houses: pd.DataFrame,
    programme: str,
    rng: np.random.Generator,
) -> dict[str, pd.DataFrame]:
    """claims, contracts, payments, invoices and deliverables of the drafts."""
    n = len(drafts)
    number = np.arange(1, n + 1)
    d = drafts.assign(
        claim_id=[f"C{k:07d}" for k in number],
        contract_id=[f"HT{k:07d}" for k in rng.permutation(number)],
        ent=firms["enterprise_id"].to_numpy()[drafts["enterprise"]],
        inst=houses["institution_id"].to_numpy()[drafts["institution"]],
        code=_CODE[drafts["service"]],
        titled=drafts["title"].fillna(pd.Series(_TITLE[drafts["service"]], index=drafts.index)),
    )
    d["reused"] = d["reused"].fillna(False).to_numpy(dtype=bool)
    d["taken_from"] = _earlier(d, rng)
    d["end"] = days(d["day"], -rng.integers(3, 30, n))
    d["start"] = days(
        d["end"], -d["service_days"].fillna(pd.Series(rng.integers(12, 120, n), index=d.index))
    )
    d["start"] = d["start"].clip(lower=pd.Timestamp(2015, 3, 9))  # the programme's first days
    d["end"] = d["end"].where(d["end"] > d["start"], days(d["start"], np.ones(n)))
    d["signed"] = days(d["start"], -rng.integers(0, 8, n))
    lag = d["invoice_lag"].fillna(pd.Series((d["end"] - d["signed"]).dt.days - 1, index=d.index))
    d["invoiced"] = days(d["signed"], lag.to_numpy())
    return {
        "claims": _claims(d, firms, programme, rng),
        "contracts": _contracts(d, rng),
        "payments": _payments(d, firms, houses, rng),
        "invoices": _invoices(d, rng),
        "deliverables": _deliverables(d, rng),
    }


def _claims(
    d: pd.DataFrame, firms: pd.DataFrame, programme: str, rng: np.random.Generator
) -> pd.DataFrame:
    n = len(d)
    confirm = days(
        d["day"],
        d["confirm_days"].fillna(pd.Series(rng.integers(0, 6, n), index=d.index)).to_numpy(),
    )
    hour = pd.to_timedelta(rng.integers(8 * 60, 18 * 60, n), unit="min")
    early = d["early_confirm"].fillna(False).to_numpy(dtype=bool)
    confirm = confirm.mask(early, days(d["end"], -rng.integers(2, 9, n)))
    own_phone = firms["phone"].to_numpy()[d["enterprise"]]
    agent = d["agent"].where(d["agent"].notna(), np.where(rng.random(n) < 0.12,
                             [f"AG-{k:03d}" for k in rng.integers(1, 60, n)], None))  # fmt: skip
    device = d["device"].where(d["device"].notna(), [f"DV-{k:05d}" for k in d["enterprise"]])
    paid = days(d["day"], rng.integers(60, 200, n))
    reports = report_texts(rng, d["titled"].to_numpy(), d["template"].to_numpy())
    return pd.DataFrame(
        {
            "claim_id": d["claim_id"], "programme": programme, "enterprise_id": d["ent"],
            "institution_id": d["inst"], "service_type": d["code"], "contract_amount": d["contract"],
            "claimed_amount": d["claimed"], "submitted_on": d["day"], "redeemer": "institution",
            "voucher_id": [f"Q{e:06d}" for e in d["enterprise"]], "voucher_used": d["used"],
            "contract_id": d["contract_id"], "quantity": d["quantity"].astype(float),
            "unit": _UNIT[d["service"]], "service_title": d["titled"],
            "service_start_on": d["start"], "service_end_on": d["end"],
            "confirmed_at": (confirm + hour).dt.tz_localize(TIME_ZONE),
            "confirmed_by": [f"确认人{k}" for k in d["institution"]],
            "agent_id": agent, "contact_phone": _missing(rng, own_phone, 0.1),
            "device_id": _missing(rng, device.to_numpy(), 0.1),
            "report_text": _missing(rng, np.array(reports, dtype=object), 0.08),
            "status": "已兑付", "paid_amount": d["claimed"], "paid_on": paid,
            "reviewer_id": [f"SH{k:02d}" for k in rng.integers(1, 9, n)],
        }
    )  # fmt: skip


def _contracts(d: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    technology = d["code"].str.startswith("technology_").to_numpy()
    registered = np.where(technology, [f"2016420100{k:06d}" for k in rng.permutation(len(d))], None)
    texts = contract_texts(rng, d["titled"].to_numpy(), d["template"].to_numpy())
    return pd.DataFrame(
        {
            "contract_id": d["contract_id"], "enterprise_id": d["ent"], "institution_id": d["inst"],
            "service_type": d["code"], "amount": d["contract"], "signed_on": d["signed"],
            "starts_on": d["start"], "ends_on": d["end"], "registration_no": registered,
            "text": _missing(rng, np.array(texts, dtype=object), 0.05),
        }
    )  # fmt: skip


def _payments(
    d: pd.DataFrame, firms: pd.DataFrame, houses: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    own = np.round(d["contract"] - d["used"], 2)
    payer_account = firms["bank_account"].to_numpy()[d["enterprise"]]
    payee_account = houses["bank_account"].to_numpy()[d["institution"]]
    forth = pd.DataFrame(
        {
            "payment_id": [f"P{k:07d}" for k in range(len(d))], "contract_id": d["contract_id"],
            "payer_id": d["ent"], "payee_id": d["inst"], "payer_account": payer_account,
            "payee_account": payee_account, "amount": own,
            "paid_on": days(d["invoiced"], rng.integers(0, 12, len(d))), "purpose": "合同款",
        }
    )  # fmt: skip
    back = forth[d["money_back"].fillna(False).to_numpy(dtype=bool)].copy()
    back["payment_id"] = back["payment_id"].str.replace("P", "PB")
    back[["payer_id", "payee_id"]] = back[["payee_id", "payer_id"]].to_numpy()
    back[["payer_account", "payee_account"]] = back[["payee_account", "payer_account"]].to_numpy()
    back["amount"] = np.round(back["amount"] * rng.uniform(0.85, 0.98, len(back)), 2)
    back["paid_on"] = days(back["paid_on"], rng.integers(4, 20, len(back)))
    back["purpose"] = "往来款"
    return pd.concat([forth, back], ignore_index=True)


def _invoices(d: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = len(d)
    block = rng.integers(
        10**6, 9 * 10**7, int(d["institution"].max()) + 1
    )  # a seller's number range
    in_order = d.groupby("institution").cumcount().to_numpy()
    number = (block[d["institution"]] + in_order * 3 + 1).astype(str)
    number = np.char.zfill(number, 8)
    code = np.array([f"0420016{k % 99999:05d}" for k in d["institution"]])
    again = d["reused"].to_numpy()
    number[again], code[again] = number[d["taken_from"][again]], code[d["taken_from"][again]]
    return pd.DataFrame(
        {
            "invoice_no": number, "invoice_code": code,
            "contract_id": d["contract_id"], "seller_id": d["inst"], "buyer_id": d["ent"],
            "amount": d["contract"], "issued_on": d["invoiced"],
            "tax_rate": d["tax_rate"].fillna(0.06),
            "item": d["titled"], "status": d["invoice_status"].fillna(
                pd.Series(np.where(rng.random(n) < 0.004, "红冲", "正常"), index=d.index)),
        }
    )  # fmt: skip


def _deliverables(d: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    year = d["end"].dt.year.to_numpy().astype(np.int64)
    kind = np.array([_KIND.get(c, "report") for c in d["code"]])
    reference = np.char.add(
        np.char.add("BG", year.astype(str)), rng.permutation(10**6 + len(d))[: len(d)].astype(str)
    )
    for code, number in _PATENT.items():
        mine = (d["code"] == code).to_numpy()
        reference[mine] = ids.patent_numbers(rng, year[mine], number)
    reference[d["reused"]] = reference[d["taken_from"][d["reused"]]]
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
    same_seller = d.groupby("institution")["service"].transform(lambda s: np.r_[0, s.index[:-1]])
    anyone = np.floor(np.arange(len(d)) * rng.random(len(d))).astype(int)
    return np.where(before > 0, same_seller.to_numpy(), anyone)


def _missing(rng: np.random.Generator, values: np.ndarray, share: float) -> np.ndarray:
    """Some cells empty, at random: missingness must not tell honest from planted."""
    return np.where(rng.random(len(values)) < share, None, values.astype(object))


def to_arrow(name: str, frame: pd.DataFrame) -> pa.Table:
    """A frame as the typed table ``name``; yuan become exact decimals."""
    schema = INPUT_TABLES[name]
    columns = {}
    for column in schema.columns:
        if column.name not in frame:
            continue
        values = frame[column.name]
        if column.kind is Kind.MONEY:
            cents = [None if pd.isna(v) else Decimal(round(v * 100)).scaleb(-2) for v in values]
            columns[column.name] = pa.array(cents, type=column.kind.arrow)
        elif column.kind in (Kind.ID, Kind.CODE, Kind.TEXT):
            columns[column.name] = pa.array(
                [None if pd.isna(v) else str(v) for v in values], pa.string()
            )
        else:
            columns[column.name] = pa.array(values, from_pandas=True).cast(
                column.kind.arrow, safe=False
            )
    return schema.conform(pa.table(columns))
