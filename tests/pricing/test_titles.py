"""Titles: what counts as the same, and that a dear niche is not blamed for being dear."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud_pipeline import pricing
from fraud_pipeline.pricing.parameters import PricingParameters
from fraud_pipeline.pricing.titles import plain_titles, title_groups
from tests.pricing.test_judge import honest, numbers, world

SETTINGS = PricingParameters()


def groups(titles, service=None, day=None):
    n = len(titles)
    service = np.zeros(n, dtype=np.int64) if service is None else np.asarray(service)
    day = np.arange(n) if day is None else np.asarray(day)
    return title_groups(service, pa.chunked_array([pa.array(titles, pa.string())]), day).tolist()


def test_nearly_the_same_words_are_one_title_and_other_words_are_not():
    codes = groups(
        [
            "电磁兼容检测",
            "第3批 电磁兼容检测（2017）",
            "EMC检测",
            "电磁兼容暗室检测",
            "emc检测",
            "PCT国际专利申请代理",
        ]
    )
    assert codes[0] == codes[1] and codes[2] == codes[4]
    assert len({codes[0], codes[2], codes[5]}) == 3


def test_missing_titles_are_one_group_and_services_stay_apart():
    assert groups([None, "", " 12 "])[0:1] * 3 == groups([None, "", " 12 "])
    assert len(set(groups(["检测", "检测"], service=[0, 1]))) == 2
    assert groups([]) == []


def test_later_titles_move_no_earlier_one():
    titles = [f"{a}{b}检测服务" for a in "电磁兼容暗室" for b in "温湿振动"]
    day = np.random.default_rng(1).integers(0, 50, len(titles))
    early = np.flatnonzero(day < 25)
    alone = groups([titles[k] for k in early], day=day[early])
    together = np.asarray(groups(titles, day=day))[early]
    assert [(a == b) for a in alone for b in alone] == [
        (a == b) for a in together for b in together
    ]


def plainly(titles, day):
    """Leader clustering written out: the earlier leader most like a title, the first among equals."""
    words = plain_titles(pa.chunked_array([pa.array(titles, pa.string())])).to_pylist()
    pairs = {w: set(zip("^" + w, w + "$", strict=True)) if w else set() for w in words}
    first = {w: min(day[k] for k in range(len(words)) if words[k] == w) for w in words}
    leader: dict[str, str] = {}
    for word in sorted(set(words), key=lambda w: (first[w], w)):
        alike = [
            (len(pairs[word] & pairs[other]) / max(1, len(pairs[word] | pairs[other])), other)
            for other in leader if leader[other] == other
        ]  # fmt: skip
        best = max((share for share, _ in alike), default=0.0)
        near = [other for share, other in alike if share == best]  # leaders are in order
        leader[word] = near[0] if best >= 0.6 - 1e-9 else word
    return [leader[w] for w in words]


def same_parts(one, other):
    return len(set(zip(one, other, strict=True))) == len(set(one)) == len(set(other))


# Eight leaders are remembered for a pair of characters: few enough titles here for all.
TITLES = st.lists(st.tuples(st.text("检测服务", max_size=7), st.integers(0, 4)), max_size=8)


@settings(deadline=None)
@given(TITLES)
def test_groups_are_those_of_leader_clustering_written_out(made):
    titles, day = [t for t, _ in made], [d for _, d in made]
    assert same_parts(groups(titles, day=day), plainly(titles, day))


@settings(deadline=None)
@given(st.lists(st.tuples(st.text("检测服务", max_size=7), st.integers(0, 2)), max_size=60))
def test_titles_of_other_services_change_no_group(made):
    titles, service = [t for t, _ in made], np.array([s for _, s in made], dtype=np.int64)
    together = np.array(groups(titles, service=service), dtype=np.int64)
    for one in range(3):
        own = np.flatnonzero(service == one)
        assert same_parts(groups([titles[k] for k in own], day=own), together[own].tolist())


def niche_world(n_niche=20, factor=3.0):
    """400 honest claims on successive days, ``n_niche`` of the later under a dear title."""
    prices = honest(400, 3)
    titles = ["产品检测"] * 400
    for k in np.linspace(100, 399, n_niche).astype(int):
        prices[k] *= factor
        titles[k] = "电磁兼容暗室全项检测"
    days = pa.array(np.datetime64("2016-01-01") + np.arange(400).astype("timedelta64[D]"))
    return world(prices, submitted_on=days, service_title=titles), np.array(titles)


def test_a_niche_with_its_own_title_is_not_blamed():
    tables, titles = niche_world()
    niche = titles != "产品检测"
    q_value = numbers(pricing.judge(tables, SETTINGS), "q_value")
    assert (q_value[niche] <= 0.1).sum() == 0
    untitled = tables.replaced(claims=tables["claims"].drop_columns(["service_title"]))
    assert (numbers(pricing.judge(untitled, SETTINGS), "q_value")[niche] <= 0.1).mean() > 0.5


def test_overpricing_within_a_niche_is_found_and_compared_with_the_niche():
    tables, titles = niche_world(40)
    last = int(np.flatnonzero(titles != "产品检测")[-1])
    claims = tables["claims"]
    amount = claims["contract_amount"].to_pylist()
    amount[last] *= 3
    at = claims.column_names.index("contract_amount")
    dear = tables.replaced(claims=claims.set_column(at, "contract_amount", pa.array(amount)))
    result = pricing.judge(dear, SETTINGS)
    assert (
        numbers(result, "local_fdr").argmin() == last
    )  # one such claim is too few for a sure list
    assert numbers(result, "p_value")[last] < 0.01
    assert 2.0 < numbers(result, "price_ratio")[last] < 4.5
    shown = result["comparables"][last].as_py().split(";")
    named = claims.filter(pc.is_in(claims["claim_id"], pa.array(shown)))["service_title"]
    assert set(named.to_pylist()) == {"电磁兼容暗室全项检测"}


def test_a_title_nobody_used_before_proves_less():
    tables, _ = niche_world(1, factor=2.5)
    lenient = numbers(pricing.judge(tables, SETTINGS), "p_value")[100]
    untitled = tables.replaced(claims=tables["claims"].drop_columns(["service_title"]))
    strict = numbers(pricing.judge(untitled, SETTINGS), "p_value")[100]
    assert strict < 0.002 < lenient


def test_a_ring_forms_nobodys_market():
    prices = honest(120, 9)
    prices[:60] = 500.0
    days = pa.array(np.datetime64("2016-01-01") + np.arange(120).astype("timedelta64[D]"))
    tables = world(prices, submitted_on=days)
    ring = pa.table({"ring_id": ["R1"] * 60, "claim_id": [f"C{k:05d}" for k in range(60)]})
    middle = numbers(pricing.judge(tables, SETTINGS, ring), "market_mid")
    assert 1350 < middle[-1] < 1650
