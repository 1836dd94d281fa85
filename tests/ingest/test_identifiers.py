"""Check characters, against slow oracles and known numbers; slips are mended only when certain."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud_pipeline.ingest.identifiers import (
    USCC_ALPHABET,
    patent_no_valid,
    repair_lookalikes,
    uscc_valid,
)


def check_character(body):
    """GB 32100-2015 letter by letter."""
    total = sum(USCC_ALPHABET.index(c) * pow(3, k, 31) for k, c in enumerate(body))
    return USCC_ALPHABET[(31 - total % 31) % 31]


SIGN = st.sampled_from(USCC_ALPHABET)
PLACE = st.text(alphabet="0123456789", min_size=6, max_size=6)
BODY = st.tuples(SIGN, SIGN, PLACE, st.text(alphabet=USCC_ALPHABET, min_size=9, max_size=9)).map(
    "".join
)


@given(st.lists(BODY, max_size=8), st.randoms())
def test_the_fast_check_agrees_with_the_slow_one(bodies, random):
    good = [body + check_character(body) for body in bodies]
    bad = [code[:-1] + random.choice(USCC_ALPHABET.replace(code[-1], "")) for code in good]
    codes = pa.array([*good, *bad, None, "", "9135", "91350100M000100Y4o"])
    assert uscc_valid(codes).tolist() == [True] * len(good) + [False] * (len(bad) + 4)


def test_the_standards_own_example_is_valid_and_a_slice_of_an_array_too():
    codes = pa.array(["x", "91350100M000100Y43", "91350100M000100Y44"])
    assert uscc_valid(codes.slice(1)).tolist() == [True, False]


@given(BODY, st.integers(0, 17), st.sampled_from(USCC_ALPHABET))
def test_one_wrong_letter_is_always_noticed(body, at, letter):
    code = body + check_character(body)
    wrong = code[:at] + letter + code[at + 1 :]
    assert uscc_valid(pa.array([wrong]))[0] == (wrong == code)


def test_patent_numbers():
    assert patent_no_valid("200710308494.X") and patent_no_valid("ZL200710308494.X")
    assert patent_no_valid("200710308494X") and patent_no_valid("200710308494.x")
    assert not patent_no_valid("200710308494.1") and not patent_no_valid("CN101234567A")
    assert not patent_no_valid("") and not patent_no_valid("².0")


@given(BODY)
def test_small_letters_and_lookalikes_come_back(body):
    code = body + check_character(body)
    assert repair_lookalikes(code) == code
    assert repair_lookalikes(code.lower()) == code
    assert repair_lookalikes(code.replace("0", "O").replace("1", "I").replace("X", "Х")) == code


def test_nothing_is_mended_that_is_not_certain():
    for text in (
        "91350100M000100Y44",
        "O12345",
        "i1",
        "abc",
        "Москва",
        "HT-OI-2016",
        "aaaaaaaaaaaaaaaaaa",
    ):
        assert repair_lookalikes(text) == text


def test_a_patents_small_or_cyrillic_x_becomes_x():
    assert repair_lookalikes("200710308494.x") == "200710308494.X"
    assert repair_lookalikes("200710308494.Х") == "200710308494.X"


@pytest.mark.parametrize("authority", "159NYA")
def test_codes_of_every_authority_are_valid(authority):
    body = f"{authority}2420100400010275"
    assert uscc_valid(pa.array([body + check_character(body)]))[0]
