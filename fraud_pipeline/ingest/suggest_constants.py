"""What a draft states for all rows, where no column says it: programme, payer, kind of service, month."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fraud_pipeline.core.currency import CURRENCIES
from fraud_pipeline.ingest import headers
from fraud_pipeline.ingest.suggest import Draft, sample_of
from fraud_pipeline.ingest.suggest_notices import month_of_list
from fraud_pipeline.schema import INPUT_TABLES

# words of headers that only offices of one country write
_PAID_IN = (
    ("CNY", re.compile("发票|开票|价税合计|统一社会信用代码|万元")),
    ("KRW", re.compile("[\uac00-\ud7a3]")),
)


def constants_of(one: Draft) -> dict[str, tuple[str, str]]:
    """Column -> value and comment, of the columns that a list does not say of each row."""
    schema = INPUT_TABLES[one.table]
    constants: dict[str, tuple[str, str]] = {}
    if "programme" in schema.names and "programme" not in one.columns:
        constants["programme"] = _programme(one)
    if one.table == "claims" and "service_type" not in one.columns:
        constants["service_type"] = ("other", "  # ? no column says the kind of service")
    if one.table == "claims" and "enterprise_id" not in one.columns:
        constants["enterprise_id"] = (
            one.grid.file.rsplit(".", 1)[0],
            "  # ? one payer for all rows",
        )
    if one.table == "claims" and "submitted_on" not in one.columns and not one.payments:
        month = month_of_list(one.grid)
        if month:
            constants["submitted_on"] = (month, "  # ? no column says when; the month of the list; rules that count days do not judge")  # fmt: skip
    return constants


def _programme(one: Draft) -> tuple[str, str]:
    """The pack of plain payments, in the currency that the amounts bear; else the generic one."""
    if one.payments is None:
        return "generic", "  # or the id of a pack: payments for a plain list of payments"
    header = one.payments.parts["amount"][0]
    code = _currency(header, one.contents[header].currencies) or _currency_beside(one)
    programme = f"payments_{code.lower()}" if code else "payments"
    note = "  # or payments_gbp, payments_eur, payments_usd ..." if not code else ""
    return programme, note or "  # or a pack of your own that extends payments: limits"


def _currency(header: str, marks: Sequence[str]) -> str:
    """The currency of the marks in the cells, of a code or of a unit of yuan in the header; else empty."""
    codes = {word for word in re.findall(r"[A-Z]{3}", header) if word in CURRENCIES}
    codes |= set(marks) if len(marks) == 1 else set()
    if headers.unit_of(header) is not None and "元" in header:
        codes.add("CNY")
    code = codes.pop() if len(codes) == 1 else ""
    return code if code in CURRENCIES else ""


def _currency_beside(one: Draft) -> str:
    """The one currency that a column of codes names, or that the language of the headers is paid in."""
    for cells in one.grid.columns:
        words = set(sample_of(cells))
        if len(words) == 1 and words <= CURRENCIES.keys():
            return words.pop()
    names = " ".join(one.grid.header)
    return next((code for code, pattern in _PAID_IN if pattern.search(names)), "")
