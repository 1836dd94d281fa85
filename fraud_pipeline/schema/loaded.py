"""What the loader hands on: clean tables and the account of every row."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from fraud_pipeline.schema.tables import Tables


@dataclass(frozen=True)
class InputPart:
    """One file or database table that was read, with the hash of what it held."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Account:
    """Row accounting of one table: rows in = clean + quarantined, always."""

    rows_in: int
    rows_clean: int
    rows_quarantined: int


@dataclass(frozen=True)
class Spot:
    """Where a column of the contract stands in a file: 0 = column A, and its header there."""

    column: int
    header: str


@dataclass(frozen=True)
class Loaded:
    """Clean tables, what was quarantined, what was repaired, and the account."""

    tables: Tables
    quarantine: pa.Table
    repairs: pa.Table
    accounts: dict[str, Account]
    inputs: tuple[InputPart, ...]
    notes: tuple[str, ...] = ()  # for a person: missing tables, unused columns
    # (table, file, sheet) -> column of the contract -> where it stands there
    spots: dict[tuple[str, str, str | None], dict[str, Spot]] = field(default_factory=dict)
