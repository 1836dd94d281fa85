"""A programme to imitate, as data: what was published about it and what we add by assumption.

Wuhan. Published: study of Wuhan's innovation vouchers, 2018 (trial measures of March 2015).
Prices: the study's two proposals (invention filing 5,000, high-tech certificate 30,000) and
public tariffs and agency quotes of 2018-2025 at low confidence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from fraud_pipeline.simulate.world.nuisance import Nuisance

_INDUSTRIES = {"光电子信息": 0.32, "高技术服务": 0.24, "生物医药": 0.18, "新材料": 0.10,
               "先进制造": 0.10, "节能环保": 0.06}  # fmt: skip


@dataclass(frozen=True)
class Niche:
    """A special line within a service: truly dear at everyone who sells it, and named so."""

    zh: str
    factor: float  # of the ordinary price
    share: float  # of the claims for the service


@dataclass(frozen=True)
class Service:
    """A service line: its share of services, price a unit and how many units a contract has."""

    code: str
    family: str  # ip | testing | technology | incubation, or what the programme published by
    share: float  # of the number of services
    unit: str
    price: float  # yuan a unit, median
    spread: float  # standard deviation of log price between honest suppliers
    units: tuple[int, int]  # least and most units in a contract
    categories: tuple[str, ...]  # institution categories that sell it
    titles: tuple[str, ...]  # what it is called; anybody may use any of them
    niches: tuple[Niche, ...] = ()

    @property
    def lump(self) -> bool:
        """Whether every contract has a worth of its own, so that units have no market."""
        return self.spread >= 0.3


@dataclass(frozen=True)
class Subsidy:
    """What a programme pays: all up to ``full_up_to`` yuan, then a share, under a cap."""

    share_max: float = 0.50
    share_least: float = 0.25
    at_most: float = 0.6  # how many honest buyers use the whole share
    full_up_to: float = 0.0
    multiplier: float = 1.0
    cap_yuan: float = 150_000.0
    cap_by_year: bool = False
    free_of_cap: float = 0.0  # share of enterprises in a class without cap
    free_appetite: float = 1.0  # how many times as much those buy


@dataclass(frozen=True)
class Ticket:
    """A class of vouchers of fixed face, one of which pays for one purchase."""

    zh: str
    face: float
    pays_most: float  # of one purchase
    share_max: float  # of the contract


@dataclass(frozen=True)
class Place:
    """A region of the programme: its weight in trade and its districts."""

    zh: str
    division: str  # GB/T 2260
    weight: float
    districts: tuple[str, ...]
    seal: str  # as documents of its bureau begin


@dataclass(frozen=True)
class Margins:
    """A programme's published size and its rules; counts scale with the number of claims."""

    programme: str
    zh: str
    lines: tuple[Service, ...]
    places: tuple[Place, ...]
    categories: dict[str, float]  # institution categories, with shares
    subsidy: Subsidy
    services: int
    holders: int
    users: int
    institutions: int
    active_institutions: int
    redeemed_yuan: float
    issued_yuan: float | None
    starts_on: date
    ends_on: date
    redeemer: str = "institution"
    revenue_max: float = 20_000_000.0
    revenue_median: float = 3_000_000.0
    voucher_classes: tuple[str, str] = ("流通", "流通")  # under the cap, free of it
    qualifications: tuple[str, ...] = ("hightech_enterprise", "incubated",
                                       "advanced_service_enterprise", "tech_sme")  # fmt: skip
    industries: dict[str, float] = field(default_factory=lambda: dict(_INDUSTRIES))
    families: dict[str, tuple[float, float]] = field(default_factory=dict)  # count, amount
    cells: tuple[tuple[str, date, date, float], ...] = ()  # place, first and last day, yuan paid
    pull: dict[str, float] = field(default_factory=dict)  # their share of popularity
    by_category: dict[str, tuple[float, float]] = field(default_factory=dict)  # count, amount
    contracts_yuan: float | None = None  # published worth of all contracts
    pack: str | None = None  # the pack its claims name, where it has none of its own
    assumed: tuple[str, ...] = ()  # figures no source gives
    published: bool = True  # False: the figures above are assumptions
    face_unit: float = 1_000.0  # vouchers are issued in multiples of so many yuan
    used_up: tuple[float, float] = (0.25, 0.54)  # of users: all of the voucher, half or more
    budget_yuan: float | None = None  # published: so much is issued a calendar year
    tickets: tuple[
        Ticket, ...
    ] = ()  # an enterprise's first purchase is paid with the first, and so on
    multiple: float = 1.0  # vouchers are used in whole multiples of so much
    employees_max: int | None = None
    new_supplier: bool = False  # nobody may buy twice from the same institution
    related_excluded: bool = False  # not even a small holding between the two
    price_level: float = 1.0  # times the quotes of the price catalogue, in the own currency
    text_share: float = 0.92  # of claims whose report is at hand as text
    nuisance: Nuisance = field(default_factory=Nuisance)

    @property
    def codes(self) -> list[str]:
        return [line.code for line in self.lines]


_TECH = ("university", "research_institute", "industrial_research_institute",
         "hightech_engineering_centre")  # fmt: skip
_IP = ("ip_agency",)
LINES = (
    Service("patent_invention", "ip", 0.17, "件", 5000, 0.12, (3, 18), _IP,
            ("发明专利代理", "发明专利申请代理", "发明专利撰写与申请"),
            (Niche("PCT国际专利申请代理", 2.6, 0.06),)),
    Service("patent_utility", "ip", 0.10, "件", 2500, 0.12, (3, 24), _IP,
            ("实用新型代理", "实用新型专利申请代理")),
    Service("patent_design", "ip", 0.03, "件", 1500, 0.12, (3, 18), _IP,
            ("外观设计代理", "外观设计专利申请代理")),
    Service("trademark", "ip", 0.08, "件", 1600, 0.12, (4, 34), _IP,
            ("商标代理", "商标注册代理"), (Niche("马德里商标国际注册代理", 3.0, 0.10),)),
    Service("software_copyright", "ip", 0.04, "件", 800, 0.15, (6, 44), _IP,
            ("软件著作权登记", "软件著作权登记代理")),
    Service("hightech_certification", "ip", 0.04, "项", 30000, 0.10, (1, 1), _IP,
            ("高新技术企业申报服务", "高新技术企业认定服务")),
    Service("testing", "testing", 0.25, "项", 1500, 0.16, (5, 38), ("statutory_testing",),
            ("产品检验检测", "产品性能检测", "委托检验", "样品测试分析", "仪器共享测试", "计量校准测试"),
            (Niche("电磁兼容暗室全项检测", 2.8, 0.05), Niche("生物样品质谱定量检测", 3.2, 0.04))),
    Service("novelty_search", "testing", 0.04, "份", 1200, 0.15, (8, 38),
            ("research_institute", "university", "hightech_engineering_centre"),
            ("科技查新", "科技查新报告"), (Niche("专利侵权风险检索分析", 3.0, 0.20),)),
    Service("technology_development", "technology", 0.09, "项", 190000, 0.45, (1, 1), _TECH,
            ("技术开发", "委托技术开发", "新产品技术开发")),
    Service("technology_service", "technology", 0.06, "项", 130000, 0.45, (1, 1), _TECH,
            ("技术服务", "工艺改进技术服务")),
    Service("technology_consulting", "technology", 0.03, "项", 85000, 0.40, (1, 1), _TECH,
            ("技术咨询", "技术方案咨询")),
    Service("technology_transfer", "technology", 0.02, "项", 200000, 0.45, (1, 1), _TECH,
            ("技术转让", "专有技术转让")),
    Service("incubation", "incubation", 0.05, "年", 60000, 0.25, (1, 1), ("incubator",),
            ("创业孵化服务", "孵化器综合服务")),
)  # fmt: skip

WUHAN = Margins(
    programme="wuhan", zh="武汉", lines=LINES,
    places=(Place("武汉", "420100", 1.0, ("东湖高新区", "洪山区", "武昌区", "江汉区", "汉阳区",
                                      "江岸区", "硚口区", "青山区"), "武科罚"),),
    categories={"university": 0.09, "research_institute": 0.10,
                "industrial_research_institute": 0.05, "incubator": 0.22,
                "statutory_testing": 0.14, "ip_agency": 0.30,
                "hightech_engineering_centre": 0.10},
    subsidy=Subsidy(multiplier=1.10),
    services=1071, holders=616, users=472, institutions=283, active_institutions=123,
    redeemed_yuan=28_933_200.0, issued_yuan=60_000_000.0, budget_yuan=30_000_000.0,
    starts_on=date(2015, 4, 13), ends_on=date(2017, 6, 30),
    families={"ip": (0.46, 0.28), "testing": (0.29, 0.16), "technology": (0.20, 0.50),
              "incubation": (0.05, 0.06)},
)  # fmt: skip
