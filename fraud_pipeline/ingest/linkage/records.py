"""Every mention of a party as one record to be compared: registers first, then bare names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.placeholders import is_no_value, names_nobody
from fraud_pipeline.ingest.identifiers import phone_digits, uscc_valid
from fraud_pipeline.ingest.linkage import names

REGISTERS = {"enterprises": "enterprise_id", "institutions": "institution_id"}
# Where parties are named beside the registers; a name may stand there instead of a code.
_MENTIONS = (("claims", "enterprise_id"), ("claims", "institution_id"), ("contracts", "enterprise_id"),
             ("contracts", "institution_id"), ("invoices", "seller_id"), ("invoices", "buyer_id"),
             ("payments", "payer_id"), ("payments", "payee_id"), ("vouchers", "enterprise_id"))  # fmt: skip
_TEXT = pa.string()
RECORDS = pa.schema([
    ("record", _TEXT), ("party_id", _TEXT), ("kind", _TEXT), ("file", _TEXT), ("sheet", _TEXT), ("row", pa.int64()),
    ("coded", pa.bool_()), ("stated", _TEXT), ("name", _TEXT), ("core", _TEXT), ("form", _TEXT), ("branch", _TEXT),
    ("numbers", _TEXT), ("seat", _TEXT), ("place", _TEXT), ("building", _TEXT), ("phone", _TEXT), ("person", _TEXT),
    ("account", _TEXT),
])  # fmt: skip
SHARED = ("place", "building", "phone", "person", "account")


def records_of(tables: Mapping[str, pa.Table]) -> pa.Table:
    """RECORDS of all parties: one a row of a register, one a name that stands where a code should.

    ``coded`` says whether the party has a valid social credit code; ``party_id`` may be null.
    """
    records: list[dict[str, Any]] = []
    known: set[str] = set()
    for register, column in REGISTERS.items():
        table = tables.get(register)
        if table is None or not table.num_rows:
            continue
        coded = uscc_valid(table[column].combine_chunks())
        for row, is_coded in zip(table.to_pylist(), coded, strict=True):
            records.append(_register_record(row, column, register, bool(is_coded), len(records)))
            known.add(row[column] or "")
    records += [
        _bare(text, kind, len(records) + k)
        for k, (text, kind) in enumerate(_bare_names(tables, known))
    ]
    return pa.Table.from_pylist(records, schema=RECORDS)


def nothing_to_link(tables: Mapping[str, pa.Table]) -> bool:
    """Whether every party has a valid code, so that codes alone say who is who; quick."""
    for register, column in REGISTERS.items():
        table = tables.get(register)
        if table is not None and not uscc_valid(table[column].combine_chunks()).all():
            return False
    known: set[str] = set()
    return not _bare_names(tables, known)


def _register_record(
    row: dict[str, Any], column: str, register: str, coded: bool, at: int
) -> dict[str, Any]:
    return {
        "record": f"R{at:06d}", "party_id": row[column], "kind": register, "file": row["source_file"],
        "sheet": row["source_sheet"], "row": row["source_row"], "coded": coded, **_name(row["name"]),
        **_place(_stated(row["address"])),
        "phone": phone_digits(_stated(row["phone"]) or "") or _stated(row["phone"]),
        "person": names.person(_stated(row["legal_representative"]) or "") or None,
        "account": _stated(row["bank_account"]),
    }  # fmt: skip


def _stated(value: str | None) -> str | None:
    """A value that says something; a placeholder is none."""
    return None if value is None or is_no_value(value) else value


def _bare(text: str, kind: str, at: int) -> dict[str, Any]:
    return {"record": f"R{at:06d}", "party_id": text, "kind": kind, "coded": False, **_name(text)}


def _bare_names(tables: Mapping[str, pa.Table], known: set[str]) -> list[tuple[str, str]]:
    """Names that stand in a column of codes: (name, where)."""
    bare_names: dict[str, str] = {}
    for table, column in _MENTIONS:
        if table in tables and tables[table].num_rows:
            values = pc.unique(tables[table][column]).drop_null()
            spoken = values.filter(pc.match_substring_regex(values, r"[\x{4e00}-\x{9fff}]{2}"))
            for text in spoken.to_pylist():
                if text not in known:
                    bare_names.setdefault(text, f"{table}.{column}")
    return sorted(bare_names.items())


def _name(text: str | None) -> dict[str, Any]:
    parsed = names.name("" if text is None or names_nobody(text) else text)
    return {"stated": text, "name": parsed.whole or None, "core": parsed.core or None, "form": parsed.form,
            "branch": parsed.branch, "seat": parsed.seat, "numbers": names.numbers_in(parsed.core)}  # fmt: skip


def _place(text: str | None) -> dict[str, Any]:
    place = names.address(text or "") or None
    return {"place": place, "building": names.building(place) if place else None}
