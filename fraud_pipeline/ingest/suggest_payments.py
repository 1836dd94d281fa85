"""Drafts a mapping for a plain list of payments, grants or expenses: who paid whom, how much, when.

Such lists name no programme, no service and no quantity. What a column is, its values must bear
out: a party is no date and no amount, an amount is a number, a day is a day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pyarrow.compute as pc

from fraud_pipeline.ingest import headers
from fraud_pipeline.ingest.grids import Grid
from fraud_pipeline.ingest.suggest import SURE, Draft, sample_of
from fraud_pipeline.ingest.suggest_content import Content, is_unique
from fraud_pipeline.ingest.suggest_notices import parties_by_name
from fraud_pipeline.ingest.suggest_roles import ROLES
from fraud_pipeline.schema import INPUT_TABLES

_OWN_HEADERS = 4  # headers of the contract from which on a file is a table of claims
_ALIKE = 0.8  # of a column's values
_BY_STRONG_WORD, _BY_WEAK_WORD = 0.9, 0.5  # how sure a placement is, by a strong word or less
_OF_A_CONTRACT = ("contract", "contrat", "vertrag", "agreement", "合同", "服务费")
_AGREED = 0.15  # what an amount or a day has more where its header says that it was agreed
_OF_THE_LIST = 0.01  # one date in all rows: the day of the list, unless there is no other
_YEAR = re.compile(r"\d{4}|[^\W\d]{3}|^[RHS令平昭民]", re.ASCII)
_OF_NO_CLAIM = ("estimat", "consumed", "budget")
_NEGATIVE = r"^\s*[^\w\s(]{0,3}\s*[-−(]\s*[^\w\s(]{0,3}\s*\d|\d\s*-\s*$"


@dataclass(frozen=True)
class PaymentDraft:
    """What was found: part -> (header, how sure), and what the mapping has to say beside columns."""

    parts: Mapping[str, tuple[str, float]]
    month_of: str | None = None  # "{year}-{month}" where no column holds a day, or not in every row
    credits: bool = False  # amounts below zero
    contents: Mapping[str, Content] = field(default_factory=dict)


def as_payments(one: Draft) -> Draft:
    """The draft as a list of payments where the file is one; else as it was."""
    if one.table != "claims" or not _is_plain(one):
        return one
    payments = find_parts(one.grid, one.contents)
    if "payee" not in payments.parts and "institution_id" in one.columns:
        return one
    if "amount" not in payments.parts:  # what is missing is said; who was paid is known
        return replace(one, columns=_columns(payments)) if "payee" in payments.parts else one
    return replace(one, columns=_columns(payments), payments=payments)


def _is_plain(one: Draft) -> bool:
    own = headers.place(one.grid.header, INPUT_TABLES["claims"])
    if parties_by_name(one.grid, {}):  # a claim has an enterprise and an institution
        return False
    if len(own) >= _OWN_HEADERS or "quantity" in one.columns or "voucher_id" in own:
        return False
    price, claim = (
        one.columns.get(name, ("", 0.0)) for name in ("contract_amount", "claimed_amount")
    )
    of_contract = ROLES["amount"].points(price[0]) > 0 and any(
        word in price[0].lower() for word in _OF_A_CONTRACT
    )
    of_another = any(word in claim[0].lower() for word in _OF_NO_CLAIM)
    if price[0] != claim[0] and of_contract and not of_another and min(price[1], claim[1]) >= SURE:
        return False  # a price and what is claimed of it
    needed = ("enterprise_id", "institution_id", "service_type")
    return not all(one.columns.get(name, ("", 0.0))[1] >= SURE for name in needed)


def find_parts(grid: Grid, contents: Mapping[str, Content]) -> PaymentDraft:
    """The best column of each part; a column plays one part only."""
    parts: dict[str, tuple[str, float]] = {}
    free = [h for h in grid.header if h.strip()]
    samples = {h: sample_of(grid.columns[grid.header.index(h)]) for h in free}
    columns = _Columns(samples, contents)
    for part in ("amount", "date", "payee", "payer", "document"):
        fitting = free if part != "document" else [h for h in free if not _is_key(grid, h)]
        best = max(
            ((columns.points(part, h), -k, h) for k, h in enumerate(fitting)), default=(0.0, 0, "")
        )
        if best[0] > 0:
            parts[part] = (best[2], _BY_STRONG_WORD if best[0] >= 1 else _BY_WEAK_WORD)
            free.remove(best[2])
    if "payee" not in parts and "payer" in parts:  # one party only: the money went there
        parts["payee"] = (parts.pop("payer")[0], _BY_WEAK_WORD)
        points, _, header = max(
            (columns.points("payer", h), -k, h) for k, h in enumerate(free or [""])
        )
        if points > 0:
            parts["payer"] = (header, _BY_WEAK_WORD)
            free.remove(header)
    key = _key(grid, free)
    if key:
        parts["key"] = (key, _BY_STRONG_WORD)
    complete = "date" in parts and not _has_blanks(grid, parts["date"][0])
    month_of = None if complete else _month_of(free, columns)
    return PaymentDraft(parts, month_of, _has_credits(grid, parts), contents)


class _Columns:
    """How well each column can play a part, by its header and its values."""

    def __init__(self, samples: Mapping[str, list[str]], contents: Mapping[str, Content]):
        self._samples, self._contents = samples, contents

    def points(self, part: str, header: str) -> float:
        """Above zero where both the header and the values fit; 1 and more by a strong word."""
        if header not in self._samples:
            return 0.0
        sample, content = self._samples[header], self._contents[header]
        if not sample:
            return 0.0
        if part == "amount":
            return self._amount(header, content)
        if part == "date":
            return self._date(header, content)
        points = ROLES[part].points(header)
        if points <= 0 or not self._may_name(part, sample, content):
            return 0.0
        return points + 0.1 * min(1.0, len(sample) / 20)

    def is_number(self, part: str, header: str) -> bool:
        """Whether the column holds the whole numbers of a year or a month."""
        sample = self._samples[header]
        return (
            bool(sample)
            and ROLES[part].points(header) > 0
            and all(v.strip().isdigit() for v in sample)
        )

    def _amount(self, header: str, content: Content) -> float:
        if content.amounts < _ALIKE or (content.dates >= _ALIKE and content.parted_dates > 0):
            return 0.0
        sample = self._samples[header]
        points = ROLES["amount"].points(header) + 0.4 * content.fractions
        points += _AGREED * (points > 0 and ROLES["agreed"].points(header) > 0)
        several = len(sample) > 1 or ROLES["amount"].points(header) >= 1
        return points if several and (points >= 0.5 or content.fractions >= _ALIKE) else 0.0

    def _date(self, header: str, content: Content) -> float:
        if max(content.dates, content.parted_dates) < _ALIKE:
            return 0.0
        points, sample = ROLES["date"].points(header), self._samples[header]
        has_word = max(points, ROLES["paid"].points(header), ROLES["agreed"].points(header)) > 0
        if not has_word and _share(sample, _has_year) < _ALIKE:
            return 0.0  # 01.02.01 of a budget
        if content.parted_dates >= _ALIKE:
            points = max(points, 0.05) + 0.3
        points += _AGREED * (ROLES["agreed"].points(header) > 0) + 0.2 * (
            ROLES["paid"].points(header) > 0
        )
        return points if len(sample) > 1 else min(points, _OF_THE_LIST)

    def _may_name(self, part: str, sample: list[str], content: Content) -> bool:
        if content.parted_dates >= _ALIKE or content.fractions >= _ALIKE:
            return False
        if part == "document":
            return len(sample) > 1 and _share(sample, any_digit) >= 0.5
        return len(sample) > 1 or part == "payer"


def _has_year(text: str) -> bool:
    return _YEAR.search(text) is not None


def any_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)


def _share(sample: list[str], fits: object) -> float:
    return sum(map(fits, sample)) / len(sample)  # type: ignore[call-overload]


def _is_key(grid: Grid, header: str) -> bool:
    """Whether each row has a value of its own; such a number names no document that can repeat."""
    return is_unique(grid.columns[grid.header.index(header)])


def _key(grid: Grid, free: list[str]) -> str | None:
    """The header that numbers the rows best: alone if it can, else the first that names one."""
    numbering = [
        h
        for h in free
        if max(ROLES[p].points(h) for p in ("number", "document")) > 0 and "{" not in h
    ]
    unique = [h for h in numbering if _is_key(grid, h)]
    if unique:
        return unique[0]
    strong = [h for h in numbering if ROLES["number"].points(h) >= 1]
    return strong[0] if strong else None


def _has_blanks(grid: Grid, header: str) -> bool:
    cells = grid.columns[grid.header.index(header)]
    return bool(cells.rows(cells.is_empty()).any())


def _month_of(free: list[str], columns: _Columns) -> str | None:
    year = next((h for h in free if columns.is_number("year", h)), None)
    month = next((h for h in free if columns.is_number("month", h)), None)
    if year and month is None:
        return f"{{{year}}}-12"
    return f"{{{year}}}-{{{month}}}" if year and month else None


def _has_credits(grid: Grid, parts: Mapping[str, tuple[str, float]]) -> bool:
    if "amount" not in parts:
        return False
    words = grid.columns[grid.header.index(parts["amount"][0])].words
    return bool(pc.any(pc.match_substring_regex(words, _NEGATIVE), min_count=0).as_py())


def _columns(payments: PaymentDraft) -> dict[str, tuple[str, float]]:
    names = {"key": ("claim_id",), "payer": ("enterprise_id",), "payee": ("institution_id",),
             "amount": ("contract_amount", "claimed_amount"), "date": ("submitted_on",), "document": ("contract_id",)}  # fmt: skip
    return {
        name: payments.parts[part] for part, columns in names.items() if part in payments.parts
        for name in columns
    }  # fmt: skip
