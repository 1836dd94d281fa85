"""Mapping files: foreign column names, constants, unit factors and code words, as TOML.

    [tables.claims]
    file = "expenses"                      # stem of the file, sheet or database table
    columns = { claim_id = "id", enterprise_id = "buyer", contract_amount = "total" }
    constants = { programme = "generic" }
    factors = { contract_amount = "10000" }  # the source counts in 万元
    fallback = { submitted_on = "{year}-{month}-01" }  # where the column is empty

    [tables.claims.values.service_type]
    "Consultoria" = "technology_consulting"
    "*" = "other"                          # every other word
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.records import INPUT_TABLES
from fraud_pipeline.settings import from_tree


@dataclass(frozen=True)
class TableMapping:
    """How one table of the contract is read from one foreign table."""

    file: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    factors: dict[str, str] = field(default_factory=dict)
    fallback: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceMapping:
    """All tables of a mapping file."""

    tables: dict[str, TableMapping] = field(default_factory=dict)

    def stem(self, table: str) -> str:
        named = self.tables.get(table)
        return (named.file or table).lower() if named else table


def parse_mapping(text: str, origin: str) -> SourceMapping:
    """A mapping from TOML; SettingsError names an unknown key, table or column."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{origin}: {error}") from error
    mapping: SourceMapping = from_tree(SourceMapping, tree, origin)
    for table, named in mapping.tables.items():
        if table not in INPUT_TABLES:
            raise SettingsError(f"{origin}: there is no table {table!r} in the data contract")
        for part in ("columns", "constants", "factors", "fallback", "values"):
            for column in getattr(named, part):
                if column not in INPUT_TABLES[table].names:
                    raise SettingsError(f"{origin}: tables.{table}.{part}: no column {column!r}")
        for column, factor in named.factors.items():
            try:
                Decimal(factor)
            except InvalidOperation as error:
                raise SettingsError(f"{origin}: factor of {column} is no number: {factor!r}") from error
    return mapping
