"""Numbers one slip apart: found where the papers agree, left alone where a house counts on."""

import datetime as dt

import numpy as np
import pytest

from fraud_pipeline.core.sql import query
from fraud_pipeline.programmes import evaluate, numbers
from fraud_pipeline.programmes.rules import t16_duplicates
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing.rows import AS_OF, tables

PACKS = load_packs()
DAY = dt.date(2016, 3, 1)


def evaluate_numbers(papers, invoices=(), **columns):
    """claim -> result; each paper is (claim, reference, further columns of claim or paper)."""
    claims, rows = [], []
    for n, (claim, number, more) in enumerate(papers):
        day = DAY + dt.timedelta(days=10 * n)
        claims.append({"claim_id": claim, "contract_id": f"K{n}", "submitted_on": day,
                       **columns, **{k: v for k, v in more.items() if k != "issued_on"}})  # fmt: skip
        rows.append({"deliverable_id": f"J{n}", "claim_id": claim, "reference_no": number,
                     "kind": "test_report", "issued_on": more.get("issued_on", day)})  # fmt: skip
    given = tables(claims=claims, deliverables=rows, invoices=list(invoices))
    found, _ = evaluate(given, PACKS, AS_OF, ProgrammeSettings(), [t16_duplicates.RULE])
    return {row["claim_id"]: row for row in found.to_pylist()}


def hit(number, other, **more):
    return evaluate_numbers([("A", number, {}), ("B", other, more)])["B"]["outcome"] == "hit"


@pytest.mark.parametrize(
    "other",
    ["BG20160l23456", "bg-2016-0123456", "BG 2016 O123456", "BG２０１６0123456", "ВG20160123456"],
)
def test_one_number_in_other_spelling_is_the_same_number(other):
    # whoever files it: the spelling is no disguise
    assert hit("BG20160123456", other, enterprise_id="E9", institution_id="I9")


def test_a_patent_number_is_the_same_with_prefix_and_check_digit():
    def folded(number):
        rows = query(f"SELECT {numbers.folded(numbers.plain(chr(39) + number + chr(39)))} AS f", {})
        return rows["f"][0].as_py()

    assert folded("ZL 201610001234.5") == folded("CN201610001234.5") == "2016100012345"
    assert folded("ZLJ-01") == "Z1J01"  # no prefix: no number follows


def test_a_digit_exchanged_or_two_changed_round_by_the_same_parties_at_the_same_price():
    row = evaluate_numbers([("A", "BG20160123456", {}), ("B", "BG20160823456", {})])["B"]
    assert row["outcome"] == "hit" and row["evidence"] == "claims A"
    assert "one slip away from BG20160123456 of the earlier claim A" in row["sentence_en"]
    assert "with the same institution, enterprise, amount" in row["sentence_en"]
    assert "机构、企业、金额" in row["sentence_zh"]
    assert hit("BG20160123456", "BG20160213456")
    assert not hit("BG20160123456", "BG20160893456")  # two slips


def test_nearly_the_same_says_nothing_where_the_papers_do_not_agree():
    near = ("BG20160123456", "BG20160823456")
    assert not hit(*near, contract_amount=9_000)
    assert not hit(*near, enterprise_id="E2")
    assert not hit(*near, institution_id="I2")
    assert hit(*near, institution_id="I2", issued_on=DAY)  # one firm, one amount, one day
    assert hit(*near, enterprise_id="E2", issued_on=DAY)  # one house, one amount, one day


def test_the_next_number_of_an_institution_is_no_lead():
    assert not hit("BG20160123456", "BG20160123457")
    assert not hit("BG20160123456", "BG20160123465")
    # a busy lab that counts on: its report 417 differs from its report 117 in one digit
    papers = [
        (f"C{n:03d}", f"BG2016{3 * n:05d}", {"enterprise_id": f"E{n % 4}"}) for n in range(400)
    ]
    assert {row["outcome"] for row in evaluate_numbers(papers).values()} == {"pass"}
    # but a number far from where its day would have it is one
    wrong = [*papers, ("Z", "BG2016 00817", {"enterprise_id": "E3"})]
    assert evaluate_numbers(wrong)["Z"]["outcome"] == "hit"


def test_duplicates_are_found_across_programmes_and_years():
    papers = [("A", "BG20130123456", {"programme": "wuhan", "submitted_on": dt.date(2013, 5, 1)}),
              ("B", "BG20130123456", {"programme": "changxing", "submitted_on": dt.date(2017, 5, 1)}),
              ("C", "BG20130123465", {"programme": "beijing", "enterprise_id": "E7"})]  # fmt: skip
    assert {c: r["outcome"] for c, r in evaluate_numbers(papers).items()} == {
        "A": "pass", "B": "hit", "C": "pass"}  # fmt: skip


def test_an_invoice_retyped_without_its_code_or_leading_zeros_and_one_that_pays_two_jobs():
    def found(one, two, amounts=(10_000, 10_000)):
        both = [
            {
                "invoice_no": number,
                "invoice_code": code,
                "contract_id": f"K{n}",
                "seller_id": "I1",
                "buyer_id": "E1",
                "amount": amount,
            }
            for n, ((number, code), amount) in enumerate(zip((one, two), amounts, strict=True))
        ]
        return evaluate_numbers([("A", None, {}), ("B", None, {})], both)["B"]["outcome"] == "hit"  # fmt: skip

    assert found(("00123456", "4200161"), ("123456", "04200161"))
    assert found(("00123456", "4200161"), ("00123456", None))
    assert found(("12345678", "4200161"), ("12845678", "4200161"))
    assert not found(("12345678", "4200161"), ("12345678", "4200162"))  # another booklet
    assert not found(("12345678", "4200161"), ("12345678", "4200161"), (20_000, 20_000))
    assert found(("12345678", "4200161"), ("12345678", "4200161"), (15_000, 15_000))


def slip(one, other):
    """At most one character exchanged, or two neighbours changed round."""
    places = [k for k in range(len(one)) if one[k] != other[k]]
    if len(places) <= 1:
        return True
    a, *_, b = places
    return len(places) == 2 and b == a + 1 and (one[a], one[b]) == (other[b], other[a])


@pytest.mark.parametrize("seed", range(6))
def test_the_masks_find_what_comparing_all_pairs_finds(seed):
    rng = np.random.default_rng(seed)
    base = rng.integers(0, 10, (3, 9))
    papers = []
    for n in range(40):
        digits = base[rng.integers(3)].copy()
        changed = rng.integers(0, 7, rng.integers(3))
        digits[changed] = rng.integers(0, 10, len(changed))
        if rng.random() < 0.3:
            k = rng.integers(6)
            digits[[k, k + 1]] = digits[[k + 1, k]]
        day = DAY + dt.timedelta(days=int(rng.integers(900)))  # numbers that do not run with time
        papers.append((f"C{n:02d}", "".join(map(str, digits)), {"issued_on": day}))
    rows = evaluate_numbers(papers)
    for n, (claim, number, _) in enumerate(papers):
        before = [other for _, other, _ in papers[:n]]
        expected = any(o == number or (slip(o, number) and o[:-2] != number[:-2]) for o in before)
        assert (rows[claim]["outcome"] == "hit") == expected, (claim, number)
