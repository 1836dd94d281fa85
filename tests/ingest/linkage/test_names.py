"""Names and addresses in one spelling: what is the same becomes equal, what is not stays apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud_pipeline.ingest.identifiers import phone_digits
from fraud_pipeline.ingest.linkage import names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("武汉光瑞光电有限公司", "武汉光瑞光电有限责任公司"),
        ("武汉光瑞光电有限公司", " 武汉光瑞光电 有限公司\u3000"),
        ("光瑞（武汉）光电有限公司", "光瑞(武汉)光电有限公司"),
        ("武汉ＡＢ光电有限公司", "武汉ab光电有限公司"),
        ("【光瑞】光电股份公司", "光瑞光电股份有限公司"),
    ],
)
def test_spellings_of_one_whole_name(one, other):
    assert names.name(one).whole == names.name(other).whole


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("武汉光瑞光电有限公司", "湖北省武汉市光瑞光电有限公司"),
        ("武汉光瑞光电有限公司", "光瑞光电（武汉）有限公司"),
    ],
)
def test_a_place_in_front_is_not_the_core_of_a_name(one, other):
    assert names.name(one).core == names.name(other).core == "光瑞光电"
    assert names.name(one).whole != names.name(other).whole


@pytest.mark.parametrize(
    ("text", "branch"),
    [
        ("武汉光瑞光电有限公司黄石分公司", "黄石分公司"), ("武汉大学生命科学学院", "生命科学学院"),
        ("武汉大学", ""), ("江南检测中心黄石分公司", "黄石分公司"), ("中国科学院武汉植物园", ""), ("武汉光电有限公司", ""),
    ],
)  # fmt: skip
def test_a_unit_of_an_institution_is_known_as_such(text, branch):
    assert names.name(text).branch == branch


def test_a_university_keeps_its_city():
    assert names.name("武汉大学").core == "武汉大学"
    assert (
        names.name("襄阳光电有限公司").seat == "襄阳"
        and names.name("武汉光电有限公司").seat == "武汉"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("湖北省武汉市洪山区珞喻路23号501室", "洪山区珞喻路２３号 501房"),
        ("武汉市洪山区珞喻路二十三号3幢", "洪山区珞喻路23号3号楼"),
    ],
)
def test_spellings_of_one_address(one, other):
    assert names.address(one) == names.address(other)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("138-1234-5678", "13812345678"), ("+86 138 1234 5678", "13812345678"), ("0086-13812345678", "13812345678"),
        ("（027）8765-4321".replace("（", "(").replace("）", ")"), "02787654321"), ("13812345678.0", "13812345678"),
        ("8765转3", None), ("138123456", None), ("12345678901", None),
    ],
)  # fmt: skip
def test_telephones(text, digits):
    assert phone_digits(text) == digits


@given(st.text(max_size=40))
def test_no_text_breaks_them(text):
    taken = names.name(text)
    assert not any(c.isspace() for c in taken.whole + taken.core)
    assert names.name(text + " \u3000") == taken
    assert names.address(names.address(text)) == names.address(names.address(names.address(text)))
    assert names.building(names.address(text)) in names.address(text)
    assert len(names.person(text)) <= 18 * max(1, len(text))
    names.numbers_in(text)
