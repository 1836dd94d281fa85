"""The rules of each claim's day.

Between two days on which some rule of a programme changes, all its rules stand still:
a *regime*. There are a handful of regimes however many claims there are, so the law is
a small table joined to the claims instead of a lookup for each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from fraud_pipeline.programmes.keys import KEYS
from fraud_pipeline.programmes.pack import Pack

_DAY0 = date(1970, 1, 1)


@dataclass(frozen=True)
class Law:
    """``regime_of``: for every claim the row of ``table`` it is judged by.

    ``missing[regime][key]`` says in Chinese and English why a key is not known.
    """

    table: pa.Table
    regime_of: np.ndarray  # int64, shape (claims,)
    missing: tuple[dict[str, tuple[str, str]], ...]


def law_of(claims: pa.Table, packs: Mapping[str, Pack]) -> Law:
    """The regimes of the programmes that ``claims`` (programme, submitted_on) name."""
    programme = claims["programme"].combine_chunks().dictionary_encode()
    days = claims["submitted_on"].cast(pa.int32()).to_numpy()
    codes = programme.indices.to_numpy(zero_copy_only=False)
    names = programme.dictionary.to_pylist()
    regime_of = np.zeros(claims.num_rows, np.int64)
    rows: list[dict[str, object]] = []
    missing: list[dict[str, tuple[str, str]]] = []
    for name in sorted(names):
        pack = packs.get(name)
        starts = _changes(pack)
        mine = codes == names.index(name)
        regime_of[mine] = len(rows) + np.searchsorted(starts, days[mine], side="right") - 1
        for start in starts:
            values, why = _regime(name, pack, _DAY0 + timedelta(days=int(start)))
            rows.append({"regime": len(rows), "programme": name, **values})
            missing.append(why)
    return Law(pa.Table.from_pylist(rows, schema=_schema()), regime_of, tuple(missing))


def _changes(pack: Pack | None) -> np.ndarray:
    """First days of the regimes, as days since 1970; the first is before any claim."""
    days = {date.min + timedelta(days=1)}
    for entry in pack.entries if pack else ():
        days.add(entry.valid_from)
        if entry.valid_to is not None:
            days.add(entry.valid_to + timedelta(days=1))
    return np.array(sorted((day - _DAY0).days for day in days))


def _regime(
    name: str, pack: Pack | None, day: date
) -> tuple[dict[str, object], dict[str, tuple[str, str]]]:
    values: dict[str, object] = {
        "starts_on": pack.starts_on if pack else None,
        "ends_on": pack.ends_on if pack else None,
    }
    missing: dict[str, tuple[str, str]] = {}
    for key in KEYS.values():
        entry = pack.entry(key.name, day) if pack else None
        if entry is not None and entry.status == "published":
            values[key.name] = list(entry.value) if key.kind == "list" else entry.value  # type: ignore[arg-type]
            values[f"{key.name}_clause"] = entry.clause_zh
        elif pack is None:
            missing[key.name] = (f"没有制度{name}的规则", f"no pack for programme {name}")
        elif entry is not None and entry.status == "contradicted":
            missing[key.name] = (f"来源矛盾：{key.zh}", f"sources contradict: {key.en}")
        else:
            missing[key.name] = (f"未见规定：{key.zh}", f"no rule known: {key.en}")
    return values, missing


def _schema() -> pa.Schema:
    fields: list[tuple[str, pa.DataType]] = [
        ("regime", pa.int64()),
        ("programme", pa.string()),
        ("starts_on", pa.date32()),
        ("ends_on", pa.date32()),
    ]
    for key in KEYS.values():
        fields += [(key.name, key.arrow), (f"{key.name}_clause", pa.string())]
    return pa.schema(fields)
