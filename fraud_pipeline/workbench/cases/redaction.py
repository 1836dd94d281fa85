"""Identifiers of other claims and parties are taken out of sentences that name them.

Rules and rings write sentences that name the claims, contracts and parties they compared. Whoever
must not know those reads that there is one, and not which.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from fraud_pipeline.workbench.db.leads import Leads

Row = dict[str, Any]
MayName = Callable[[str, Row], bool]  # (table, row) -> whether the reader may know of it
# table -> its key and what stands in its place, in Chinese and English
_KINDS = {
    "claims": ("claim_id", "另一申请", "another claim"),
    "contracts": ("contract_id", "另一合同", "another contract"),
    "vouchers": ("voucher_id", "另一创新券", "another voucher"),
    "enterprises": ("enterprise_id", "另一企业", "another enterprise"),
    "institutions": ("institution_id", "另一机构", "another institution"),
}  # fmt: skip
_RUN = re.compile(r"[0-9A-Za-z][0-9A-Za-z_./\-]{2,}")  # what an identifier looks like in a sentence
_PARTS = re.compile(r"[;；,，|]\s*|\s+")


class Redactor:
    """Replaces the identifiers of rows that ``may_name`` keeps from the reader."""

    def __init__(self, leads: Leads, may_name: MayName):
        self._leads, self._may_name = leads, may_name

    def hidden(self, texts: Iterable[str | None]) -> dict[str, str]:
        """Identifier -> table, of what these texts name and the reader must not know."""
        known = [text for text in texts if text]
        candidates = {run.rstrip("./-") for text in known for run in _RUN.findall(text)}
        candidates |= {part for text in known for part in _PARTS.split(text) if part}
        return {
            row[key]: table
            for table, (key, _, _) in _KINDS.items()
            for row in self._leads.lookup(table, key, sorted(candidates))
            if not self._may_name(table, row)
        }

    def rows(self, rows: list[Row], columns: Iterable[str]) -> list[Row]:
        """The rows with these text columns redacted; columns in Chinese end in ``_zh``."""
        names = tuple(columns)
        hidden = self.hidden(row.get(name) for row in rows for name in names)
        if not hidden:
            return rows
        return [
            {**row, **{n: replaced(row[n], hidden, zh=n.endswith("_zh")) for n in names if row.get(n)}}
            for row in rows
        ]  # fmt: skip


def replaced(text: str, hidden: dict[str, str], *, zh: bool) -> str:
    """The text with a word for each hidden identifier; longer identifiers first."""
    for identifier in sorted(hidden, key=len, reverse=True):
        word = _KINDS[hidden[identifier]][1 if zh else 2]
        edge = r"(?<![0-9A-Za-z]){}(?![0-9A-Za-z])"
        text = re.sub(edge.format(re.escape(identifier)), word, text)
    return text


def own_only(lead: Row, claim: Row) -> MayName:
    """The reader is a party of this claim: of others nothing is named."""
    own = {
        "claims": {lead["claim_id"]}, "contracts": {claim["contract_id"]},
        "vouchers": {claim["voucher_id"]}, "enterprises": {lead["enterprise_id"]},
        "institutions": {lead["institution_id"]},
    }  # fmt: skip
    return lambda table, row: row[_KINDS[table][0]] in own[table]
