"""The rules of each claim's day.

Between two days on which some rule of a programme changes, all its rules stand still, and
within a class of vouchers and a region they are the same for everybody: a *regime*. There
are a handful of regimes however many claims there are, so the law is a small table joined
to the claims instead of a lookup for each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.currency import CURRENCIES
from fraud_pipeline.programmes.keys import KEYS, Key
from fraud_pipeline.programmes.pack import Entry, Pack, Part

_DAY0 = date(1970, 1, 1)
_EVERYWHERE: tuple[Part | None, ...] = (None,)


@dataclass(frozen=True)
class Law:
    """``regime_of``: for every claim the row of ``table`` it is judged by.

    ``missing[regime][key]`` says in Chinese and English why a key is not known;
    ``money[regime]`` names the programme's money in both.
    """

    table: pa.Table
    regime_of: np.ndarray  # int64, shape (claims,)
    missing: tuple[dict[str, tuple[str, str]], ...]
    money: tuple[tuple[str, str], ...]


def law_of(claims: pa.Table, packs: Mapping[str, Pack]) -> Law:
    """The regimes of the programmes that ``claims`` name.

    Reads the columns programme and submitted_on, and voucher_class and place where a
    pack has rules for some class of vouchers or region only (see :func:`has_parts`).
    """
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
        claim_rows = np.flatnonzero(codes == names.index(name))
        classes, regions = _parts_of(pack, "voucher_class"), _parts_of(pack, "region")
        place = _part_of(claims, "voucher_class", claim_rows, classes) * len(regions)
        place = (place + _part_of(claims, "place", claim_rows, regions)) * len(starts)
        regime_of[claim_rows] = (
            len(rows) + place + np.searchsorted(starts, days[claim_rows], side="right") - 1
        )
        for voucher_class in classes:
            for region in regions:
                for start in starts:
                    day = _DAY0 + timedelta(days=int(start))
                    values, why = _regime(name, pack, day, voucher_class, region)
                    rows.append({"regime": len(rows), "programme": name, **values})
                    missing.append(why)
    money = tuple(CURRENCIES[str(row["currency"])] for row in rows)
    return Law(pa.Table.from_pylist(rows, schema=_schema()), regime_of, tuple(missing), money)


def has_parts(packs: Mapping[str, Pack]) -> bool:
    """Whether some rule of some pack holds for one class of vouchers or region only."""
    return any(any(entry.scope) for pack in packs.values() for entry in pack.entries)


def _parts_of(pack: Pack | None, kind: str) -> tuple[Part | None, ...]:
    """None (unknown or any other), then the parts that have rules of their own."""
    cited_parts = {getattr(entry, kind) for entry in pack.entries} if pack else set()
    parts = (pack.classes if kind == "voucher_class" else pack.regions) if pack else ()
    return _EVERYWHERE + tuple(part for part in parts if part.id in cited_parts)


def _part_of(
    claims: pa.Table, column: str, claim_rows: np.ndarray, parts: tuple[Part | None, ...]
) -> np.ndarray:
    """Index into ``parts`` of each of the claims ``mine``; 0 where no part's word occurs."""
    if len(parts) == 1:
        return np.zeros(len(claim_rows), np.int64)
    part_names = claims[column].combine_chunks().take(pa.array(claim_rows)).dictionary_encode()
    part_of_name = np.zeros(len(part_names.dictionary), np.int64)
    for n, part in reversed(list(enumerate(parts))):
        for word in part.words if part else ():
            # a code of an area begins a region; in the middle it is a house number
            fits = pc.starts_with if word.isdigit() else pc.match_substring
            part_of_name[fits(part_names.dictionary, word).to_numpy(zero_copy_only=False)] = n
    codes = part_names.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.where(codes < 0, 0, np.append(part_of_name, 0)[codes])


def _changes(pack: Pack | None) -> np.ndarray:
    """First days of the regimes, as days since 1970; the first is before any claim."""
    days = {date.min + timedelta(days=1)}
    for entry in pack.entries if pack else ():
        days.add(entry.valid_from)
        if entry.valid_to is not None:
            days.add(entry.valid_to + timedelta(days=1))
    return np.array(sorted((day - _DAY0).days for day in days))


def _regime(
    name: str, pack: Pack | None, day: date, voucher_class: Part | None, region: Part | None
) -> tuple[dict[str, object], dict[str, tuple[str, str]]]:
    values: dict[str, object] = {
        "starts_on": pack.starts_on if pack else None,
        "ends_on": pack.ends_on if pack else None,
        "country": pack.country if pack else "CN",
        "currency": pack.currency if pack else "CNY",
        "voucher_class": voucher_class.id if voucher_class else None,
        "region": region.id if region else None,
        "own_kinds": [kind.id for kind in pack.service_types + pack.institution_categories]
        if pack
        else [],
    }
    missing: dict[str, tuple[str, str]] = {}
    parts = (voucher_class.id if voucher_class else None, region.id if region else None)
    for key in KEYS.values():
        entry = pack.entry(key.name, day, *parts) if pack else None
        if entry is not None and entry.status == "published":
            value = entry.value
            values[key.name] = list(value) if isinstance(value, tuple) else value
            values[f"{key.name}_clause"] = entry.clause_zh
        else:
            missing[key.name] = _why(name, pack, key, entry, parts)
    return values, missing


def _why(
    name: str, pack: Pack | None, key: Key, entry: Entry | None, parts: tuple[str | None, ...]
) -> tuple[str, str]:
    if pack is None:
        return f"没有制度{name}的规则", f"no pack for programme {name}"
    if entry is not None and entry.status == "contradicted":
        return f"来源矛盾：{key.zh}", f"sources contradict: {key.en}"
    if entry is not None and entry.status == "unlimited":
        return f"按规定不设限：{key.zh}", f"no such limit, by the rules: {key.en}"
    where = [part for part in parts if part and pack.particular(key.name)]
    if entry is None and pack.particular(key.name) and not where:
        return (
            f"券种或地区不明，无法确定：{key.zh}",
            f"voucher class or region not known, so not settled: {key.en}",
        )
    suffix_zh, suffix_en = "、".join(where), ", ".join(where)
    return (
        f"未见规定：{key.zh}" + (f"（{suffix_zh}）" if where else ""),
        f"no rule known: {key.en}" + (f" ({suffix_en})" if where else ""),
    )


def _schema() -> pa.Schema:
    fields: list[tuple[str, pa.DataType]] = [
        ("regime", pa.int64()),
        ("programme", pa.string()),
        ("starts_on", pa.date32()),
        ("ends_on", pa.date32()),
        ("country", pa.string()),
        ("currency", pa.string()),
        ("voucher_class", pa.string()),
        ("region", pa.string()),
        ("own_kinds", pa.list_(pa.string())),
    ]
    for key in KEYS.values():
        fields += [(key.name, key.arrow), (f"{key.name}_clause", pa.string())]
    return pa.schema(fields)
