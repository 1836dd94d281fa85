"""Published limits broken on purpose: an honest world of 1,071 claims put under a programme's rule,
kept everywhere and broken by 0.5 to 60 % in about one claim in thirty.

Only the figure the limit is about is set; parties, dates between them and papers stay the world's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import programmes
from fraud_pipeline.programmes import Entry, Pack
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.simulate import NONE, simulate
from fraud_pipeline.store.packs import load_packs

# key -> (rule, table, column set, column it is a share of or None)
FIGURES: dict[str, tuple[str, str, str, str | None]] = {
    "voucher_share_of_contract_max": ("L02", "claims", "voucher_used", "contract_amount"),
    "redemption_multiplier": ("L03", "claims", "claimed_amount", "voucher_used"),
    "revenue_max_amount": ("L06", "enterprises", "annual_revenue", None),
    "voucher_multiple_amount": ("L16", "claims", "voucher_used", None),
    "use_max_amount": ("L17", "claims", "claimed_amount", None),
    "face_amount": ("L18", "vouchers", "face_value", None),
    "subsidy_share_max": ("L19", "claims", "claimed_amount", "contract_amount"),
    "employees_max": ("L21", "enterprises", "employees", None),
}
_WHOLE = ("voucher_multiple_amount", "face_amount")  # kept: a multiple of it
_BROKEN = 1 / 30
_KEY = {"claims": "claim_id", "enterprises": "enterprise_id", "vouchers": "voucher_id"}


def breaches(seed: int = 1) -> Iterator[tuple[str, str, str, int, int, int, int]]:
    """(rule, programme, key, planted, found, honest, false) for every published limit."""
    packs = load_packs()
    world = simulate("wuhan", 1071, seed, fraud=NONE).tables
    by_code = {check.code: check for check in ALL_RULES}
    for pack in packs.values():
        for entry in (e for e in pack.entries if e.key in FIGURES and e.status == "published"):
            tables, broken = under(world, pack, entry, np.random.default_rng(seed))
            rule = by_code[FIGURES[entry.key][0]]
            found, _ = programmes.evaluate(
                tables, packs, date(2026, 1, 1), ProgrammeSettings(), [rule]
            )
            hit = np.array(pc.equal(found["outcome"], "hit").to_pylist())
            yield (rule.code, pack.id, entry.key, int(broken.sum()), int((hit & broken).sum()),
                   int((~broken).sum()), int((hit & ~broken).sum()))  # fmt: skip


def under(
    world: Tables, pack: Pack, entry: Entry, rng: np.random.Generator
) -> tuple[Tables, np.ndarray]:
    """The world under the rule, and which of its claims (sorted by id) break it."""
    _, table, column, base = FIGURES[entry.key]
    rows = world[table]
    n = rows.num_rows
    broken = rng.random(n) < _BROKEN
    share = np.where(broken, rng.uniform(1.005, 1.6, n), rng.uniform(0.1, 1.0, n))
    limit = float(entry.value)  # type: ignore[arg-type]
    if entry.key in _WHOLE:
        figure = limit * rng.integers(1, 5, n) + np.where(broken, rng.integers(1, 4999, n), 0)
    else:
        figure = limit * share * (1.0 if base is None else _numbers(rows[base]))
    if column == "employees":
        figure = np.where(broken, np.ceil(figure), np.floor(figure))
    day = max(entry.valid_from, date(2010, 1, 4))
    claims = world["claims"]
    changed = {
        "claims": _set(_set(claims, "programme", pa.repeat(pack.id, claims.num_rows)),
                       "submitted_on", pa.repeat(pa.scalar(day), claims.num_rows)),
        "vouchers": _part(world["vouchers"], "voucher_class", pack.classes, entry.voucher_class),
        "enterprises": _part(world["enterprises"], "region", pack.regions, entry.region),
    }  # fmt: skip
    changed[table] = _set(changed[table], column, _money(figure, rows.schema.field(column).type))
    if table == "claims":  # rules are answered in order of claim
        of_claim = broken[np.array(pc.sort_indices(claims["claim_id"]))]
    else:
        bad = set(np.array(rows[_KEY[table]].to_pylist(), object)[broken])
        ordered = claims.take(pc.sort_indices(claims["claim_id"]))[_KEY[table]].to_pylist()
        of_claim = np.array([party in bad for party in ordered])
    return world.replaced(**changed), of_claim


def _part(table: pa.Table, column: str, parts: tuple, wanted: str | None) -> pa.Table:
    word = next((p.words[0] for p in parts if p.id == wanted), None)
    return table if word is None else _set(table, column, pa.repeat(word, table.num_rows))


def _set(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    place = table.schema.get_field_index(column)
    return table.set_column(
        place, table.schema.field(column), values.cast(table.schema.field(column).type)
    )


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    return column.cast(pa.float64()).to_numpy()


def _money(figure: np.ndarray, kind: pa.DataType) -> pa.Array:
    if pa.types.is_decimal(kind):
        return pa.array([Decimal(round(f * 100)) / 100 for f in figure], kind)
    return pa.array(figure)


def report(by: Callable[[str], None] = print) -> None:
    """Per rule: programmes whose limit it is, breaches planted and found, honest claims hit."""
    rows: dict[str, list] = {}
    for code, programme, _, planted, found, honest, false in breaches():
        row = rows.setdefault(code, [set(), 0, 0, 0, 0])
        row[0].add(programme)
        for k, value in enumerate((planted, found, honest, false), start=1):
            row[k] += value
    by("| limit | programmes | breaches planted | found | recall | false alarms |")
    by("|---|---|---|---|---|---|")
    for code, (names, planted, found, honest, false) in sorted(rows.items()):
        by(f"| {code} | {', '.join(sorted(names))} | {planted} | {found} | {found / planted:.0%} | "
           f"{false / honest:.2%} |")  # fmt: skip
