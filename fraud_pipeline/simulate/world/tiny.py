"""A world small enough to check by hand: one ring, one dear claim, one invoice used twice.

Twenty-five enterprises T01-T25 and eight institutions. What is wrong is written here in the
open and nowhere else:

- enterprises 1-6 file within three weeks with institution 8 (an unknown agency), all with one
  phone and one contract text: the ring.
- claim of enterprise 12 pays 4,500 a utility patent where everyone else pays about 2,400.
- claim of enterprise 15 hands in the invoice and the report of a claim of enterprise 14.
- enterprises 16-23 sit in one incubator and share its address: honest.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.outputs import TRUTH
from fraud_pipeline.simulate.world import identities as ids
from fraud_pipeline.simulate.world import side_tables as side
from fraud_pipeline.simulate.world import vouchers
from fraud_pipeline.simulate.world.arrow_tables import to_arrow
from fraud_pipeline.simulate.world.build import World
from fraud_pipeline.simulate.world.documents import write_papers
from fraud_pipeline.simulate.world.drafts import with_marks
from fraud_pipeline.simulate.world.margins import WUHAN
from fraud_pipeline.simulate.world.random_streams import stream
from fraud_pipeline.simulate.world.truth import groups_of, loss_of, truth_of

N_ENTERPRISES = 25
_INSTITUTION_CATEGORIES = ("university", "statutory_testing", "ip_agency", "ip_agency", "incubator",
           "research_institute", "statutory_testing", "ip_agency")  # fmt: skip
_CODES = WUHAN.codes
RING_INSTITUTION = 7
_SEED = 60


def tiny_world() -> World:
    """About 60 claims of the Wuhan programme with exactly the faults named above."""
    rng = stream(_SEED, "tiny")
    institutions = _institutions(rng)
    enterprises = _enterprises(rng, institutions)
    drafts = pd.concat([_honest(rng), _ring(rng), _single()], ignore_index=True)
    drafts = with_marks(drafts).sort_values(["day", "enterprise"], kind="stable")
    drafts = drafts.reset_index(drop=True)
    drafts["contract"] = drafts["price"] * drafts["quantity"]
    drafts["used"] = np.floor(drafts["contract"] * drafts["share"])
    drafts["claimed"] = np.round(drafts["used"] * WUHAN.subsidy.multiplier, 2)
    drafts["bunched"] = False
    drafts["loss"] = loss_of(drafts)
    papers = write_papers(drafts, enterprises, institutions, WUHAN, rng)
    drafts["claim_id"] = papers["claims"]["claim_id"].to_numpy()
    drafts["seller_id"] = papers["claims"]["institution_id"].to_numpy()
    _hand_in_again(papers)
    frames = {
        **papers,
        "enterprises": enterprises,
        "institutions": institutions,
        "vouchers": vouchers.accounts(drafts, enterprises, WUHAN, None, rng),
        "market_prices": side.market_prices(WUHAN),
    }
    tables = Tables({name: to_arrow(name, frame) for name, frame in frames.items()})
    return World(tables, TRUTH.conform(truth_of(drafts)), groups_of(drafts, enterprises), {})


def _institutions(rng: np.random.Generator) -> pd.DataFrame:
    n = len(_INSTITUTION_CATEGORIES)
    return pd.DataFrame(
        {
            "institution_id": ids.credit_codes(rng, n, "91"),
            "name": [f"示例机构{k + 1}" for k in range(n)], "category": _INSTITUTION_CATEGORIES,
            "legal_representative": [f"机构法人{k + 1}" for k in range(n)], "region": "武汉",
            "address": [f"武汉市示例路{k + 1}号" for k in range(n)], "phone": ids.phones(rng, n),
            "bank_account": ids.accounts(rng, n), "founded_on": pd.Timestamp(2008, 1, 1),
            "registered_on": pd.Timestamp(2015, 3, 10), "staff": 40, "own_form": False, "prompt": False,
            "buys_goods": False,
        }
    )  # fmt: skip


def _enterprises(rng: np.random.Generator, institutions: pd.DataFrame) -> pd.DataFrame:
    tenant = np.isin(np.arange(N_ENTERPRISES) + 1, range(16, 24))
    phone = ids.phones(rng, N_ENTERPRISES)
    phone[:6] = phone[0]
    return pd.DataFrame(
        {
            "enterprise_id": ids.credit_codes(rng, N_ENTERPRISES, "91"),
            "name": [f"示例企业{k + 1}有限公司" for k in range(N_ENTERPRISES)],
            "legal_representative": [f"企业法人{k + 1}" for k in range(N_ENTERPRISES)], "region": "武汉",
            "address": np.where(tenant, institutions["address"][4], [f"武汉市样本街{k + 1}号" for k in range(N_ENTERPRISES)]),
            "phone": phone, "bank_account": ids.accounts(rng, N_ENTERPRISES),
            "founded_on": pd.Timestamp(2012, 5, 1), "annual_revenue": 5_000_000.0 + 100_000.0 * np.arange(N_ENTERPRISES),
            "employees": 30, "rd_employees": 9, "industry": "光电子信息",
            "qualifications": np.where(tenant, "incubated", "hightech_enterprise"),
            "incubator_id": np.where(tenant, institutions["institution_id"][4], None),
            "tenant": tenant, "kept": False, "micro": False, "place": 0, "free": False,
        }
    )  # fmt: skip


def _honest(rng: np.random.Generator) -> pd.DataFrame:
    """Forty-six ordinary purchases of enterprises 7-25, two or three each, over a year."""
    enterprise = np.array([6 + k % 19 for k in range(46)])
    code = np.array(["patent_utility", "testing", "patent_invention", "novelty_search"])[
        np.arange(46) % 4
    ]
    institution = np.array([[2, 1, 3, 5], [3, 6, 2, 0]])[
        (np.arange(46) // 4) % 2, np.arange(46) % 4
    ]
    price = np.array([2400.0, 1500.0, 5000.0, 1200.0])[np.arange(46) % 4]
    return pd.DataFrame(
        {
            "enterprise": enterprise, "institution": institution, "service": [_CODES.index(c) for c in code],
            "quantity": 3 + np.arange(46) % 7, "market": price,
            "price": price + 10.0 * rng.integers(-12, 13, 46), "share": 0.5,
            "day": pd.Timestamp(2015, 5, 4) + pd.to_timedelta(7 * np.arange(46) + np.arange(46) % 3, unit="D"),
        }
    )  # fmt: skip


def _ring(rng: np.random.Generator) -> pd.DataFrame:
    """Twelve claims of enterprises 1-6 with institution 8 within three weeks."""
    return pd.DataFrame(
        {
            "enterprise": np.repeat(np.arange(6), 2), "institution": RING_INSTITUTION,
            "service": _CODES.index("software_copyright"), "quantity": 20, "market": 800.0,
            "price": 1500.0, "share": 0.5,
            "day": pd.Timestamp(2015, 11, 2) + pd.to_timedelta(rng.permutation(12) * 21 // 12, unit="D"),
            "typology": "T01", "ring": "R001", "fraud": True, "template": 9, "device": "DV-R001",
        }
    )  # fmt: skip


def _single() -> pd.DataFrame:
    base = {
        "service": _CODES.index("patent_utility"),
        "quantity": 6,
        "market": 2400.0,
        "share": 0.5,
    }
    dear = {**base, "enterprise": 11, "institution": 2, "price": 4500.0, "typology": "T04",
            "irregular": True, "day": pd.Timestamp(2016, 2, 15)}  # fmt: skip
    first = {
        **base,
        "enterprise": 13,
        "institution": 3,
        "price": 2400.0,
        "day": pd.Timestamp(2016, 2, 1),
    }
    again = {**base, "enterprise": 14, "institution": 3, "price": 2390.0, "typology": "T16",
             "fraud": True, "day": pd.Timestamp(2016, 3, 14)}  # fmt: skip
    return pd.DataFrame([dear, first, again])


def _hand_in_again(papers: dict[str, pd.DataFrame]) -> None:
    """Enterprise 15's claim shows the invoice and report numbers of enterprise 14's of six weeks before."""
    claims, invoices, reports = (papers[n] for n in ("claims", "invoices", "deliverables"))
    days = claims["submitted_on"]
    first = days.index[days == pd.Timestamp(2016, 2, 1)][0]
    again = days.index[days == pd.Timestamp(2016, 3, 14)][-1]
    invoices.loc[again, ["invoice_no", "invoice_code"]] = invoices.loc[
        first, ["invoice_no", "invoice_code"]
    ]
    reports.loc[again, "reference_no"] = reports.loc[first, "reference_no"]
