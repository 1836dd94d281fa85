"""Identifiers with a check character: unified social credit codes and patent numbers.

GB 32100-2015: 18 characters of a 31-letter alphabet (no I, O, S, V, Z), weights
3^i mod 31, check value (31 - sum mod 31) mod 31. Authority codes that are letters
(N, Y, A ...) are valid; libraries that demand eight leading digits refuse them.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# signs 3 to 8 are the code of a place: digits only, so that no name is a code
_USCC = rf"^[{USCC_ALPHABET}]{{2}}[0-9]{{6}}[{USCC_ALPHABET}]{{10}}$"
_LIKE_DIGITS = "OoIilLSsZz"
_WEIGHTS = np.array([pow(3, k, 31) for k in range(17)], dtype=np.int64)
_VALUE = np.full(128, -1, dtype=np.int64)
_VALUE[[ord(c) for c in USCC_ALPHABET]] = np.arange(31)
_PATENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
# Letters of other alphabets that look like Latin ones.
_LATIN = str.maketrans(
    "АВЕКМНОРСТХУІЈѕаеорсхуΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXYIJsaeopcxyABEZHIKMNOPTYX"
)


_SLIPS = str.maketrans("OISZ", "0152")
_BETWEEN = re.compile(r"[\s.\-]")
_PHONE = re.compile(r"1[3-9]\d{9}|0[1-9]\d{1,2}[2-9]\d{6,7}|400\d{7}", re.ASCII)
Mask = npt.NDArray[np.bool_]


def uscc_valid(codes: pa.Array) -> Mask:
    """Whether each text is a valid 18-character code; bool of shape (n,), null is False."""
    shaped = pc.fill_null(pc.match_substring_regex(codes, _USCC), False)
    good: Mask = shaped.to_numpy(zero_copy_only=False).copy()
    candidates = pc.filter(codes, shaped)
    if not len(candidates):
        return good
    fixed = candidates.cast(pa.binary()).cast(pa.binary(18))
    raw = np.frombuffer(fixed.buffers()[1], dtype=np.uint8, count=18 * len(fixed))
    values = _VALUE[raw.reshape(-1, 18)]
    check = (31 - (values[:, :17] @ _WEIGHTS) % 31) % 31
    good[good] = check == values[:, 17]
    return good


def patent_no_valid(number: str) -> bool:
    """Whether an application number's check digit is right: 12 or 8 digits, a dot, 0-9 or X.

    A leading ZL or CN and the dot may be there or not. Publication numbers are not
    application numbers and are not valid here.
    """
    body = number.upper().removeprefix("ZL").removeprefix("CN").replace(".", "")
    digits, check = body[:-1], body[-1:]
    if len(digits) not in (8, 12) or not digits.isascii() or not digits.isdigit():
        return False
    rest = sum(int(d) * w for d, w in zip(digits, _PATENT_WEIGHTS, strict=False)) % 11
    return check == "0123456789X"[rest]


# a word of which no sign is Latin: ТЕСТ, ΑΕ; a slip stands beside Latin letters or digits
_FOREIGN_WORD = re.compile(r"(?<!\w)[^\W\d_a-zA-Z]{2,}(?!\w)")


def repair_lookalikes(text: str) -> str:
    """``text`` with what is certainly a slip put right, else as it is.

    Look-alike letters of other alphabets become Latin. In an 18-character code a small
    letter, or O, I, S, Z for 0, 1, 5, 2, is put right only if the check character then
    fits; a patent number's x becomes X.
    """
    latin = text.translate(_LATIN)
    if not latin.isascii() or (latin != text and _FOREIGN_WORD.search(text)):
        return text  # real words of another alphabet are not slips
    upper = latin.upper()
    if len(upper) == 18 and not _may_be_code(latin):
        return latin  # a name of 18 letters is a name
    if len(upper) == 18:
        small_l = latin.replace("l", "1").upper()
        ways = {upper, upper.translate(_SLIPS), small_l, small_l.translate(_SLIPS)}
        fitting = [w for w in ways if uscc_valid(pa.array([w]))[0]]
        if len(fitting) > 1:  # signs 3 to 8 are the code of a place, digits only
            fitting = [w for w in fitting if w[2:8].isdigit()]
            if len(fitting) != 1 and latin == latin.lower():  # all small: an l is a small L
                return upper if uscc_valid(pa.array([upper]))[0] else latin
        return fitting[0] if len(fitting) == 1 else latin  # two ways to read it: a person decides
    if latin.endswith("x") and patent_no_valid(upper):
        return upper
    return latin


def _may_be_code(text: str) -> bool:
    """Whether 18 signs have digits, or letters that look like them, where a credit code has the
    code of a place: no name has."""
    return all(sign.isdigit() or sign in _LIKE_DIGITS for sign in text[2:8])


def joined(text: str) -> str:
    """A social credit code without the spaces, dots or hyphens between its groups.

    Other identifiers keep theirs: HT-2016-001 is spelled that way.
    """
    bare = _BETWEEN.sub("", text)
    if len(bare) != 18 or bare == text or not _may_be_code(bare):
        return text
    return bare if uscc_valid(pa.array([repair_lookalikes(bare)]))[0] else text


def phone_digits(text: str) -> str | None:
    """The digits of one telephone number, mobile or with its area code; None if it is not one.

    >>> phone_digits("+86 138-1234-5678"), phone_digits("(027) 8765 4321"), phone_digits("8765转3")
    ('13812345678', '02787654321', None)
    """
    bare = re.sub(r"[\s()\-.]", "", re.sub(r"\.0$", "", text))
    bare = re.sub(r"^(\+86|0086|86(?=1[3-9]\d{9}$))", "", bare)
    return bare if _PHONE.fullmatch(bare) else None


def suspicious(codes: pa.Array) -> pa.Array:
    """Mask of identifiers that `mended` or `joined` may have to look at: 18 characters that do
    not check, also with marks between them, or a number ending in a small x."""
    long = pc.and_(pc.equal(pc.utf8_length(codes), 18), pc.invert(pa.array(uscc_valid(codes))))
    grouped = pc.match_substring_regex(codes, r"^[0-9A-Za-z]{2,10}([-. ][0-9A-Za-z]{2,10}){1,6}$")
    small = pc.match_substring_regex(codes, r"\d\.?x$")
    worded = pc.match_substring_regex(codes, r"^(?i)no\.\d")
    return pc.fill_null(pc.or_(pc.or_(long, grouped), pc.or_(small, worded)), False)
