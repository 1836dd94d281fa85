"""The registers of parties with the rows that have no code: for linking them by what else is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.ingest.load import of_table, read_grids
from fraud_pipeline.ingest.mapping import SourceMapping, TableMapping
from fraud_pipeline.ingest.notebook import Notebook
from fraud_pipeline.ingest.placing import place
from fraud_pipeline.ingest.tables import clean
from fraud_pipeline.schema import INPUT_TABLES, TableSchema
from fraud_pipeline.schema.source import Source
from fraud_pipeline.settings import IngestSettings

_REGISTERS = ("enterprises", "institutions")


def rows_without_code(
    sources: Sequence[Source], settings: IngestSettings, mapping: SourceMapping | None = None
) -> dict[str, pa.Table]:
    """The rows of enterprises and institutions whose code is empty or has lost its digits.

    The loader sets them aside, because nothing can be joined to them; their names, addresses,
    telephones and accounts can still say who they are. The code is null in them.
    """
    mapping = mapping or SourceMapping()
    sheets = [grid for source in sources for grid in read_grids(source, mapping, settings)]
    rows_by_table: dict[str, pa.Table] = {}
    for name in _REGISTERS:
        schema = _code_optional(INPUT_TABLES[name])
        parts = []
        for grid in of_table(sheets, schema, mapping):
            placed = place(grid, schema, mapping.tables.get(name, TableMapping()), {})
            table = clean(grid, schema, placed, None, settings, Notebook()).table
            parts.append(table.filter(pc.is_null(table[schema.columns[0].name])))
        if parts:
            rows_by_table[name] = pa.concat_tables(parts)
    return rows_by_table


def _code_optional(schema: TableSchema) -> TableSchema:
    """The register with a code that may be missing, and nothing else required but the name."""
    columns = tuple(dataclasses.replace(c, required=c.name == "name") for c in schema.columns)
    return dataclasses.replace(schema, columns=columns)
