"""A large made-up trade, tables only: what the price step's time is measured on."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from fraud_pipeline.core.money import from_fen
from fraud_pipeline.schema import Tables

SERVICES = ("testing", "patent_invention", "trademark", "technology_development",
            "novelty_search", "patent_utility", "software_copyright", "incubation")  # fmt: skip
TITLES = (
    "常规检测",
    "专项检测",
    "申请代理",
    "样品测试",
    "项目代理",
    "暗室测试",
    "分析服务",
    "评价服务",
)
CATEGORIES = ("university", "ip_agency", "other", "incubator")


def crowd(n: int, seed: int = 1) -> Tables:
    """``n`` claims over five and a half years, 50 an institution, 3 an enterprise."""
    rng = np.random.default_rng(seed)
    service = rng.integers(0, len(SERVICES), n)
    houses = n // 50 + 2
    fen = np.round(np.exp(7 + service * 0.4 + rng.normal(0, 0.2, n)) * 100).astype(np.int64)
    days = np.datetime64("2014-01-01") + rng.integers(0, 2000, n).astype("timedelta64[D]")
    claims = {
        "claim_id": [f"C{k:07d}" for k in range(n)], "programme": ["wuhan"] * n,
        "enterprise_id": [f"E{k}" for k in rng.integers(0, n // 3 + 1, n)],
        "institution_id": [f"I{k}" for k in rng.integers(0, houses, n)],
        "service_type": np.array(SERVICES)[service], "contract_amount": from_fen(fen),
        "claimed_amount": from_fen(fen // 2), "submitted_on": pa.array(days),
        "quantity": np.ones(n), "unit": ["份"] * n,
        "service_title": np.array(TITLES)[rng.integers(0, len(TITLES), n)],
    }  # fmt: skip
    institutions = {
        "institution_id": [f"I{k}" for k in range(houses)], "name": ["-"] * houses,
        "category": np.array(CATEGORIES)[rng.integers(0, len(CATEGORIES), houses)],
        "region": np.array(["武昌", "汉口", "汉阳"])[rng.integers(0, 3, houses)],
    }  # fmt: skip
    return Tables({"claims": pa.table(claims), "institutions": pa.table(institutions)})
