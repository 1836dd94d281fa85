"""Made-up but well-formed identities: codes with valid check characters, names, numbers.

Check characters: 统一社会信用代码 by GB 32100-2015 (weights 3^i mod 31); patent application
numbers by the CNIPA rule (weights 2..9, 2..5 mod 11, 10 written X).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Strings = npt.NDArray[np.str_]
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)])
_PATENT_WEIGHTS = np.array([2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5])
_LETTERS = np.array(list(ALPHABET))

_SURNAMES = list(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩冯曹彭曾肖田董袁潘于蒋蔡余杜"
)
_GIVEN_NAMES = list(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红玲飞鹏斌辉波宇浩凯健俊帆雪琳晨阳欣"
)
_NAME_HEAD = list("光瑞恒信华中科天宏海博智云创新锐远达康泰嘉盛捷安维正元启航星")
_NAME_TAIL = [
    "光电",
    "生物",
    "软件",
    "医药",
    "智能装备",
    "新材料",
    "环保",
    "测控",
    "激光",
    "信息技术",
]


def credit_codes(
    rng: np.random.Generator, n: int, kind: str, division: npt.NDArray[np.str_] | str = "420100"
) -> Strings:
    """``n`` distinct 18-character codes that begin with ``kind`` (e.g. ``91`` enterprise, ``12`` school).

    ``division`` is the GB/T 2260 code of the place of registration, one or one a party.
    """
    serial = rng.permutation(31**4)[:n] if n <= 31**4 else rng.permutation(31**5)[:n]
    digits = np.zeros((n, 17), dtype=np.int64)
    digits[:, :2] = [ALPHABET.index(c) for c in kind]
    place = np.broadcast_to(np.asarray(division).astype(np.int64), (n,))
    digits[:, 2:8] = (place[:, None] // 10 ** np.arange(5, -1, -1)) % 10
    rest = serial
    for position in range(16, 11, -1):
        digits[:, position] = rest % 31
        rest = rest // 31
    digits[:, 8:12] = rng.integers(0, 31, (n, 4))
    check = (31 - (digits * _WEIGHTS).sum(axis=1) % 31) % 31
    return _joined(np.column_stack([digits, check]))


def patent_numbers(rng: np.random.Generator, years: npt.NDArray[np.int64], kind: int) -> Strings:
    """Application numbers of the given filing years: ``201610012345.X`` (kind 1 invention ...)."""
    n = len(years)
    serial = rng.integers(0, 10**7, n)
    body = years * 10**8 + kind * 10**7 + serial
    digits = (body[:, None] // 10 ** np.arange(11, -1, -1)) % 10
    check = (digits * _PATENT_WEIGHTS).sum(axis=1) % 11
    tail = np.where(check == 10, "X", check.astype(str))
    return np.char.add(np.char.add(body.astype(str), "."), tail)


def person_names(rng: np.random.Generator, n: int) -> Strings:
    """Common names from a small pool, so that namesakes happen as they do in life."""
    parts = [rng.choice(_SURNAMES, n), rng.choice(_GIVEN_NAMES, n)]
    second = np.where(rng.random(n) < 0.7, rng.choice(_GIVEN_NAMES, n), "")
    return np.char.add(np.char.add(parts[0], parts[1]), second)


def enterprise_names(rng: np.random.Generator, place: Strings) -> Strings:
    """One name an enterprise of ``place`` (a city each)."""
    n = len(place)
    head = np.char.add(rng.choice(_NAME_HEAD, n), rng.choice(_NAME_HEAD, n))
    name = np.char.add(np.char.add(place, head), rng.choice(_NAME_TAIL, n))
    return np.char.add(name, "有限公司")


def phones(rng: np.random.Generator, n: int) -> Strings:
    return np.char.add("1", rng.integers(3 * 10**9, 10**10, n).astype(str))


def accounts(rng: np.random.Generator, n: int) -> Strings:
    return np.char.add("6222", rng.integers(10**14, 10**15, n).astype(str))


def _joined(digits: npt.NDArray[np.int64]) -> Strings:
    letters = np.ascontiguousarray(_LETTERS[digits])
    joined: Strings = letters.view(f"<U{digits.shape[1]}").ravel()
    return joined
