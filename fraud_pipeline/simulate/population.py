"""The parties of a world: enterprises that hold vouchers and institutions that may take them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from fraud_pipeline.simulate import identities as ids
from fraud_pipeline.simulate.margins import CATEGORY_SHARES, Margins
from fraud_pipeline.simulate.streams import stream

TENANT_SHARE = 0.30  # enterprises that sit in an incubator and share its address
BOOKKEEPER_SHARE = 0.25  # enterprises whose listed phone is their bookkeeper's
FIRMS_A_BOOKKEEPER = 22
MICRO_SHARE = 0.08  # new firms with a handful of staff: look like shells, are not
_INDUSTRIES = ["光电子信息", "高技术服务", "生物医药", "新材料", "先进制造", "节能环保"]
_DISTRICTS = ["东湖高新区", "洪山区", "武昌区", "江汉区", "汉阳区", "江岸区", "硚口区", "青山区"]


def institutions(margins: Margins, n: int, seed: int) -> pd.DataFrame:
    """``n`` institutions, most popular first within the world; ``weight`` is their popularity."""
    rng = stream(seed, "institutions")
    names = np.array(list(CATEGORY_SHARES))
    shares = np.array(list(CATEGORY_SHARES.values()))
    category = _every_category(rng.choice(names, n, p=shares / shares.sum()), names)
    codes = np.where(np.isin(category, ["university", "research_institute"]),
                     ids.credit_codes(rng, n, "12"), ids.credit_codes(rng, n, "91"))  # fmt: skip
    return pd.DataFrame(
        {
            "institution_id": codes,
            "name": _institution_names(rng, category),
            "category": category,
            "legal_representative": ids.person_names(rng, n),
            "region": "武汉",
            "address": _addresses(rng, n),
            "phone": ids.phones(rng, n),
            "bank_account": ids.accounts(rng, n),
            "founded_on": _days(rng, n, date(1990, 1, 1), date(2014, 6, 1)),
            "registered_on": _days(rng, n, date(2015, 3, 1), date(2015, 6, 1)),
            "staff": rng.integers(8, 400, n),
            "weight": 1.0 / (np.arange(n) + 3.0),
            "price_level": np.exp(rng.normal(0, 0.06, n)),
            "price_list": rng.random(n) < 0.25,
        }
    )


def enterprises(margins: Margins, n: int, hosts: pd.DataFrame, seed: int) -> pd.DataFrame:
    """``n`` voucher holders; ``hosts`` are the incubators among the institutions."""
    rng = stream(seed, "enterprises")
    founded = _days(rng, n, date(2004, 1, 1), date(2014, 12, 1))
    micro = rng.random(n) < MICRO_SHARE
    founded = np.where(micro, _days(rng, n, date(2015, 1, 1), date(2016, 6, 1)), founded)
    employees = np.maximum(2, rng.lognormal(2.9, 0.8, n)).astype(int)
    employees = np.where(micro, rng.integers(1, 6, n), employees)
    tenant = rng.random(n) < TENANT_SHARE
    host = rng.integers(0, max(1, min(len(hosts), 1 + n // 40)), n)
    keeper_phones = ids.phones(rng, max(1, int(n * BOOKKEEPER_SHARE) // FIRMS_A_BOOKKEEPER))
    kept = rng.random(n) < BOOKKEEPER_SHARE
    phone = np.where(kept, rng.choice(keeper_phones, n), ids.phones(rng, n))
    address = np.where(tenant, hosts["address"].to_numpy()[host], _addresses(rng, n))
    revenue = np.minimum(rng.lognormal(14.9, 0.9, n), margins.revenue_max * 0.97)
    hightech = rng.random(n) < 0.45
    return pd.DataFrame(
        {
            "enterprise_id": ids.credit_codes(rng, n, "91"),
            "name": ids.firm_names(rng, n),
            "legal_representative": ids.person_names(rng, n),
            "region": "武汉",
            "address": address,
            "phone": phone,
            "email": np.char.add(np.char.add("info", np.arange(n).astype(str)), "@example.cn"),
            "bank_account": ids.accounts(rng, n),
            "founded_on": founded,
            "annual_revenue": np.round(revenue, -3),
            "employees": employees,
            "rd_employees": np.maximum(1, (employees * rng.uniform(0.1, 0.5, n)).astype(int)),
            "industry": rng.choice(_INDUSTRIES, n, p=[0.32, 0.24, 0.18, 0.1, 0.1, 0.06]),
            "qualifications": _qualifications(hightech, tenant, rng.random(n)),
            "incubator_id": np.where(tenant, hosts["institution_id"].to_numpy()[host], None),
            "tenant": tenant,
            "kept": kept,
            "micro": micro,
        }
    )


def _qualifications(hightech: np.ndarray, tenant: np.ndarray, luck: np.ndarray) -> np.ndarray:
    base = np.where(hightech, "hightech_enterprise", "")
    joint = np.where(hightech & tenant, ";", "")
    both = np.char.add(np.char.add(base, joint), np.where(tenant, "incubated", ""))
    # every holder was let in for some reason: the rest are advanced-service enterprises
    plain = np.where(
        luck < 0.5, "advanced_service_enterprise", "advanced_service_enterprise;tech_sme"
    )
    return np.where(both == "", plain, both)


def _every_category(drawn: np.ndarray, names: np.ndarray) -> np.ndarray:
    drawn[: len(names)] = names[: len(drawn)]  # a small world still has one of each
    return drawn


def _institution_names(rng: np.random.Generator, category: np.ndarray) -> np.ndarray:
    tail = {
        "university": "大学", "research_institute": "研究所", "industrial_research_institute": "工业技术研究院",
        "incubator": "科技企业孵化器", "statutory_testing": "检测中心", "ip_agency": "知识产权代理有限公司",
        "hightech_engineering_centre": "工程技术中心",
    }  # fmt: skip
    head = np.char.add(rng.choice(list("华江楚汉珞东鄂"), len(category)),
                       rng.choice(list("中南理工农信达科诚正"), len(category)))  # fmt: skip
    number = np.char.add(head, rng.choice(["", "一", "二", "联合"], len(category)))
    return np.char.add(number, np.array([tail[c] for c in category]))


def _addresses(rng: np.random.Generator, n: int) -> np.ndarray:
    street = np.char.add(
        rng.choice(_DISTRICTS, n),
        rng.choice(["珞喻路", "雄楚大道", "高新大道", "关山大道", "解放大道"], n),
    )
    number = np.char.add(rng.integers(1, 990, n).astype(str), "号")
    room = np.char.add(rng.integers(101, 2900, n).astype(str), "室")
    return np.char.add(np.char.add("武汉市", street), np.char.add(number, room))


def _days(rng: np.random.Generator, n: int, first: date, last: date) -> np.ndarray:
    span = (last - first).days
    return np.datetime64(first) + rng.integers(0, span + 1, n).astype("timedelta64[D]")
