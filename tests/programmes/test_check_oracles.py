"""Fast paths against slow ones written out plainly."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud_pipeline.core.code_points import encoded
from fraud_pipeline.programmes import evaluate, ngrams
from fraud_pipeline.programmes.rules import l01_enterprise_cap, t16_duplicates
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing.rows import AS_OF, tables

PACKS = load_packs()


def grams(text: str) -> set[str]:
    return {text[k : k + ngrams.WIDTH] for k in range(len(text) - ngrams.WIDTH + 1)}


def texts_with_copies(seed: int) -> list[str]:
    """Random texts, and copies of them in which more and more characters are changed."""
    rng = np.random.default_rng(seed)
    alphabet = np.array(list("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"))
    made = []
    for _ in range(12):
        text = rng.choice(alphabet, int(rng.integers(60, 300)))
        made.append("".join(text))
        for changes in (0, 1, 2, 5, 20):
            copy = text.copy()
            copy[rng.integers(0, len(copy), changes)] = "换"
            made.append("".join(copy))
    return made


def test_near_copies_are_found_and_nothing_is_made_up():
    wanted_in_all, found_in_all = 0, 0
    for seed in range(8):
        texts = texts_with_copies(seed)
        kinds = np.arange(len(texts)) % 2
        left, right, share = ngrams.alike(encoded(pa.chunked_array([texts])), kinds, 0.9, 99)
        found = dict(zip(zip(left.tolist(), right.tolist(), strict=True), share, strict=True))
        wanted = {}
        for a in range(len(texts)):
            for b in range(a + 1, len(texts)):
                one, two = grams(texts[a]), grams(texts[b])
                similarity = len(one & two) / len(one | two)
                if similarity >= 0.9 and kinds[a] == kinds[b]:
                    wanted[a, b] = similarity
        assert set(found) <= set(wanted)
        assert all(found[pair] == pytest.approx(wanted[pair]) for pair in found)
        assert {pair for pair in wanted if wanted[pair] == 1.0} <= set(found)
        wanted_in_all += len(wanted)
        found_in_all += len(found)
    assert found_in_all >= 0.95 * wanted_in_all > 100


def test_texts_too_short_for_a_gram_do_no_harm():
    column = pa.chunked_array([["", "短", "甲乙丙丁", "甲乙丙丁"]])
    left, _, share = ngrams.alike(encoded(column), np.zeros(4), 0.9, 99)
    assert len(left) == 0 and len(share) == 0
    none = ngrams.alike(encoded(pa.chunked_array([[]], pa.string())), np.zeros(0), 0.9, 99)
    assert [len(part) for part in none] == [0, 0, 0]


DAY = st.dates(dt.date(2015, 3, 1), dt.date(2019, 3, 1))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("AB"), DAY, st.integers(0, 90_000)), max_size=12))
def test_the_rolling_cap_against_a_plain_loop(rows):
    claims = [
        {"claim_id": f"C{n:02d}", "enterprise_id": firm, "submitted_on": day, "voucher_used": used}
        for n, (firm, day, used) in enumerate(rows)
    ]
    results, _ = evaluate(
        tables(claims=claims), PACKS, AS_OF, ProgrammeSettings(), [l01_enterprise_cap.RULE]
    )
    found = {r["claim_id"]: (r["measured"], r["outcome"]) for r in results.to_pylist()}
    for claim in claims:
        # two calendar years back; 29 February has no anniversary in other years
        back = claim["submitted_on"]
        back = back.replace(year=back.year - 2, day=min(back.day, 28 if back.month == 2 else 31))
        if claim["submitted_on"].month == 2 and claim["submitted_on"].day == 29:
            back = dt.date(back.year, 2, 28)
        total = sum(
            other["voucher_used"]
            for other in claims
            if other["enterprise_id"] == claim["enterprise_id"]
            and (other["submitted_on"], other["claim_id"])
            <= (claim["submitted_on"], claim["claim_id"])
            and other["submitted_on"] > back
        )
        outcome = "hit" if total > 150_000 else "pass"
        assert found[claim["claim_id"]] == (total, outcome)


NUMBER = st.sampled_from(["BG2016-0001", "bg20160001", "BG2016-0002", "BG1", None])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["K1", "K2", None]), DAY, NUMBER), max_size=8))
def test_only_later_claims_of_other_contracts_repeat_a_number(rows):
    claims, papers = [], []
    for n, (contract, day, number) in enumerate(rows):
        claims.append({"claim_id": f"C{n}", "contract_id": contract, "submitted_on": day})
        papers.append({"deliverable_id": f"D{n}", "claim_id": f"C{n}", "reference_no": number})
    results, _ = evaluate(
        tables(claims=claims, deliverables=papers), PACKS, AS_OF, ProgrammeSettings(),
        [t16_duplicates.RULE],
    )  # fmt: skip
    found = {r["claim_id"]: r["outcome"] for r in results.to_pylist()}

    def plain(paper):
        number = paper["reference_no"]
        return None if number is None or len(number) < 8 else number.upper().replace("-", "")

    order = sorted(zip(claims, papers, strict=True), key=lambda p: (p[0]["submitted_on"],
                                                                     p[0]["claim_id"]))  # fmt: skip
    first: dict[str, str] = {}
    for claim, paper in order:
        number, work = plain(paper), claim["contract_id"] or claim["claim_id"]
        if number is None:
            assert found[claim["claim_id"]] == "not_applicable"
            continue
        owner = first.setdefault(number, work)
        assert found[claim["claim_id"]] == ("pass" if owner == work else "hit")
