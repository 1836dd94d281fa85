"""What was published about Wuhan's trial, and what the simulator adds by assumption.

Published: study of Wuhan's innovation vouchers, 2018 (trial measures of March 2015).
Prices: the study's two proposals (invention filing 5,000, high-tech certificate 30,000) and
public tariffs and agency quotes of 2018-2025 at low confidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Service:
    """A service line: its share of services, price a unit and how many units a contract has."""

    code: str
    family: str  # ip | testing | technology | incubation
    share: float  # of the number of services
    unit: str
    price: float  # yuan a unit, median
    spread: float  # standard deviation of log price between honest suppliers
    units: tuple[int, int]  # least and most units in a contract
    categories: tuple[str, ...]  # institution categories that sell it
    zh: str


_TECH = ("university", "research_institute", "industrial_research_institute",
         "hightech_engineering_centre")  # fmt: skip
SERVICES = (
    Service("patent_invention", "ip", 0.17, "件", 5000, 0.12, (3, 18), ("ip_agency",), "发明专利代理"),
    Service("patent_utility", "ip", 0.10, "件", 2500, 0.12, (3, 24), ("ip_agency",), "实用新型代理"),
    Service("patent_design", "ip", 0.03, "件", 1500, 0.12, (3, 18), ("ip_agency",), "外观设计代理"),
    Service("trademark", "ip", 0.08, "件", 1600, 0.12, (4, 34), ("ip_agency",), "商标代理"),
    Service("software_copyright", "ip", 0.04, "件", 800, 0.15, (6, 44), ("ip_agency",), "软件著作权登记"),
    Service("hightech_certification", "ip", 0.04, "项", 30000, 0.10, (1, 1), ("ip_agency",),
            "高新技术企业申报服务"),
    Service("testing", "testing", 0.25, "项", 1500, 0.16, (6, 50), ("statutory_testing",),
            "产品检验检测"),
    Service("novelty_search", "testing", 0.04, "份", 1200, 0.15, (8, 42),
            ("research_institute", "university", "hightech_engineering_centre"),
            "科技查新"),
    Service("technology_development", "technology", 0.09, "项", 130000, 0.45, (1, 1), _TECH, "技术开发"),
    Service("technology_service", "technology", 0.06, "项", 90000, 0.45, (1, 1), _TECH, "技术服务"),
    Service("technology_consulting", "technology", 0.03, "项", 60000, 0.40, (1, 1), _TECH, "技术咨询"),
    Service("technology_transfer", "technology", 0.02, "项", 150000, 0.45, (1, 1), _TECH, "技术转让"),
    Service("incubation", "incubation", 0.05, "年", 55000, 0.25, (1, 1), ("incubator",), "创业孵化服务"),
)  # fmt: skip


@dataclass(frozen=True)
class Margins:
    """The published size of a programme; counts scale with the number of claims asked for."""

    services: int = 1071
    holders: int = 616
    users: int = 472
    institutions: int = 283
    active_institutions: int = 123
    redeemed_yuan: float = 28_933_200.0
    cap_yuan: float = 150_000.0
    share_max: float = 0.50
    multiplier: float = 1.10
    revenue_max: float = 20_000_000.0
    starts_on: date = date(2015, 4, 13)
    ends_on: date = date(2017, 6, 30)


WUHAN = Margins()

CATEGORY_SHARES = {
    "university": 0.09, "research_institute": 0.10, "industrial_research_institute": 0.05,
    "incubator": 0.22, "statutory_testing": 0.14, "ip_agency": 0.30,
    "hightech_engineering_centre": 0.10,
}  # fmt: skip
