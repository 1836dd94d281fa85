"""Margins for any programme with a rule pack: what is published binds, the rest is assumed and named.

The sizes (numbers of enterprises, institutions, claims and the money) and the mix of services are
assumptions for every programme made here; ``Margins.assumed`` also names each rule the
builder had to choose a value for because the pack leaves it unknown.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

from fraud_pipeline.errors import ProgrammeError
from fraud_pipeline.simulate.world.margins import LINES, Margins, Place, Service, Subsidy, Ticket
from fraud_pipeline.simulate.world.programmes import CHANGXING, PROGRAMMES, SHANXI, ZHEJIANG

_FIGURES = ("services", "voucher holders", "users", "institutions", "active institutions",
            "redeemed yuan", "mix of services", "prices")  # fmt: skip
_USUAL_LINES = ("testing", "novelty_search", "technology_development", "technology_service",
                "technology_consulting", "product_design")  # fmt: skip
_USUAL_CATEGORIES = ("university", "research_institute", "instrument_platform",
                     "service_platform", "statutory_testing", "incubator")  # fmt: skip
_SHARING = Service("instrument_sharing", "testing", 0.12, "项", 1400, 0.18, (4, 30),
                   ("instrument_platform", "university", "statutory_testing"),
                   ("大型仪器共享测试", "仪器共享服务", "共享仪器测试"))  # fmt: skip
_POOL = {
    line.code: line
    for line in reversed((*LINES, _SHARING, *ZHEJIANG.lines, *CHANGXING.lines, *SHANXI.lines))
}
_STARTS, _YEARS = date(2015, 1, 5), 3
_CAP, _SHARE, _PER_CLASS = 100_000.0, 0.5, 2
_UNIT_CONTRACT = 22_500.0  # yuan: what an ordinary contract by units comes to


class Rules(Protocol):
    """What of a programme pack is read (``fraud_pipeline.programmes.Pack``)."""

    @property
    def id(self) -> str: ...
    @property
    def name_zh(self) -> str: ...
    @property
    def name_en(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def starts_on(self) -> date | None: ...
    @property
    def ends_on(self) -> date | None: ...
    @property
    def entries(self) -> tuple[Any, ...]: ...
    @property
    def classes(self) -> tuple[Any, ...]: ...
    def value(
        self, key: str, on: date, voucher_class: str | None = None, region: str | None = None
    ) -> Decimal | float | int | bool | str | tuple[str, ...] | None: ...


class _Reader:
    """Published values of one day; remembers what had to be assumed."""

    def __init__(self, pack: Rules, on: date) -> None:
        self.pack, self.on, self.assumed = pack, on, list(_FIGURES)

    def number(self, key: str, otherwise: float, part: str | None = None) -> float:
        value = self.pack.value(key, self.on, part)
        if value is None:
            self.assumed += [] if key in self.assumed else [key]
            return otherwise
        return float(value)  # type: ignore[arg-type]

    def words(self, key: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
        value = self.pack.value(key, self.on)
        if not isinstance(value, tuple):
            self.assumed += [] if key in self.assumed else [key]
            return otherwise
        return value

    def stated(self, key: str) -> Any:
        """The value or None, without assuming anything."""
        return self.pack.value(key, self.on)


def margins_of(pack: Rules) -> Margins:
    """Margins by which a world of this programme breaks none of the pack's hard limits.

    The programmes with published figures have margins of their own (``PROGRAMMES``). Money is
    in the pack's currency. Raises ProgrammeError for a pack whose services nobody here sells.
    """
    if pack.id in PROGRAMMES:
        return PROGRAMMES[pack.id]
    starts, ends = _days(pack)
    read = _Reader(pack, starts + timedelta(days=30))
    categories = _categories(read)
    tickets = _tickets(read)
    subsidy = _subsidy(read, tickets)
    level = 1.0
    if tickets:
        level = 1.2 * sum(t.pays_most / t.share_max for t in tickets) / len(tickets)
        level /= _UNIT_CONTRACT
    cap = sum(t.pays_most for t in tickets) if tickets else subsidy.cap_yuan
    redeemer = read.stated("redeemer")
    if redeemer is None:
        read.assumed.append("redeemer")
    margins = Margins(
        programme=pack.id, zh=pack.name_zh, lines=_lines(read, categories, level, bool(tickets)),
        places=(_place(read),), categories=dict.fromkeys(categories, 1.0 / len(categories)),
        subsidy=subsidy, services=1000, holders=720, users=580, institutions=200,
        active_institutions=110, redeemed_yuan=1000 * min(25_000.0, 0.25 * cap), issued_yuan=None,
        starts_on=starts, ends_on=ends, redeemer=str(redeemer or "institution"),
        tickets=tickets, voucher_classes=("通用", "通用"), published=False, price_level=level,
        multiple=(single := float(read.stated("voucher_multiple_amount") or 1.0)),
        face_unit=max(1_000.0, single),
        new_supplier=bool(read.stated("new_supplier_required")),
        related_excluded=read.stated("related_share_hard") is not None,
    )  # fmt: skip
    margins = _eligibility_limits(margins, read)
    return replace(margins, assumed=tuple(read.assumed))


def _days(pack: Rules) -> tuple[date, date]:
    """The rules as they stood last: from the day the latest of them began."""
    known = [e.valid_from for e in pack.entries if e.valid_from.year > 1900]
    starts = max([*known, *([pack.starts_on] if pack.starts_on else [])], default=_STARTS)
    ends = starts.replace(year=starts.year + _YEARS) - timedelta(days=1)
    return starts, min(ends, pack.ends_on) if pack.ends_on else ends


def _categories(read: _Reader) -> tuple[str, ...]:
    return read.words("institution_categories", _USUAL_CATEGORIES)


def _lines(
    read: _Reader, categories: tuple[str, ...], level: float, by_ticket: bool
) -> tuple[Service, ...]:
    """The services that are paid for, sold by the institutions that are admitted."""
    wanted = [c for c in read.words("service_types", _USUAL_LINES) if c in _POOL]
    if not wanted:
        raise ProgrammeError(f"programme {read.pack.id}: no simulator sells any of its services")
    total = sum(_POOL[c].share for c in wanted)
    lines = []
    for code in wanted:
        line = _POOL[code]
        sellers = tuple(c for c in line.categories if c in categories) or categories
        price = line.price * level
        if by_ticket and line.lump:
            price = _UNIT_CONTRACT * level
        lines.append(replace(line, share=line.share / total, price=price, categories=sellers))
    return tuple(lines)


def _tickets(read: _Reader) -> tuple[Ticket, ...]:
    """Vouchers of a fixed face that pay one purchase each, as many as an enterprise may have."""
    parts = [p.id for p in read.pack.classes] or [None]
    if read.stated("voucher_multiple_amount") is not None or all(
        read.pack.value("face_amount", read.on, part) is None for part in parts
    ):
        return ()
    tickets = []
    for part in parts:
        face = read.number("face_amount", 5_000.0, part)
        ticket = Ticket(
            part or "通用", face, read.number("use_max_amount", face, part),
            read.number("subsidy_share_max", _SHARE, part),
        )  # fmt: skip
        least = 1 if len(parts) > 1 else _PER_CLASS
        each = int(read.number("enterprise_vouchers_per_class_max", least, part))
        tickets += [ticket] * each
    return tuple(tickets[: int(read.stated("enterprise_vouchers_max") or len(tickets))])


def _subsidy(read: _Reader, tickets: tuple[Ticket, ...]) -> Subsidy:
    multiplier = float(read.stated("redemption_multiplier") or 1.0)
    if tickets:
        return Subsidy(multiplier=multiplier, at_most=0.8)
    joint = read.stated("voucher_share_of_contract_max")
    share = float(joint) if joint else read.number("subsidy_share_max", _SHARE)
    cap = read.number("enterprise_cap_amount", float(read.stated("use_max_amount") or _CAP))
    if read.stated("enterprise_cap_window") is None:
        read.assumed.append("enterprise_cap_window")
    return Subsidy(
        share_max=share, share_least=0.5 * share, cap_yuan=cap / multiplier, multiplier=multiplier,
        full_up_to=float(read.stated("full_up_to_amount") or 0.0),
        cap_by_year=read.stated("enterprise_cap_window") == "calendar_year",
    )  # fmt: skip


def _place(read: _Reader) -> Place:
    pack = read.pack
    words = read.stated("region_words") or read.stated("institution_region_words") or ()
    name = words[0] if words else pack.name_en.split()[0] if pack.country != "CN" else ""
    digits = next((w for w in words if w.isdigit()), "99")
    return Place(name or pack.name_zh[:2], digits.ljust(6, "0"), 1.0,
                 ("开发区", "城区", "高新区", "科技园"), "科罚")  # fmt: skip


def _eligibility_limits(margins: Margins, read: _Reader) -> Margins:
    """What the pack asks of an enterprise."""
    revenue = read.number("revenue_max_amount", 200_000_000.0)
    most = read.stated("employees_max")
    plain = margins.qualifications
    qualifications = read.words("qualifications_any_of", ())
    if qualifications:
        plain = (qualifications[0], qualifications[-1], qualifications[0], qualifications[-1])
    return replace(
        margins, revenue_max=revenue, revenue_median=min(9_000_000.0, 0.2 * revenue),
        employees_max=int(most) if most is not None else None, qualifications=plain,
    )  # fmt: skip
