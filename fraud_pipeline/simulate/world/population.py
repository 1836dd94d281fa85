"""The parties of a world: enterprises that hold vouchers and institutions that may take them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.world import identities as ids
from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.random_streams import stream

_STREETS = ["珞喻路", "雄楚大道", "高新大道", "关山大道", "解放大道"]


def institutions(margins: Margins, n: int, seed: int) -> pd.DataFrame:
    """``n`` institutions, most popular first within the world; ``weight`` is their popularity."""
    rng = stream(seed, "institutions")
    names = np.array(list(margins.categories))
    shares = np.array(list(margins.categories.values()))
    category = _every_category(rng.choice(names, n, p=shares / shares.sum()), names)
    place = places(rng, margins, n)
    division = np.array([p.division for p in margins.places])[place]
    public = np.isin(category, ["university", "research_institute", "statutory_testing"])
    codes = np.where(public, ids.credit_codes(rng, n, "12", division),
                     ids.credit_codes(rng, n, "91", division))  # fmt: skip
    return pd.DataFrame(
        {
            "institution_id": codes,
            "name": _institution_names(rng, category),
            "category": category,
            "legal_representative": ids.person_names(rng, n),
            "region": np.array([p.zh for p in margins.places])[place],
            "address": _addresses(rng, margins, place),
            "phone": ids.phones(rng, n),
            "bank_account": ids.accounts(rng, n),
            "founded_on": _days(rng, n, *_founding_years(margins.starts_on)),
            "registered_on": _days(
                rng,
                n,
                margins.starts_on - timedelta(days=43),
                margins.starts_on + timedelta(days=49),
            ),
            "staff": rng.integers(8, 400, n),
            "weight": 1.0 / (np.arange(n) + 3.0),
            "price_level": np.exp(rng.normal(0, margins.nuisance.institution_spread, n)),
            "price_list": rng.random(n) < margins.nuisance.price_list_share,
            "place": place,
            "prompt": _some(margins.nuisance.prompt_institutions, n, seed, "prompt institutions"),
            "buys_goods": _some(margins.nuisance.supplier_share, n, seed, "buyers of goods"),
            "own_form": (rng.random(n) < margins.nuisance.own_form_share) & (np.arange(n) > 20),
        }
    )


def _founding_years(starts_on: date) -> tuple[date, date]:
    """Institutions are founded from 1990 on, earlier where the programme itself is old."""
    first = 1990 if starts_on.year > 1995 else starts_on.year - 25
    return date(first, 1, 1), date(starts_on.year - 1, 6, 1)


def _some(share: float, n: int, seed: int, name: str) -> np.ndarray:
    """Which of ``n`` parties have a habit, from a stream of its own."""
    return np.asarray(stream(seed, name).random(n) < share)


def enterprises(margins: Margins, n: int, hosts: pd.DataFrame, seed: int) -> pd.DataFrame:
    """``n`` voucher holders; ``hosts`` are the incubators among the institutions."""
    rng = stream(seed, "enterprises")
    founded, micro = _founded(rng, margins, n)
    employees = np.maximum(2, rng.lognormal(2.9, 0.8, n)).astype(int)
    employees = np.where(micro, rng.integers(1, 6, n), employees)
    if margins.employees_max is not None:
        employees = np.minimum(employees, margins.employees_max)
    rd = np.maximum(1, (employees * rng.uniform(0.1, 0.5, n)).astype(int))
    tenant = rng.random(n) < (margins.nuisance.tenant_share if len(hosts) else 0.0)
    host = rng.integers(0, max(1, min(len(hosts), 1 + n // 40)), n)
    place = places(rng, margins, n)
    if len(hosts):
        place = np.where(tenant, hosts["place"].to_numpy()[host], place)
    n_kept = int(n * margins.nuisance.bookkeeper_share)
    keeper_phones = ids.phones(rng, max(1, n_kept // margins.nuisance.enterprises_per_bookkeeper))
    uses_bookkeeper = rng.random(n) < margins.nuisance.bookkeeper_share
    phone = np.where(uses_bookkeeper, rng.choice(keeper_phones, n), ids.phones(rng, n))
    zh = np.array([p.zh for p in margins.places])
    return pd.DataFrame(
        {
            "enterprise_id": ids.credit_codes(
                rng, n, "91", np.array([p.division for p in margins.places])[place]
            ),
            "name": ids.enterprise_names(rng, zh[place]),
            "legal_representative": ids.person_names(rng, n),
            "region": zh[place],
            "address": _of_host(tenant, hosts, "address", host, _addresses(rng, margins, place)),
            "phone": phone,
            "email": _emails(rng, n, margins.nuisance.free_mail_share),
            "bank_account": ids.accounts(rng, n),
            "founded_on": founded,
            "annual_revenue": _revenue(rng, margins, n),
            "employees": employees,
            "rd_employees": np.where(rng.random(n) < margins.nuisance.no_rd_share, 0, rd),
            "industry": _sample_categories(rng, margins.industries, n),
            "qualifications": _qualifications(margins, rng.random(n) < 0.45, tenant, rng.random(n)),
            "incubator_id": _of_host(tenant, hosts, "institution_id", host, np.full(n, None)),
            "tenant": tenant,
            "kept": uses_bookkeeper,
            "micro": micro,
            "place": place,
            "free": rng.random(n) < margins.subsidy.free_of_cap,
        }
    )


def places(rng: np.random.Generator, margins: Margins, n: int) -> np.ndarray:
    """The place (row of ``margins.places``) of ``n`` parties, by weight; every place has some."""
    weight = np.array([p.weight for p in margins.places])
    if len(weight) == 1:
        return np.zeros(n, dtype=np.int64)
    place_rows = rng.choice(len(weight), n, p=weight / weight.sum())
    place_rows[-len(weight) :] = np.arange(len(weight))[:n]
    return place_rows


def _of_host(
    tenant: np.ndarray, hosts: pd.DataFrame, column: str, host: np.ndarray, others: np.ndarray
) -> np.ndarray:
    if not len(hosts):
        return others
    return np.where(tenant, hosts[column].to_numpy()[host], others)


def _founded(rng: np.random.Generator, margins: Margins, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Founding days and who is a new micro-enterprise."""
    starts, span = margins.starts_on, (margins.ends_on - margins.starts_on).days
    usual = _days(rng, n, starts.replace(year=starts.year - 11), starts - timedelta(days=130))
    micro = rng.random(n) < margins.nuisance.micro_share
    new = _days(rng, n, starts - timedelta(days=100), starts + timedelta(days=span // 2))
    return np.where(micro, new, usual), micro


def _revenue(rng: np.random.Generator, margins: Margins, n: int) -> np.ndarray:
    """Yuan a year; nobody above the limit, and some honest enterprises close to it."""
    revenue = rng.lognormal(np.log(margins.revenue_median), 0.9, n)
    near = margins.revenue_max * rng.uniform(0.6, 0.9995, n)
    return np.round(np.where(revenue >= margins.revenue_max * 0.9, near, revenue), -3)


def _emails(rng: np.random.Generator, n: int, free_share: float) -> np.ndarray:
    free = rng.random(n) < free_share
    name = np.char.add(rng.choice(["info", "office", "kj", "xm"], n), np.arange(n).astype(str))
    return np.char.add(name, np.where(free, "@mail.example", "@example.cn"))


def _sample_categories(rng: np.random.Generator, shares: dict[str, float], n: int) -> np.ndarray:
    weight = np.array(list(shares.values()))
    return rng.choice(np.array(list(shares)), n, p=weight / weight.sum())


def _qualifications(
    margins: Margins, hightech: np.ndarray, tenant: np.ndarray, luck: np.ndarray
) -> np.ndarray:
    first, incubated, plain, second = margins.qualifications
    base = np.where(hightech, first, "")
    joint = np.where(hightech & tenant, ";", "")
    both = np.char.add(np.char.add(base, joint), np.where(tenant, incubated, ""))
    # every holder was let in for some reason: the rest are of the plain kind
    others = np.where(luck < 0.5, plain, f"{plain};{second}")
    return np.where(both == "", others, both)


def _every_category(categories: np.ndarray, names: np.ndarray) -> np.ndarray:
    categories[: len(names)] = names[: len(categories)]  # a small world still has one of each
    return categories


def _institution_names(rng: np.random.Generator, category: np.ndarray) -> np.ndarray:
    tail = {
        "university": "大学", "research_institute": "研究所", "industrial_research_institute": "工业技术研究院",
        "incubator": "科技企业孵化器", "statutory_testing": "检测中心", "ip_agency": "知识产权代理有限公司",
        "hightech_engineering_centre": "工程技术中心", "instrument_platform": "大型仪器共享平台",
        "service_platform": "科技创新服务平台", "other": "技术服务有限公司",
    }  # fmt: skip
    head = np.char.add(rng.choice(list("华江楚汉珞东鄂"), len(category)),
                       rng.choice(list("中南理工农信达科诚正"), len(category)))  # fmt: skip
    number = np.char.add(head, rng.choice(["", "一", "二", "联合"], len(category)))
    return np.char.add(number, np.array([tail[c] for c in category]))


def _addresses(rng: np.random.Generator, margins: Margins, place: np.ndarray) -> np.ndarray:
    n = len(place)
    luck = rng.random(n)
    head = np.empty(n, dtype="<U24")
    for number, spot in enumerate(margins.places):
        in_place = np.flatnonzero(place == number)
        quarter = np.array([f"{spot.zh}市{d}" for d in spot.districts])
        head[in_place] = quarter[(luck[in_place] * len(quarter)).astype(int)]
    street = np.char.add(head, rng.choice(_STREETS, n))
    number_ = np.char.add(rng.integers(1, 990, n).astype(str), "号")
    room_number = np.char.add(rng.integers(101, 2900, n).astype(str), "室")
    return np.char.add(street, np.char.add(number_, room_number))


def _days(rng: np.random.Generator, n: int, first: date, last: date) -> np.ndarray:
    span = (last - first).days
    return np.datetime64(first) + rng.integers(0, span + 1, n).astype("timedelta64[D]")
