"""The codes a rule sheet shows, in words."""

from __future__ import annotations

from fraud_pipeline.vocabulary import documents, parties, rules, services
from fraud_pipeline.vocabulary.term import Term, label

_TERMS: dict[str, Term] = {
    **parties.QUALIFICATIONS,
    **services.SERVICES,
    **parties.INSTITUTION_CATEGORIES,
    **documents.DOCUMENTS,
    **parties.PARTIES,
    **rules.WINDOW_KINDS,
    **rules.CAP_BASES,
}


def in_words(code: str, language: str) -> str:
    """``code`` as people write it; a word that is no code stays as it is."""
    return label(_TERMS, code, language)
