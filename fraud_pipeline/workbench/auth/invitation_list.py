"""A list of people to invite at once: one a line, ``name, role, regions``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.workbench.auth.permissions import ROLE_WORDS, Role

MAX_PEOPLE = 100
_ROLES = {word: role for role, words in ROLE_WORDS.items() for word in (*words, role.value)}


@dataclass(frozen=True)
class Invitee:
    """A person to invite; ``regions`` empty = all."""

    name: str
    role: Role
    regions: tuple[str, ...]


def parse_invitees(text: str) -> list[Invitee]:
    """The people of a list. Raises SettingsError naming the line that is wrong.

    Fields are separated by a comma, a tab or 、; regions by ``;``. A missing role is a reviewer's.

    >>> parse_invitees("张三，审核组长，武昌;江夏")[0].regions
    ('武昌', '江夏')
    """
    people: list[Invitee] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            people.append(_invitee(number, [part.strip() for part in re.split(r"[,，、\t]", line)]))
    if not 0 < len(people) <= MAX_PEOPLE:
        raise SettingsError(
            f"请列出 1 至 {MAX_PEOPLE} 人 / list 1 to {MAX_PEOPLE} people, one a line"
        )
    names = [person.name for person in people]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SettingsError(f"{twice[0]} 列了两次 / {twice[0]} is listed twice")
    return people


def _invitee(number: int, parts: list[str]) -> Invitee:
    name, role, regions = [*parts, "", ""][:3]
    if role and role not in _ROLES:
        raise SettingsError(
            f"第 {number} 行：没有角色“{role}” / line {number}: there is no role “{role}”"
        )
    chosen = _ROLES[role] if role else Role.REVIEWER
    cut = re.split(r"[;；]", regions)
    return Invitee(name, chosen, tuple(part.strip()[:60] for part in cut if part.strip()))
