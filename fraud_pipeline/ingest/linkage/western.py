"""Names of firms in Latin letters: the legal form, however it is written, and what marks a branch."""

from __future__ import annotations

import re
import unicodedata

# How one legal form is written -> the one spelling in which it is compared.
_FORMS: dict[str, str] = {
    "limited": "LTD", "ltd": "LTD", "ltd liability co": "LLC", "public limited company": "PLC", "plc": "PLC",
    "limited liability partnership": "LLP", "llp": "LLP", "limited liability company": "LLC", "llc": "LLC",
    "incorporated": "INC", "inc": "INC", "corporation": "CORP", "corp": "CORP", "company limited": "LTD",
    "co limited": "LTD", "co ltd": "LTD", "company ltd": "LTD", "pty ltd": "PTYLTD", "pty limited": "PTYLTD",
    "proprietary limited": "PTYLTD", "private limited": "PVTLTD", "pvt ltd": "PVTLTD", "company": "CO", "co": "CO",
    "gesellschaft mit beschrankter haftung": "GMBH", "gesellschaft mbh": "GMBH", "gmbh": "GMBH", "gmbh & co kg": "GMBHCOKG",
    "gmbh und co kg": "GMBHCOKG", "aktiengesellschaft": "AG", "ag": "AG", "kg": "KG", "ohg": "OHG", "ev": "EV", "ug": "UG",
    "e v": "EV", "sociedad anonima": "SA", "societe anonyme": "SA", "sociedade anonima": "SA", "sa": "SA", "s a": "SA",
    "sociedad limitada": "SL", "sl": "SL", "s l": "SL", "slu": "SLU", "s l u": "SLU", "sau": "SAU", "s a u": "SAU",
    "societe a responsabilite limitee": "SARL", "sarl": "SARL", "s a r l": "SARL", "sas": "SAS", "s a s": "SAS",
    "limitada": "LTDA", "ltda": "LTDA", "ltda me": "LTDA", "eireli": "EIRELI", "srl": "SRL", "s r l": "SRL", "spa": "SPA",
    "s p a": "SPA", "bv": "BV", "b v": "BV", "nv": "NV", "n v": "NV", "aktiebolag": "AB", "ab": "AB", "as": "AS",
    "a s": "AS", "aps": "APS", "oy": "OY", "oyj": "OYJ", "sp z o o": "SPZOO", "spolka z o o": "SPZOO",
    "spolka z ograniczona odpowiedzialnoscia": "SPZOO", "s r o": "SRO", "sro": "SRO",
}  # fmt: skip
_LONGEST_FIRST = sorted(_FORMS, key=lambda form: -len(form))
_BRANCH = re.compile(
    r"\b((?:\w+ )?(?:branch(?: office)?|sucursal|filial(?:e|es)?|(?:zweig)?niederlassung|succursale|agence|oddzial|"
    r"subsidiary|division)\b.*)$"
)
_LETTERS = re.compile(r"[a-z]")


def western_name(text: str) -> tuple[str, str, str] | None:
    """(name without form and blanks, form, branch) in capitals; None for names that are not Latin.

    >>> western_name("Müller Bau G.m.b.H."), western_name("MULLER BAU GmbH, Niederlassung Köln")
    (('MULLERBAU', 'GMBH', ''), ('MULLERBAU', 'GMBH', 'NIEDERLASSUNGKOLN'))
    """
    plain = _plain(text)
    if not _LETTERS.search(plain) or any(ord(c) > 0x2E7F for c in plain):
        return None
    match = _BRANCH.search(plain)
    branch = match[1] if match and match.start() > 1 else ""
    body = plain[: len(plain) - len(branch)].strip()
    for form in _LONGEST_FIRST:
        if body.endswith(" " + form):
            return _joined(body[: -len(form)]), _FORMS[form], _joined(branch)
    return _joined(body), "", _joined(branch)


def _plain(text: str) -> str:
    """Small letters without accents, marks as blanks; single letters in dots are one word: S.A. is sa."""
    folded = unicodedata.normalize("NFKD", text.lower()).replace("ß", "ss").replace("ł", "l")
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    bare = re.sub(r"\b((?:\w\.){2,})", lambda match: match[1].replace(".", "") + " ", bare)
    return " ".join(re.sub(r"[^\w&]+", " ", bare).split())


def _joined(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())
