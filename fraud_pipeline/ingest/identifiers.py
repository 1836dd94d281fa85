"""Identifiers with a check character: unified social credit codes and patent numbers.

GB 32100-2015: 18 characters of a 31-letter alphabet (no I, O, S, V, Z), weights
3^i mod 31, check value (31 - sum mod 31) mod 31. Authority codes that are letters
(N, Y, A ...) are valid; libraries that demand eight leading digits refuse them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = np.array([pow(3, k, 31) for k in range(17)], dtype=np.int64)
_VALUE = np.full(128, -1, dtype=np.int64)
_VALUE[[ord(c) for c in USCC_ALPHABET]] = np.arange(31)
_PATENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
# Letters of other alphabets that look like Latin ones.
_LATIN = str.maketrans(
    "АВЕКМНОРСТХУІЈѕаеорсхуΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXYIJsaeopcxyABEZHIKMNOPTYX"
)


Mask = npt.NDArray[np.bool_]


def uscc_valid(codes: pa.Array) -> Mask:
    """Whether each text is a valid 18-character code; bool of shape (n,), null is False."""
    shaped = pc.fill_null(pc.match_substring_regex(codes, rf"^[{USCC_ALPHABET}]{{18}}$"), False)
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


def mended(text: str) -> str:
    """``text`` with what is certainly a slip put right, else as it is.

    Look-alike letters of other alphabets become Latin. In an 18-character code a small
    letter, or O, I, S, Z for 0, 1, 5, 2, is put right only if the check character then
    fits; a patent number's x becomes X.
    """
    latin = text.translate(_LATIN)
    if not latin.isascii():
        return text  # real words of another alphabet are not slips
    upper = latin.upper()
    if len(upper) == 18:
        for candidate in (upper, upper.translate(str.maketrans("OISZ", "0152"))):
            if candidate != text and uscc_valid(pa.array([candidate]))[0]:
                return candidate
    elif latin.endswith("x") and patent_no_valid(upper):
        return upper
    return latin


def suspicious(codes: pa.Array) -> pa.Array:
    """Mask of identifiers that `mended` may have to look at: 18 characters that do not
    check, or a number ending in a small x."""
    long = pc.and_(pc.equal(pc.utf8_length(codes), 18), pc.invert(pa.array(uscc_valid(codes))))
    return pc.or_(
        pc.fill_null(long, False), pc.fill_null(pc.match_substring_regex(codes, r"\d\.?x$"), False)
    )
