"""Years of other calendars put into the common one: 民國113年, 令和6年, R6.4.1, 2567 (Buddhist).

Each of these has one reading as a date: a year of three digits in front is one of the Republic
of China, and no paper of today bears a year of the common calendar five hundred years ahead.
"""

from __future__ import annotations

import re

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "民國": 1911, "民国": 1911,
         "R": 2018, "H": 1988, "S": 1925}  # fmt: skip
_ERA_YEAR = re.compile(
    r"^(令和|平成|昭和|大正|(?:中[華华])?民[國国])\s*(元|\d{1,3})\s*(?=年|[-/.])"
)
_LETTER_YEAR = re.compile(
    r"^([RHS])\s*(\d{1,2})(?=[-/.年]\s*\d{1,2}(?:[-/.月]|$))", re.ASCII | re.IGNORECASE
)
_REPUBLIC = re.compile(r"^(\d{3})(?=\s*([-/.])\s*\d{1,2}\s*\2\s*\d{1,2}(?!\d)|\s*年)", re.ASCII)
_REPUBLIC_YEARS = range(80, 140)  # 1991 to 2050
_BUDDHIST = re.compile(r"(?<![\d.,])(25[4-9]\d)(?![\d,])", re.ASCII)
_BUDDHIST_AHEAD = 543
# for a first look at whole columns: what may be such a year
PATTERN = r"[令平昭大民][和成正國国]|^\s*[RHSrhs]\s*\d{1,2}[-/.年]|^\s*\d{3}\s*[-/.年]|25[4-9]\d"


def western(text: str) -> str:
    """The date with its year in the common calendar; unchanged where it is in that already.

    >>> western("民國113年5月3日"), western("R6.4.1"), western("31/01/2566"), western("2016-05-03")
    ('2024年5月3日', '2024.4.1', '31/01/2023', '2016-05-03')
    """
    match = _ERA_YEAR.match(text)
    if match:
        era = match[1].removeprefix("中華").removeprefix("中华")
        year = _ERAS[era] + (1 if match[2] == "元" else int(match[2]))
        return f"{year}{text[match.end() :]}"
    match = _LETTER_YEAR.match(text)
    if match:
        return f"{_ERAS[match[1].upper()] + int(match[2])}{text[match.end() :]}"
    match = _REPUBLIC.match(text)
    if match and int(match[1]) in _REPUBLIC_YEARS:
        return f"{int(match[1]) + 1911}{text[match.end() :]}"
    return _BUDDHIST.sub(lambda year: str(int(year[1]) - _BUDDHIST_AHEAD), text, count=1)
