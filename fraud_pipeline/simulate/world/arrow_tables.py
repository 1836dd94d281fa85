"""From pandas frames to the typed Arrow tables of the data contract."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from fraud_pipeline.core.money import from_fen
from fraud_pipeline.schema import INPUT_TABLES, Kind


def to_arrow(name: str, frame: pd.DataFrame) -> pa.Table:
    """A frame as the typed table ``name``; yuan become exact decimals."""
    schema = INPUT_TABLES[name]
    columns = {}
    for column in schema.columns:
        if column.name not in frame:
            continue
        values = frame[column.name]
        if column.kind is Kind.MONEY:
            fen = np.round(pd.to_numeric(values).to_numpy(dtype=float) * 100)
            unknown = np.isnan(fen)
            columns[column.name] = from_fen(np.where(unknown, 0, fen).astype(np.int64), unknown)
        elif column.kind in (Kind.ID, Kind.CODE, Kind.TEXT):
            columns[column.name] = pa.array(values, from_pandas=True).cast(pa.string())
        else:
            columns[column.name] = pa.array(values, from_pandas=True).cast(
                column.kind.arrow, safe=False
            )
    return schema.conform(pa.table(columns))
