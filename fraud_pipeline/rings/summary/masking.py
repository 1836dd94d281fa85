"""Ring sentences and ties without personal data: names of people, phones, accounts, addresses.

What is personal stands in a tie's ``detail`` and, put there by :mod:`fraud_pipeline.rings.summary.sentences`,
in the sentence of the tie. Which kind the tie is says how to mask it; names of enterprises and agents
and codes of parties stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa

from fraud_pipeline.core.masking import mask_account, mask_email, mask_name, mask_phone
from fraud_pipeline.schema import RingSet
from fraud_pipeline.vocabulary.rings import SHARED

_SENTENCES = ("sentence_zh", "sentence_en")
_REASON = re.compile(r"^(.*?)(\s*\[\w+\])?$", re.DOTALL)


def _mask_code(code: str | None) -> str | None:
    """A person's number or a device: the last four stay."""
    return mask_account(code)


def _mask_address(address: str | None) -> str | None:
    """Down to where a street begins, as far as six characters tell.

    >>> _mask_address("武汉市洪山区珞喻路1037号")
    '武汉市洪山区***'
    """
    return address if not address else f"{address[:6]}***"


def _mask_person(person: str | None) -> str | None:
    """A holder by name keeps the family name, one by number its end."""
    if person and re.search(r"[0-9]", person):
        return _mask_code(person)
    return mask_name(person)


_BY_KIND: dict[str, Callable[[str | None], str | None]] = {
    "phone": mask_phone, "email": mask_email, "bank_account": mask_account,
    "legal_representative": mask_name, "person": _mask_person, "device": _mask_code,
    "address": _mask_address,
}  # fmt: skip


def masked(ringset: RingSet) -> RingSet:
    """``ringset`` with personal data masked in the sentences of its evidence."""
    return replace(ringset, evidence=masked_evidence(ringset.evidence))


def masked_evidence(evidence: pa.Table) -> pa.Table:
    """RING_EVIDENCE with the shared values in its sentences masked."""
    columns = (evidence[c].to_pylist() for c in ("kind", *_SENTENCES))
    pairs = [masked_sentences(*row) for row in zip(*columns, strict=True)]
    for name, texts in zip(
        _SENTENCES, zip(*pairs, strict=True) if pairs else ((), ()), strict=True
    ):
        at = evidence.schema.get_field_index(name)
        evidence = evidence.set_column(at, evidence.schema.field(at), pa.array(texts, pa.string()))
    return evidence


def masked_sentences(kind: str, zh: str, en: str) -> tuple[str, str]:
    """The two sentences of a piece of evidence of this kind as others may see them."""
    if kind not in _BY_KIND:
        return zh, en
    begin_zh, begin_en = f"共用{SHARED[kind].zh}", f" share {SHARED[kind].en} "
    return _between(kind, zh, begin_zh, "（全部数据中"), _between(kind, en, begin_en, " (")


def masked_ties(ties: pa.Table) -> pa.Table:
    """TIES with personal details masked; a reason in brackets at the end stays."""
    pairs = zip(ties["kind"].to_pylist(), ties["detail"].to_pylist(), strict=True)
    at = ties.schema.get_field_index("detail")
    details = pa.array([masked_detail(kind, detail) for kind, detail in pairs], pa.string())
    return ties.set_column(at, ties.schema.field(at), details)


def masked_detail(kind: str, detail: str | None) -> str | None:
    """The ``detail`` of a tie of this kind as others may see it."""
    if detail is None or kind not in _BY_KIND:
        return detail
    match = _REASON.match(detail)
    value, reason = (match.group(1), match.group(2) or "") if match else (detail, "")
    return f"{_BY_KIND[kind](value) or ''}{reason}"


def _between(kind: str, sentence: str, begin: str, end: str) -> str:
    """The value between the words that ``words.tie`` puts around it, masked."""
    if begin not in sentence:
        return sentence
    head, _, tail = sentence.partition(begin)
    value, mark, rest = tail.rpartition(end)
    return f"{head}{begin}{masked_detail(kind, value)}{mark}{rest}" if mark else sentence
