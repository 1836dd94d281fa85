"""Which code page a text that is no UTF-8 is in, by the letters that its bytes become.

A wrong code page turns letters into others without any error: "Łódź" becomes "£ódŸ". Each code page is
therefore judged by the alphabets of the languages that are written in it, and each East Asian one by
where its usual characters lie.
"""

from __future__ import annotations

import re
from itertools import islice

_FOLDED = re.compile("[а-яёά-ώ][А-ЯЁΆ-ΏΑ-Ω]")
_THAI = re.compile("[\u0e01-\u0e5b]")
_NO_THAI = re.compile(
    "(?<![\u0e01-\u0e2e\u0e31\u0e34-\u0e3a\u0e47-\u0e4e])[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]|[\u0e40-\u0e44](?![\u0e01-\u0e2e])|\ufffd"
)
_HIGH_LINES = re.compile(rb"[^\r\n]{0,2000}[\x80-\xff][^\r\n]{0,2000}")
_LINES = 2000  # with a byte beyond ASCII that are looked at
_FITS = 0.9  # of the letters beyond ASCII that have to belong to one alphabet
_HANGUL_SHARE, _KANA_SHARE, _LOW_TRAIL_SHARE, _HALF_WIDTH_SHARE = 0.95, 0.1, 0.15, 0.3
_FEWEST = 20  # letters from which on syllables or usual letters prove anything
_THAI_SHARE, _THAI_SLIPS = 0.25, 0.02  # of its usual letters, and of signs that no word has
_DAMAGED_SHARE = 0.01  # of the characters beyond ASCII
_SYMBOLS = frozenset("£€¥§©®°±«»“”„‘’–—…•№×·¡¿ªº¢¤¬´¨\u00a0\u00ad\u200e\u200f฿₪")

# code page -> the letters beyond ASCII of each language that is written in it, small ones; the
# usual code page goes first and is taken where several fit alike
_LATIN: dict[str, tuple[str, ...]] = {
    "cp1252": ("àâäçéèêëïîôöùûüÿœæñ", "äöüßéèà", "áéíóúñüçàèìòùïª", "áâãàçéêíóôõúü", "åäöøæéèü", "áéíóúýþæöðÁ", "àèéìíîòóùú", "éëïóöüèá"),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýžäöü", "áéíóöőúüű", "áäčďéíĺľňóôŕšťúýž", "ăâîşţáé", "čćđšž"),
    "cp1254": ("çğıöşüâîûİ",),
    "cp1257": ("āčēģīķļņšūž", "ąčęėįšųūž", "äöõüšž"),
}  # fmt: skip
# code page -> first and last letter of its script, and the usual letters of its languages
_SCRIPTS: dict[str, tuple[str, str, str]] = {
    "cp1251": ("\u0401", "\u0491", "оеаинтсрвл"),
    "cp1253": ("\u0384", "\u03ce", "αοιετσνηυρ"),
    "cp1256": ("\u060c", "\u06d2", "المنيتروهب"),
    "cp1255": ("\u05b0", "\u05f4", "יולתהמרשאנ"),
    "cp874": ("\u0e01", "\u0e5b", "านรอกเงทยม"),
}


def sample_of(data: bytes) -> bytes:
    """The first lines that hold a byte beyond ASCII."""
    return b"\n".join(match[0] for match in islice(_HIGH_LINES.finditer(data), _LINES))


def latin(sample: bytes) -> str | None:
    """The Western, Central European, Turkish or Baltic code page whose letters fit; None = none fits."""
    fits = {page: max(_fit(sample.decode(page, "replace"), letters) for letters in alphabets)
            for page, alphabets in _LATIN.items()}  # fmt: skip
    best = max(fits, key=lambda page: fits[page])  # the first of equal ones
    return best if fits[best] >= _FITS else None


def _fit(text: str, alphabet: str) -> float:
    """The share of letters beyond ASCII that belong to the alphabet; a sign inside a word is a misfit."""
    known = frozenset(alphabet + alphabet.upper())
    fitting = others = 0
    for at, sign in enumerate(text):
        if sign.isascii():
            continue
        if sign in known:
            fitting += 1
        elif sign.isalpha() or sign == "\ufffd" or sign not in _SYMBOLS or _in_a_word(text, at):
            others += 1
    return fitting / (fitting + others) if fitting + others else 1.0


def _in_a_word(text: str, at: int) -> bool:
    """Whether letters stand on both sides, or a small one behind: a sign there was a letter once."""
    before, behind = text[at - 1 : at], text[at + 1 : at + 2]
    return behind.isalpha() and (before.isalpha() or behind.islower())


def east_asian(sample: bytes) -> str | None:
    """Korean, Japanese, Big5 or Thai where the usual characters say so; None leaves it to GB18030.

    Read as GB18030, all of them give valid and wrong Chinese characters, so they are judged first.
    """
    for page, holds in (("cp949", _is_korean), ("cp932", _is_japanese), ("big5hkscs", _is_big5)):
        text = sample.decode(page, "replace")
        beyond = [sign for sign in text if not sign.isascii()]
        if beyond and text.count("\ufffd") <= _DAMAGED_SHARE * len(beyond) and holds(text, sample):
            return page
    if _is_thai(sample.decode("cp874", "replace")):
        return "cp874"
    text = sample.decode("euc_jp", "replace")
    return "euc_jp" if "\ufffd" not in text and _kana_share(text) > _KANA_SHARE else None


def _is_thai(text: str) -> bool:
    """Usual letters, and no mark or leading vowel without the consonant that it belongs to."""
    letters = len(_THAI.findall(text))
    wrong = len(_NO_THAI.findall(text))
    return (
        letters >= _FEWEST
        and wrong <= _THAI_SLIPS * letters
        and _usual_share(text, *_SCRIPTS["cp874"]) > _THAI_SHARE
    )


def _is_korean(text: str, _: bytes) -> bool:
    letters = [c for c in text if c.isalpha() and not c.isascii()]
    return len(letters) >= _FEWEST and sum(
        "가" <= c <= "힣" for c in letters
    ) >= _HANGUL_SHARE * len(letters)


def _is_japanese(text: str, _: bytes) -> bool:
    letters = [c for c in text if c.isalpha() and not c.isascii()]
    half_width = sum("\uff61" <= c <= "\uff9f" for c in letters)
    return bool(letters) and half_width < _HALF_WIDTH_SHARE * len(letters)


def _kana_share(text: str) -> float:
    letters = [c for c in text if c.isalpha() and not c.isascii()]
    return sum("ぁ" <= c <= "ヿ" for c in letters) / len(letters) if letters else 0.0


def _is_big5(text: str, sample: bytes) -> bool:
    """Two fifths of the characters of Big5 end in a byte of ASCII; those of GB2312 never do."""
    han = sum("\u4e00" <= c <= "\u9fff" for c in text)
    letters = sum(c.isalpha() and not c.isascii() for c in text)
    low = len(re.findall(rb"[\xa4-\xf9][\x40-\x7e]", sample))
    return han >= max(0.9 * letters, _FEWEST / 4) and low > _LOW_TRAIL_SHARE * han


def of_script(sample: bytes) -> str | None:
    """The code page of a text in Cyrillic, Greek, Arabic, Hebrew or Thai; None = none of them.

    The bytes of one script are letters of another too, so the usual letters decide.
    """
    usual = {page: _usual_share(sample.decode(page, "replace"), *letters)
             for page, letters in _SCRIPTS.items()}  # fmt: skip
    best = max(usual, key=lambda page: usual[page])
    return best if usual[best] > 0 else None


def _usual_share(text: str, first: str, last: str, usual: str) -> float:
    """The share of the usual letters among the letters; 0 where too many are of no such script."""
    letters = [c for c in text.lower() if not c.isascii() and c not in _SYMBOLS]
    if sum(first <= c <= last for c in letters) < _FITS * len(letters):
        return 0.0
    folded = len(_FOLDED.findall(text))  # a capital behind a small letter, as no word has it
    return (sum(c in usual for c in letters) - folded) / max(1, len(letters))
