"""Every published limit of every pack, as rows that just keep it, just break it, or leave it open."""

import datetime as dt
from decimal import Decimal

from fraud_pipeline.vocabulary.parties import INSTITUTION_CATEGORIES

# key of a pack -> (rule, what to set for a value v: kept, broken, unknown). Columns of claims
# stand bare, of other tables as table.column.
FEN = Decimal("0.01")


def _of(table, column, over):
    name = column if table == "claims" else f"{table}.{column}"
    return lambda v: ({name: v}, {name: v + over}, {name: None})


def _share(column, over):
    """A share of a contract of 100,000 yuan; what is claimed is never unknown."""

    def rows(v):
        most = (Decimal(str(v)) * 100_000).quantize(FEN)
        return tuple(
            {column: amount, "contract_amount": 100_000}
            for amount in (most, most + over, None)[: 3 if column == "voucher_used" else 2]
        )

    return rows


def _multiplier(v):
    due = (Decimal(str(v)) * 10_000).quantize(FEN)
    kept = {"voucher_used": 10_000, "claimed_amount": due, "contract_amount": 100_000}
    return kept, {**kept, "claimed_amount": due + 2 * FEN}, {**kept, "voucher_used": None}


def _redeemer(v):
    other = "institution" if v == "enterprise" else "enterprise"
    return {"redeemer": v}, {"redeemer": other}, {"redeemer": None}


def _listed(name, strange):
    return lambda v: tuple({name: value} for value in (v[0], strange))


def _category(v):
    """A category of the list, a known one that is not, and a word that nobody knows."""
    strange = next(c for c in INSTITUTION_CATEGORIES if c not in v)
    return tuple({"institutions.category": value} for value in (v[0], strange, "elsewhere"))


def _face(v):
    return {"vouchers.face_value": v}, {"vouchers.face_value": v + FEN}, {"voucher_id": None}


LIMITS = {
    "voucher_share_of_contract_max": ("L02", _share("voucher_used", FEN)),
    "redemption_multiplier": ("L03", _multiplier),
    "redeemer": ("L04", _redeemer),
    "revenue_max_amount": ("L06", _of("enterprises", "annual_revenue", FEN)),
    "institution_categories": ("L09", _category),
    "service_types": ("L10", _listed("service_type", "no_such_service")),
    "voucher_multiple_amount": ("L16", _of("claims", "voucher_used", FEN)),
    "use_max_amount": ("L17", lambda v: ({"claimed_amount": v}, {"claimed_amount": v + FEN})),
    "face_amount": ("L18", _face),
    "subsidy_share_max": ("L19", _share("claimed_amount", 2 * FEN)),
    "employees_max": ("L21", _of("enterprises", "employees", 1)),
}


def published(pack):
    """The entries of a pack that LIMITS knows and that state a value."""
    return [e for e in pack.entries if e.key in LIMITS and e.status == "published"]


def rows_of(pack, entry, copies=1):
    """(rule, tables, claim -> outcome): kept, broken and unknown cases of one entry."""
    rule, made = LIMITS[entry.key]
    day = max(entry.valid_from, dt.date(2010, 1, 4))
    given = {"claims": [], "vouchers": [], "enterprises": [], "institutions": []}
    part = next((p.words[0] for p in pack.classes if p.id == entry.voucher_class), None)
    place = next((p.words[0] for p in pack.regions if p.id == entry.region), None)
    expected = {}
    for outcome, case in zip(("pass", "hit", "not_applicable"), made(entry.value), strict=False):
        for _ in range(copies):
            name = f"C{len(expected):04d}"
            ids = {t: f"{t[0].upper()}{name}" for t in ("enterprise", "institution", "voucher")}
            claim = {"claim_id": name, "programme": pack.id, "submitted_on": day,
                     "enterprise_id": ids["enterprise"], "institution_id": ids["institution"],
                     "voucher_id": ids["voucher"]}  # fmt: skip
            rows = {
                "claims": claim,
                "vouchers": {"voucher_id": ids["voucher"], "enterprise_id": ids["enterprise"],
                             "programme": pack.id, "voucher_class": part, "issued_on": day},
                "enterprises": {"enterprise_id": ids["enterprise"], "region": place},
                "institutions": {"institution_id": ids["institution"]},
            }  # fmt: skip
            for column, value in case.items():
                table, _, field = column.rpartition(".")
                rows[table or "claims"][field] = value
            for table, row in rows.items():
                given[table].append(row)
            expected[name] = outcome
    return rule, given, expected
