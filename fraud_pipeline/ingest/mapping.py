"""Mapping files: foreign column names, constants, unit factors and code words, as TOML.

[tables.claims]
file = "expenses"                      # stem of the file, sheet or database table
columns = { claim_id = "id", enterprise_id = "buyer", contract_amount = "total" }
constants = { programme = "generic" }
factors = { contract_amount = "10000" }  # the source counts in 万元
fallback = { submitted_on = "{year}-{month}-01" }  # where the column is empty
compose = { claim_id = "{voucher}-{line}" }        # from columns; {row} = the row of the file
dates = { submitted_on = "day_first" }             # or formats: ["%d/%m/%Y", "%d.%m.%y"]
decimal = { contract_amount = "," }                # "*" = every column; thousands likewise
currency = "GBP"                                   # marks = ["Pounds"] for a mark of its own
time_zone = "Europe/London"                        # of clock times
signs = { contract_amount = "payments_negative" }  # or "credits_negative"

[tables.claims.only]                   # other rows are quarantined, with this as the reason
state = ["valid"]

[tables.claims.values.service_type]
"Consultoria" = "technology_consulting"
"*" = "other"                          # every other word
"""

from __future__ import annotations

from string import Formatter

from pydantic import Field

from fraud_pipeline.core.strict_models import StrictModel, read_toml, validated
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.ingest.mapping_checks import check_table
from fraud_pipeline.schema import INPUT_TABLES

EVERY = "*"  # every column of the table
OF_THE_ROW = ("row", "file", "sheet")  # where a row stands, for templates


class TableMapping(StrictModel):
    """How one table of the contract is read from one foreign table."""

    file: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)
    factors: dict[str, str] = Field(default_factory=dict)
    fallback: dict[str, str] = Field(default_factory=dict)
    compose: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    only: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    dates: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    decimal: dict[str, str] = Field(default_factory=dict)
    thousands: dict[str, str] = Field(default_factory=dict)
    currency: str | None = None
    marks: tuple[str, ...] = ()
    time_zone: str | None = None
    signs: dict[str, str] = Field(default_factory=dict)
    fill_down: tuple[str, ...] = ()

    def headers(self) -> frozenset[str]:
        """The source's own headers that this mapping names."""
        templates = (*self.fallback.values(), *self.compose.values())
        composed = {name for text in templates for name in fields_of(text)} - set(OF_THE_ROW)
        return frozenset(h.strip() for h in {*self.columns.values(), *self.only, *composed})

    def dates_of(self, column: str) -> tuple[str, ...]:
        """The order or the formats said for the dates of a column."""
        dates = self.dates.get(column, self.dates.get(EVERY, ()))
        return (dates,) if isinstance(dates, str) else dates

    def decimal_of(self, column: str) -> str | None:
        """The decimal mark said for a column; a point that parts thousands implies the comma."""
        implied = "," if self.thousands_of(column) == "." else None
        return self.decimal.get(column, self.decimal.get(EVERY, implied))

    def thousands_of(self, column: str) -> str | None:
        return self.thousands.get(column, self.thousands.get(EVERY))


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
        check_table(table, table_mapping, origin)
    return mapping
