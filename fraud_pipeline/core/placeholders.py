"""What people write where they know nothing, or name nobody: equal values of this kind link nobody.

Patterns for a whole value in capital letters, without spaces at its ends; the same text works in
SQL (RE2) and in Python.
"""

from __future__ import annotations

import re

_DIGITS = "|".join(f"{digit}+" for digit in "0123456789")
_COUNTED = "0?123(4(5(6(7(8(9(0)?)?)?)?)?)?)?|9876543210?|987654|13800138000|18888888888"
_NO_VALUE_WORDS = (
    r"[-—–_.·*?？/\\X]+|无|暂无|没有|不详|未知|未填|未提供|未登记|不清楚|待定|待补|待核实|不适用|空|略|保密|"
    r"N\.?/?A\.?|NONE|NULL|NIL|NAN|UNKNOWN|NOT KNOWN|NOT AVAILABLE|NOT APPLICABLE|NO DATA|TBC|TBD|TEST|"
    r"S/N|SN|S/D|SIN DATOS|NO CONSTA|NO DISPONIBLE|DESCONHECIDO|NAO INFORMADO|NÃO INFORMADO|NON RENSEIGN[EÉ]|"
    r"INCONNU|UNBEKANNT|KEINE ANGABE|K\.?A\.?|SCONOSCIUTO|ONBEKEND|BRAK|OKÄND|NEUVEDENO"
)
# A value that says nothing: telephone, account, address, person, code.
NO_VALUE = rf"({_DIGITS}|{_COUNTED}|{_NO_VALUE_WORDS})"
_MANY = (
    r"REDACTED.*|.*\bREDACTED\b.*|.*PERSONAL DATA.*|WITHHELD.*|CONFIDENTIAL.*|ANONYM.*|UNDISCLOSED.*|"
    r"(VARIOUS|SUNDRY|MULTIPLE|MISCELLANEOUS|MISC|DIVERSE|SONSTIGE|DIVERSOS|VARIOS|DIVERS|VARI)\b.*|"
    r"(PRIVATE )?(INDIVIDUAL|PERSON)S?|NATURAL PERSONS?|PRIVATPERSON(EN)?|PARTICULIERS?|PERSONAS? F[IÍ]SICAS?|"
    r"UNKNOWN .*|个人|自然人|其他个人|多家单位|散户|匿名|SIGILOSO"
)
# A party's name that names nobody, or many at once: payments to it are not payments to one party.
NOBODY = rf"({_DIGITS}|{_COUNTED}|{_NO_VALUE_WORDS}|{_MANY})"
_NO_VALUE, _NOBODY = re.compile(NO_VALUE), re.compile(NOBODY)


def is_no_value(text: str) -> bool:
    """Whether a value says nothing.

    >>> is_no_value("000000"), is_no_value("不详"), is_no_value("n/a"), is_no_value("02787654321")
    (True, True, True, False)
    """
    return _NO_VALUE.fullmatch(text.strip().upper()) is not None


def names_nobody(text: str) -> bool:
    """Whether a name stands for nobody, or for many.

    >>> names_nobody("Redacted Personal Data"), names_nobody("Various suppliers"), names_nobody("Varian Ltd")
    (True, True, False)
    """
    return _NOBODY.fullmatch(text.strip().upper()) is not None
