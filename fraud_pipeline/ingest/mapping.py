"""Mapping files: foreign column names, constants, unit factors and code words, as TOML.

[tables.claims]
file = "expenses"                      # stem of the file, sheet or database table
columns = { claim_id = "id", enterprise_id = "buyer", contract_amount = "total" }
constants = { programme = "generic" }
factors = { contract_amount = "10000" }  # the source counts in 万元
fallback = { submitted_on = "{year}-{month}-01" }  # where the column is empty

[tables.claims.only]                   # other rows are quarantined, with this as the reason
state = ["valid"]

[tables.claims.values.service_type]
"Consultoria" = "technology_consulting"
"*" = "other"                          # every other word
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from string import Formatter

from pydantic import Field

from fraud_pipeline.core.strict_models import StrictModel, read_toml, validated
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.schema import INPUT_TABLES, Kind


class TableMapping(StrictModel):
    """How one table of the contract is read from one foreign table."""

    file: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)
    factors: dict[str, str] = Field(default_factory=dict)
    fallback: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    only: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def headers(self) -> frozenset[str]:
        """The source's own headers that this mapping names."""
        composed = {name for text in self.fallback.values() for name in fields_of(text)}
        return frozenset(h.strip() for h in {*self.columns.values(), *self.only, *composed})


def fields_of(template: str) -> list[str]:
    """The source columns of a fallback: "{year}-{month}-01" -> year, month."""
    return [name for _, name, _, _ in Formatter().parse(template) if name]


class SourceMapping(StrictModel):
    """All tables of a mapping file."""

    tables: dict[str, TableMapping] = Field(default_factory=dict)

    def stem(self, table: str) -> str:
        table_mapping = self.tables.get(table)
        return (table_mapping.file or table).lower() if table_mapping else table

    def headers(self) -> frozenset[str]:
        """Every header of the source that the mapping names."""
        return frozenset(
            h for table_mapping in self.tables.values() for h in table_mapping.headers()
        )


def parse_mapping(text: str, origin: str) -> SourceMapping:
    """A mapping from TOML; SettingsError names an unknown key, table or column."""
    mapping = validated(SourceMapping, read_toml(text, origin), origin)
    for table, table_mapping in mapping.tables.items():
        if table not in INPUT_TABLES:
            raise SettingsError(f"{origin}: there is no table {table!r} in the data contract")
        for part in ("columns", "constants", "factors", "fallback", "values"):
            for column in getattr(table_mapping, part):
                if column not in INPUT_TABLES[table].names:
                    raise SettingsError(f"{origin}: tables.{table}.{part}: no column {column!r}")
        _check_values(table, table_mapping, origin)
    return mapping


def _check_values(table: str, table_mapping: TableMapping, origin: str) -> None:
    for column, factor in table_mapping.factors.items():
        if INPUT_TABLES[table].column(column).kind not in (Kind.MONEY, Kind.NUMBER, Kind.SHARE):
            raise SettingsError(f"{origin}: tables.{table}.factors: {column} is no amount")
        try:
            usable = Decimal(factor).is_finite() and Decimal(factor) != 0
        except InvalidOperation:
            usable = False
        if not usable:
            raise SettingsError(f"{origin}: factor of {column} is no number: {factor!r}")
    for column, template in table_mapping.fallback.items():
        try:
            plain = all(not spec and conversion is None for _, name, spec, conversion in
                        Formatter().parse(template) if name is not None)  # fmt: skip
        except ValueError:
            plain = False
        if not plain:
            raise SettingsError(
                f"{origin}: tables.{table}.fallback.{column}: {template!r} is not like '{{year}}-01-01'"
            )
