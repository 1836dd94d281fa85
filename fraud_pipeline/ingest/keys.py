"""Whether a column that should name each row does so: a key, or a number that many rows share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud_pipeline.schema import Kind, TableSchema

_PARTIES = ("enterprise_id", "institution_id", "payer_id", "payee_id")
_SHARE = 0.05  # of a table's rows that may bear the number of another row
_SEVERAL = 3  # rows from which on a share means anything
_IN_ONE_FILE = 10  # lines under a repeated number, from which on they are no corrections
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Versions:
    """Rows whose key a newer row has, as masks over them: what is different there.

    ``other``: two of party, day and amount; ``party``: a party; ``line``: a party, day or amount,
    and the newer row stands in the same file and sheet.
    """

    other: Mask
    party: Mask
    line: Mask


def compare(
    coded: pd.DataFrame, places: pd.DataFrame, older: np.ndarray, newer: np.ndarray, schema: TableSchema
) -> Versions:  # fmt: skip
    """The rows ``older`` against the rows ``newer`` (positions in ``coded``).

    ``coded``: equal numbers for equal values of each column; ``places``: the same of file and sheet.
    """
    n_other = np.zeros(len(older), dtype=np.int64)
    party = np.zeros(len(older), dtype=bool)
    for at, names in enumerate(_kinds_of_difference(schema)):
        differs = np.zeros(len(older), dtype=bool)
        for name in names:
            values = coded[name].to_numpy()
            differs |= values[older] != values[newer]
        n_other += differs
        if at == 0:
            party = differs
    where = places.to_numpy()
    same_place = (where[older] == where[newer]).all(axis=1)
    return Versions(n_other >= 2, party & (n_other >= 2), same_place & (n_other >= 1))


def _kinds_of_difference(schema: TableSchema) -> tuple[list[str], list[str], list[str]]:
    """The columns that say party, day and amount of a row."""
    parties = [name for name in _PARTIES if name in schema.names]
    days = [schema.known_on] if schema.known_on else []
    amounts = [c.name for c in schema.columns if c.kind is Kind.MONEY and c.required]
    return parties, days, amounts


def is_no_key(versions: Versions, n_rows: int) -> bool:
    """Whether so many rows bear a number of other rows that it cannot be a key."""
    n_other, n_lines = int(versions.other.sum()), int(versions.line.sum())
    if n_rows >= _SEVERAL and n_other > max(1.0, _SHARE * n_rows):
        return True
    return n_lines >= _IN_ONE_FILE and n_lines > _SHARE * n_rows
