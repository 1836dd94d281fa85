"""Identifiers judged by their own check characters: valid, or invalid with the reason.

An invalid identifier stays as it stands. It is counted and sent back to the applicant, for
a wrong sign in a code looks like a stranger to every later step.

| kind | rule |
|---|---|
| ``credit_code`` | GB 32100-2015, 18 signs; letter authorities included |
| ``old_number`` | business licence of 15 digits, GS 15-2006 (ISO 7064 MOD 11,10) |
| ``org_code`` | GB 11714-1997, 8 signs and a check character, weights 3, 7, 9, 10, 5, 8, 4, 2 mod 11 |
| ``patent`` | application number of 12+1 or 8+1 digits, weights 2..9, 2..5 mod 11 |
| ``patent_type`` | type digit 1 invention, 2 utility model, 3 design, 8 and 9 PCT, against the claim |
| ``invoice`` | 8 digits, or 20 for an electronic invoice |
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.ingest.identifiers import patent_no_valid, uscc_valid
from fraud_pipeline.schema import INPUT_TABLES

INVALID = pa.schema([("table", pa.string()), ("file", pa.string()), ("sheet", pa.string()), ("row", pa.int64()),
                     ("column", pa.string()), ("value", pa.string()), ("kind", pa.string())])  # fmt: skip
COUNTS = pa.schema([("table", pa.string()), ("column", pa.string()), ("kind", pa.string()),
                    ("valid", pa.int64()), ("invalid", pa.int64())])  # fmt: skip
_PARTIES = frozenset({"enterprise_id", "institution_id", "seller_id", "buyer_id", "payer_id", "payee_id",
                      "party_id", "incubator_id", "agent_id"})  # fmt: skip
_CODED_SHARE = (
    0.5  # of a column's codes that have 18 signs: then the others are faults, not local numbers
)
# 18 signs without a space, a third of them digits: a code, and no name that has 18 letters
_CODE_LIKE = r"^\S*([0-9]\S*){6}$"
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_TYPES = {"patent_invention": "189", "patent_utility": "29", "patent_design": "3"}


def old_number_valid(number: str) -> bool:
    """Whether a 15-digit licence number checks (ISO 7064 MOD 11,10).

    >>> old_number_valid("110108000000016")
    True
    """
    if len(number) != 15 or not number.isascii() or not number.isdigit():
        return False
    rest = 10
    for digit in number[:14]:
        rest = (rest + int(digit)) % 10 or 10
        rest = rest * 2 % 11
    return (rest + int(number[14])) % 10 == 1


def org_code_valid(code: str) -> bool:
    """Whether an organisation code of 8 signs, an optional hyphen and a check character is right.

    >>> org_code_valid("D2143569-X")
    True
    """
    bare = code.replace("-", "").upper()
    if len(bare) != 9 or not bare.isascii() or not bare.isalnum():
        return False
    total = sum(int(c, 36) * w for c, w in zip(bare, _ORG_WEIGHTS, strict=False))
    return bare[8] == "0123456789X0"[(11 - total % 11) % 11]


def invalid_identifiers(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Every identifier that breaks its own rule: table, file, sheet, row, column, value, kind."""
    return pa.concat_tables(
        [INVALID.empty_table(), *(entries for entries, _ in _check_tables(tables))]
    )


def identifier_counts(tables: Mapping[str, pa.Table]) -> pa.Table:
    """How many identifiers of each column and kind are valid and how many are not (COUNTS)."""
    rows = [row for _, counts in _check_tables(tables) for row in counts]
    return pa.Table.from_pylist(rows, schema=COUNTS)


ValidityResult = tuple[pa.Table, list[dict[str, object]]]


def _check_tables(tables: Mapping[str, pa.Table]) -> list[ValidityResult]:
    results = []
    for name in INPUT_TABLES:
        table = tables.get(name)
        if table is None or not table.num_rows:
            continue
        for column in table.column_names:
            values = table[column].combine_chunks()
            if column in _PARTIES:
                results.append(_entries(name, table, column, _party_kinds(values)))
            elif column == "invoice_no":
                results.append(_entries(name, table, column, _invoice_kinds(values)))
            elif name == "deliverables" and column == "reference_no":
                results.append(_entries(name, table, column, _patent_kinds(table, tables)))
    return results


def _entries(
    name: str, table: pa.Table, column: str, kinds: tuple[pa.Array, np.ndarray]
) -> ValidityResult:
    """``kinds``: for each row the rule that applies (null for none), and whether it is kept."""
    kind, good = kinds
    known_kind = pc.is_valid(kind).to_numpy(zero_copy_only=False)
    bad = np.flatnonzero(known_kind & ~good)
    rows = table.select(["source_file", "source_sheet", "source_row", column]).take(pa.array(bad))
    n = len(bad)
    entries = pa.table([pa.repeat(name, n), *rows.columns[:3], pa.repeat(column, n), rows.columns[3],
                        kind.take(pa.array(bad))], names=INVALID.names).cast(INVALID)  # fmt: skip
    counts = []
    for word in pc.unique(kind).drop_null().to_pylist():
        of_kind = pc.fill_null(pc.equal(kind, word), False).to_numpy(zero_copy_only=False)
        counts.append({"table": name, "column": column, "kind": word,
                       "valid": int((of_kind & good).sum()), "invalid": int((of_kind & ~good).sum())})  # fmt: skip
    return entries, counts


def _each(
    values: pa.Array, judge: dict[str, tuple[str | None, bool]]
) -> tuple[pa.Array, np.ndarray]:
    """The judgement of each distinct word, in every row where it stands."""
    coded = values.dictionary_encode()
    verdicts = [judge[word] for word in coded.dictionary.to_pylist()]
    kinds = pa.array([kind for kind, _ in verdicts], pa.string()).take(coded.indices)
    good = pa.array([fine for _, fine in verdicts], pa.bool_()).take(coded.indices)
    return kinds, pc.fill_null(good, True).to_numpy(zero_copy_only=False)


def _party_kinds(values: pa.Array) -> tuple[pa.Array, np.ndarray]:
    distinct = pc.unique(values).drop_null()
    long = pc.and_(
        pc.equal(pc.utf8_length(distinct), 18), pc.match_substring_regex(distinct, _CODE_LIKE)
    ).to_numpy(zero_copy_only=False)
    coded = len(distinct) > 0 and long.mean() > _CODED_SHARE
    valid = uscc_valid(distinct)
    judge: dict[str, tuple[str | None, bool]] = {}
    for word, is_long, good in zip(distinct.to_pylist(), long, valid, strict=True):
        if is_long:
            judge[word] = ("credit_code", bool(good))
        elif len(word) == 15 and word.isdigit():
            judge[word] = ("old_number", old_number_valid(word))
        elif len(word.replace("-", "")) == 9 and org_code_valid(word):
            judge[word] = ("org_code", True)
        else:
            judge[word] = ("credit_code" if coded else None, not coded)
    return _each(values, judge)


def _invoice_kinds(values: pa.Array) -> tuple[pa.Array, np.ndarray]:
    distinct = pc.unique(values).drop_null()
    formed = pc.match_substring_regex(distinct, r"^([0-9]{8}|[0-9]{20})$").to_numpy(
        zero_copy_only=False
    )
    usual = len(distinct) > 0 and formed.mean() > _CODED_SHARE
    kind = "invoice" if usual else None
    return _each(
        values, {w: (kind, bool(f)) for w, f in zip(distinct.to_pylist(), formed, strict=True)}
    )


def _patent_kinds(
    deliverables: pa.Table, tables: Mapping[str, pa.Table]
) -> tuple[pa.Array, np.ndarray]:
    """Check digits of application numbers, and their type digit against the claimed service."""
    claims = tables.get("claims", INPUT_TABLES["claims"].empty())
    at = pc.index_in(deliverables["claim_id"], claims["claim_id"].combine_chunks())
    service = claims["service_type"].combine_chunks().take(at.combine_chunks())
    patent = pc.equal(deliverables["kind"], "patent_application")
    rows = np.flatnonzero(pc.fill_null(patent, False).to_numpy(zero_copy_only=False))
    kinds: list[str | None] = [None] * deliverables.num_rows
    good = np.ones(deliverables.num_rows, dtype=bool)
    numbers = deliverables["reference_no"].take(pa.array(rows)).to_pylist()
    services = service.take(pa.array(rows)).to_pylist()
    for row, number, claimed in zip(rows.tolist(), numbers, services, strict=True):
        if number is not None and not _is_publication(number):
            kinds[row], good[row] = _patent_kind(number, claimed)
    return pa.array(kinds, pa.string()), good


def _patent_kind(number: str, service: str | None) -> tuple[str, bool]:
    valid = patent_no_valid(number)
    allowed = _TYPES.get(service or "")
    if valid and allowed is not None and _type_digit(number) not in allowed:
        return "patent_type", False
    return "patent", valid


def _is_publication(number: str) -> bool:
    """CN105123456A and the like: another kind of number, without check digit."""
    return number[:2].upper() == "CN" and number[-1:].upper() in ("A", "B", "C", "S", "U", "Y")


def _type_digit(number: str) -> str:
    digits = number.upper().removeprefix("ZL").removeprefix("CN").replace(".", "")
    return digits[4] if len(digits) == 13 else digits[2]
