"""Messages to people, one catalogue a language: ``messages.zh.toml`` and ``messages.en.toml``.

A program says ``t("parties.without_code", n=7)`` and people read it in the language in use: the one of
``--lang``, else of the environment (``FRAUD_PIPELINE_LANG``, else the locale).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
VARIABLE = "FRAUD_PIPELINE_LANG"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")  # in this order, as POSIX has it

_in_use: ContextVar[Language | None] = ContextVar("language", default=None)


def language() -> Language:
    """The language in use: the last one of :func:`use_language`, else the environment's."""
    return _in_use.get() or language_of(os.environ)


def use_language(chosen: Language | None) -> None:
    """From now on messages are in ``chosen``; None = the environment's language."""
    _in_use.set(chosen)


def language_of(environment: Mapping[str, str]) -> Language:
    """The language of an environment; a locale that is not Chinese means English.

    >>> language_of({"LC_ALL": "", "LANG": "zh_CN.UTF-8"})
    'zh'
    >>> language_of({"LANG": "zh_CN.UTF-8", "FRAUD_PIPELINE_LANG": "en"})
    'en'
    """
    wanted = environment.get(VARIABLE)
    locale = next((environment[name] for name in _LOCALE if environment.get(name)), "")
    return "zh" if (wanted or locale).lower().startswith("zh") else "en"


def t(key: str, **values: Any) -> str:
    """The message ``key`` (``section.name``) in the language in use, with ``values`` filled in.

    Raises KeyError for a key or a value that the catalogue asks for and that is not there.
    """
    return catalogue(language())[key].format(**values)


def one_of(zh: str, en: str) -> str:
    """The one of two wordings that is in the language in use."""
    return zh if language() == "zh" else en


def in_use(text: str) -> str:
    """The half of ``zh / en`` that is in the language in use; other text as it is.

    A text counts as both languages when Chinese stands before the first `` / `` and not behind it.
    """
    zh, mark, en = text.partition(" / ")
    return one_of(zh, en) if mark and _has_chinese(zh) and not _has_chinese(en) else text


def _has_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


@cache
def catalogue(chosen: Language) -> dict[str, str]:
    """Every message of a language by its key."""
    path = Path(__file__).with_name(f"messages.{chosen}.toml")
    sections = tomllib.loads(path.read_text("utf-8"))
    return {
        f"{s}.{name}": text for s, entries in sections.items() for name, text in entries.items()
    }
