"""The other programmes to imitate, as data: published figures and, marked so, assumptions.

Shanxi: paper of about 2024, money redeemed by city and year (its sums agree). Changxing:
paper of about 2018, counts by kind of service since 2013. Zhejiang: paper of 2017, figures
to June 2017. National: nothing is published; the size of Zhejiang's claims in 31 places.
What the papers do not give is assumed: numbers of listed institutions, prices, who sells
what, the share above Shanxi's 50,000, Changxing's share (0.46 with its cap reproduces the published
leverage of 188 million yuan) and annual cap, Zhejiang's cap.
"""

from __future__ import annotations

import math
from datetime import date

from fraud_pipeline.simulate.world.margins import (
    LINES,
    WUHAN,
    Margins,
    Niche,
    Place,
    Service,
    Subsidy,
)

_ACADEMIC = ("university", "research_institute")
_LABS = ("research_institute", "university", "instrument_platform")

_CITIES = ("太原", "吕梁", "长治", "阳泉", "运城", "朔州", "忻州", "晋中", "临汾", "大同", "晋城")
_DIVISIONS = ("140100", "141100", "140400", "140300", "140800", "140600", "140900", "140700",
              "141000", "140200", "140500")  # fmt: skip
_PERIODS = (
    (date(2016, 9, 1), date(2016, 12, 31)), (date(2017, 1, 1), date(2017, 12, 31)),
    (date(2018, 1, 1), date(2018, 12, 31)), (date(2019, 1, 1), date(2021, 12, 31)),
    (date(2022, 1, 1), date(2022, 12, 31)),
)  # fmt: skip
# 10,000 yuan redeemed by city (rows as _CITIES) and period, as published; they add up to 4,537
SHANXI_TABLE = (
    (44, 316, 1052, 1076, 255), (0, 10, 17, 19, 14), (12, 72, 73, 93, 52), (19, 81, 56, 32, 30),
    (0, 42, 40, 30, 60), (0, 37, 19, 31, 38), (0, 45, 22, 15, 14), (42, 81, 29, 36, 56),
    (27, 73, 67, 28, 71), (0, 18, 95, 83, 15), (0, 0, 70, 15, 15),
)  # fmt: skip

SHANXI = Margins(
    programme="shanxi", zh="山西",
    lines=(
        Service("testing", "testing", 0.46, "项", 1500, 0.18, (10, 48), _LABS,
                ("产品检测", "样品测试分析", "委托检验", "计量校准测试"),
                (Niche("防爆电气全项型式试验", 2.8, 0.06), Niche("煤层气组分精密分析", 3.1, 0.05))),
        Service("novelty_search", "testing", 0.08, "份", 1200, 0.15, (5, 42), _ACADEMIC,
                ("科技查新", "科技查新报告")),
        Service("technology_development", "technology", 0.32, "项", 60000, 0.40, (1, 1), _ACADEMIC,
                ("合作研发", "委托研发", "工艺合作开发")),
        Service("technology_service", "technology", 0.08, "项", 48000, 0.40, (1, 1),
                (*_ACADEMIC, "instrument_platform"), ("技术服务", "中试技术服务")),
        Service("scientific_data", "data", 0.03, "套", 9000, 0.25, (2, 8),
                ("service_platform", "research_institute"), ("科学数据服务", "行业数据检索服务")),
        Service("germplasm", "data", 0.03, "份", 800, 0.25, (20, 70), ("research_institute",),
                ("生物种质资源", "种质资源提供")),
    ),
    places=tuple(
        Place(zh, division, float(sum(row)), ("开发区", "城区", "高新区", "工业园区"), "晋科罚")
        for zh, division, row in zip(_CITIES, _DIVISIONS, SHANXI_TABLE, strict=True)
    ),
    categories={"university": 0.24, "research_institute": 0.34, "instrument_platform": 0.30,
                "service_platform": 0.09, "incubator": 0.03},
    subsidy=Subsidy(share_max=0.4, share_least=0.4, at_most=1.0, full_up_to=50_000.0,
                    cap_yuan=200_000.0, cap_by_year=True),
    services=1030, holders=1150, users=889, institutions=170, active_institutions=95,
    redeemed_yuan=45_370_000.0, issued_yuan=None,
    assumed=("services", "voucher holders", "institutions", "active institutions"),
    starts_on=date(2016, 3, 1), ends_on=date(2022, 10, 31), redeemer="enterprise",
    revenue_max=200_000_000.0, revenue_median=9_000_000.0,
    voucher_classes=("5万元券", "5万元券"), face_unit=50_000.0,
    qualifications=("tech_sme;hightech_enterprise", "tech_sme;incubated", "tech_sme",
                    "advanced_service_enterprise"),
    industries={"先进制造": 0.3, "新材料": 0.2, "煤基清洁能源": 0.15, "农业科技": 0.1,
                "电子信息": 0.15, "生物医药": 0.1},
    cells=tuple((city, *period, yuan * 10_000.0)
                for city, row in zip(_CITIES, SHANXI_TABLE, strict=True)
                for period, yuan in zip(_PERIODS, row, strict=True) if yuan),
)  # fmt: skip

_NAN = math.nan
CHANGXING = Margins(
    programme="changxing", zh="长兴",
    lines=(
        Service("testing", "testing", 0.680, "批", 1900, 0.18, (2, 26),
                ("statutory_testing", "instrument_platform"),
                ("样品测试", "电池性能测试", "产品检测", "仪器共享测试"),
                (Niche("动力电池整包滥用试验", 3.0, 0.05), Niche("材料失效分析", 2.7, 0.04))),
        Service("novelty_search", "novelty", 0.133, "份", 1200, 0.15, (4, 20),
                ("service_platform", "research_institute"), ("科技查新", "文献检索查新")),
        Service("enterprise_certification", "certification", 0.103, "项", 28000, 0.12, (1, 1),
                ("service_platform", "other"), ("企业认证", "管理体系认证", "产品认证服务")),
        Service("patent_purchase", "patents", 0.030, "件", 35000, 0.25, (1, 4),
                ("university", "other"), ("专利购买", "专利权转让")),
        Service("technology_development", "iur", 0.029, "项", 300000, 0.45, (1, 1), _ACADEMIC,
                ("产学研合作", "产学研合作开发")),
        Service("standard_setting", "standards", 0.017, "项", 70000, 0.40, (1, 1),
                ("service_platform", "statutory_testing"), ("产品标准制定", "团体标准制定")),
        Service("talent", "talent", 0.008, "人", 110000, 0.40, (1, 1), ("service_platform", "other"),
                ("高层次人才引进", "专家引进服务")),
    ),
    places=(Place("长兴", "330522", 1.0, ("经济开发区", "画溪街道", "太湖街道", "李家巷镇", "煤山镇",
                                        "和平镇"), "长科罚"),),
    categories={"university": 0.18, "research_institute": 0.15, "statutory_testing": 0.2,
                "instrument_platform": 0.12, "service_platform": 0.15, "incubator": 0.05,
                "other": 0.15},
    subsidy=Subsidy(share_max=0.46, share_least=0.46, at_most=1.0, cap_yuan=30_000.0,
                    cap_by_year=True, free_of_cap=0.22, free_appetite=6.0),
    services=5906, holders=560, users=505, institutions=110, active_institutions=80,
    redeemed_yuan=74_405_000.0, issued_yuan=91_388_800.0, used_up=(0.1, 0.5),
    starts_on=date(2013, 9, 10), ends_on=date(2018, 3, 31), redeemer="enterprise",
    revenue_max=400_000_000.0, revenue_median=20_000_000.0,
    voucher_classes=("申请类", "奖补类"),
    qualifications=("tech_sme;hightech_enterprise", "tech_sme;incubated", "tech_sme",
                    "advanced_service_enterprise"),
    industries={"新型电池": 0.3, "纺织": 0.2, "装备制造": 0.2, "电子电器": 0.15, "非金属材料": 0.15},
    families={"testing": (0.680, _NAN), "novelty": (0.133, _NAN), "certification": (0.103, _NAN),
              "patents": (0.030, _NAN), "iur": (0.029, _NAN), "standards": (0.017, _NAN),
              "talent": (0.008, _NAN)},
    contracts_yuan=188_000_000.0,
    assumed=("voucher holders", "institutions", "active institutions"),
)  # fmt: skip

_ZJ = (("杭州", "330100", 0.24), ("宁波", "330200", 0.14), ("温州", "330300", 0.08),
       ("嘉兴", "330400", 0.10), ("湖州", "330500", 0.16), ("绍兴", "330600", 0.08),
       ("金华", "330700", 0.06), ("衢州", "330800", 0.03), ("舟山", "330900", 0.02),
       ("台州", "331000", 0.06), ("丽水", "331100", 0.03))  # fmt: skip
_ZJ_LINES = (
    Service("testing", "services", 0.46, "项", 1000, 0.18, (2, 26),
            ("instrument_platform", "university"),
            ("测试分析", "产品检测", "样品测试分析", "计量校准测试"),
            (Niche("整机电磁兼容暗室测试", 2.8, 0.04), Niche("高分辨质谱结构解析", 3.2, 0.03))),
    Service("novelty_search", "services", 0.14, "份", 1000, 0.15, (1, 18),
            ("research_institute", "university", "service_platform"), ("技术查新", "科技查新")),
    Service("product_design", "services", 0.08, "项", 40000, 0.40, (1, 1),
            ("university", "service_platform"), ("产品设计", "工业设计服务")),
    Service("technology_consulting", "services", 0.06, "项", 30000, 0.40, (1, 1),
            ("service_platform", "university"), ("科技评估", "技术评估咨询")),
    Service("training", "services", 0.04, "人次", 800, 0.2, (5, 40),
            ("university", "service_platform"), ("技术培训", "专业技能培训")),
    Service("patent_utility", "services", 0.06, "件", 2400, 0.12, (2, 14), ("service_platform",),
            ("知识产权服务", "实用新型专利申请代理")),
    Service("patent_invention", "services", 0.05, "件", 5000, 0.12, (1, 9), ("service_platform",),
            ("知识产权服务", "发明专利申请代理"), (Niche("PCT国际专利申请代理", 2.6, 0.08),)),
    Service("technology_development", "services", 0.11, "项", 90000, 0.45, (1, 1),
            (*_ACADEMIC, "service_platform"), ("合作研发", "委托开发", "新产品委托开发")),
)  # fmt: skip

ZHEJIANG = Margins(
    programme="zhejiang", zh="浙江", lines=_ZJ_LINES,
    places=tuple(Place(zh, division, weight, ("开发区", "城区", "高新区", "科技城"), "浙科罚")
                 for zh, division, weight in _ZJ),
    categories={"university": 0.0115, "research_institute": 0.12, "instrument_platform": 0.4885,
                "service_platform": 0.36, "incubator": 0.02},
    pull={"university": 0.30},
    subsidy=Subsidy(share_max=0.50, share_least=0.30, at_most=0.8, cap_yuan=100_000.0,
                    cap_by_year=True),
    services=40_299, holders=15_000, users=11_642, institutions=6553, active_institutions=1500,
    redeemed_yuan=498_000_000.0, issued_yuan=598_000_000.0, used_up=(0.9, 0.99),
    starts_on=date(2015, 3, 1), ends_on=date(2017, 6, 30), redeemer="enterprise",
    revenue_max=200_000_000.0, revenue_median=9_000_000.0, voucher_classes=("通用", "通用"),
    qualifications=("tech_sme;hightech_enterprise", "tech_sme;incubated", "tech_sme",
                    "advanced_service_enterprise"),
    by_category={"university": (0.248, 0.241)},
    contracts_yuan=498_000_000.0 / 0.48,
    assumed=("voucher holders", "active institutions", "contracts yuan"),
)  # fmt: skip

_PROVINCES = (
    ("北京", "110100", 5), ("天津", "120100", 3), ("河北", "130100", 4), ("山西", "140100", 2),
    ("内蒙古", "150100", 1), ("辽宁", "210100", 3), ("吉林", "220100", 2), ("黑龙江", "230100", 2),
    ("上海", "310100", 6), ("江苏", "320100", 10), ("浙江", "330100", 9), ("安徽", "340100", 5),
    ("福建", "350100", 4), ("江西", "360100", 3), ("山东", "370100", 8), ("河南", "410100", 5),
    ("湖北", "420100", 5), ("湖南", "430100", 4), ("广东", "440100", 11), ("广西", "450100", 2),
    ("海南", "460100", 1), ("重庆", "500100", 3), ("四川", "510100", 5), ("贵州", "520100", 2),
    ("云南", "530100", 2), ("西藏", "540100", 0.3), ("陕西", "610100", 4), ("甘肃", "620100", 1),
    ("青海", "630100", 0.5), ("宁夏", "640100", 0.6), ("新疆", "650100", 1),
)  # fmt: skip

NATIONAL = Margins(
    programme="national", zh="全国", lines=LINES,
    places=tuple(Place(zh, division, float(weight), ("开发区", "城区", "高新区", "科技园"), "科罚")
                 for zh, division, weight in _PROVINCES),
    categories={**WUHAN.categories},
    subsidy=Subsidy(share_max=0.50, share_least=0.25, cap_yuan=150_000.0, cap_by_year=True),
    services=1_000_000, holders=420_000, users=330_000, institutions=60_000,
    active_institutions=30_000, redeemed_yuan=2.4e10, issued_yuan=None,
    starts_on=date(2021, 1, 4), ends_on=date(2023, 12, 31), redeemer="enterprise",
    voucher_classes=("通用", "通用"), text_share=0.3, published=False, pack="generic",
)  # fmt: skip

PROGRAMMES = {m.programme: m for m in (WUHAN, SHANXI, CHANGXING, ZHEJIANG, NATIONAL)}
