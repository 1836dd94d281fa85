"""Names of months in the languages of public tenders, as they stand in dates."""

from __future__ import annotations

import re
import unicodedata

# English, German, French, Spanish, Portuguese, Italian, Dutch, Polish, Swedish, Czech. In Polish
# and Czech the case that follows a day counts as well. Short forms are listed where they are not
# the first three letters of a full name.
_NAMES = (
    "january januar janvier enero janeiro gennaio januari styczen stycznia leden ledna jan",
    "february februar fevrier febrero fevereiro febbraio februari luty lutego unor unora fev fevr",
    "march marz mars marzo marco maart marzec marca brezen brezna mrz mrt maerz",
    "april avril abril aprile kwiecien kwietnia duben dubna",
    "may mai mayo maio maggio mei maj maja kveten kvetna",
    "june juni juin junio junho giugno czerwiec czerwca cerven cervna",
    "july juli juillet julio julho luglio lipiec lipca cervenec cervence juil",
    "august aout agosto augustus sierpien sierpnia augusti srpen srpna",
    "september septembre septiembre setembro settembre wrzesien wrzesnia zari sept",
    "october oktober octobre octubre outubro ottobre pazdziernik pazdziernika rijen rijna",
    "november novembre noviembre novembro listopad listopada listopadu",
    "december dezember decembre diciembre dezembro dicembre grudzien grudnia prosinec prosince",
)


def _month_by_name() -> dict[str, int]:
    """Full names and their first three letters; three letters that two months share are none."""
    full = {name: month for month, names in enumerate(_NAMES, 1) for name in names.split()}
    short: dict[str, set[int]] = {}
    for name, month in full.items():
        short.setdefault(name[:3], set()).add(month)
    certain = {name: next(iter(months)) for name, months in short.items() if len(months) == 1}
    return {**certain, **full}


MONTHS = _month_by_name()
_DATED = re.compile(
    r"(?:[a-z]{2,12}\.?,?\s+)?(\d{1,2})(?:st|nd|rd|th|er|\.)?[\s\-/.,]*(?:de\s+|of\s+)?"
    r"([a-z]{3,12})\.?[\s\-/.,]*(?:de\s+|del\s+)?(\d{4}|\d{2})"
)
_MONTH_FIRST = re.compile(
    r"(?:[a-z]{2,12}\.?,?\s+)?([a-z]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})"
)
_YEAR_FIRST = re.compile(r"(\d{4})[\s\-/.]+([a-z]{3,12})\.?[\s\-/.]+(\d{1,2})")
_NO_DAY = re.compile(
    r"([a-z]{3,12})\.?(?:[\s\-/.,]*(?:de\s+|del\s+)?(\d{4})|[-/'\u2019]\s*(\d{2}))"
)


# letters that no accent can be taken from
_UNDIVIDED = str.maketrans(
    {"ł": "l", "ı": "i", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)


def unaccented(text: str) -> str:
    """Small letters without accents: "Février" is "fevrier", "März" is "marz"."""
    parts = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(c for c in parts if not unicodedata.combining(c)).translate(_UNDIVIDED)
    return unicodedata.normalize("NFC", plain)  # a Korean syllable is one letter again


def worded_date(text: str) -> tuple[int, int, int | None] | None:
    """(year, month, day) of a date with the name of a month; day None where none is said.

    >>> worded_date("31 janvier 2016"), worded_date("Jan 2016"), worded_date("31.01.2016")
    ((2016, 1, 31), (2016, 1, None), None)
    """
    plain = unaccented(text.strip())
    for pattern, (year, month, day) in (
        (_DATED, (3, 2, 1)), (_MONTH_FIRST, (3, 1, 2)), (_YEAR_FIRST, (1, 2, 3)), (_NO_DAY, (2, 1, 0)),
    ):  # fmt: skip
        match = pattern.fullmatch(plain)
        if match and match[month] in MONTHS:
            number = int(match[day]) if day else None
            return full_year(match[year] or match[3]), MONTHS[match[month]], number
    return None


def full_year(text: str) -> int:
    """The year that two or four digits mean: 69 to 99 are of the last century."""
    year = int(text)
    return year if len(text) > 2 else year + (1900 if year >= 69 else 2000)
