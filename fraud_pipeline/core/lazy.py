"""Package fronts that import a module only when one of its names is asked for (PEP 562).

A front lists its names three times, each for a reader of its own: ``if TYPE_CHECKING:`` imports
for mypy, ``__all__`` for people and linters, and the table given to :func:`export_lazily` for
Python. ``tests/test_fronts.py`` holds the three together.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any


class _LazyPackage(ModuleType):
    """A package whose exported names are imported at their first use.

    A class and not the plain function ``__getattr__`` of PEP 562, because some functions are named
    like the module that holds them (``risk.score`` of ``risk/score.py``): importing that
    module binds it on the package, and a module-level ``__getattr__`` would never be asked.
    """

    _lazy_exports: Mapping[str, str]

    def __getattr__(self, name: str) -> Any:
        """The exported object ``name``; AttributeError for what the package does not export."""
        source = self._lazy_exports.get(name)
        if source is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        module, _, attribute = source.partition(":")
        value = getattr(importlib.import_module(module), attribute or name)
        self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        """Sets an attribute, except a submodule in the place of an exported name."""
        if name in self._lazy_exports and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._lazy_exports})


def export_lazily(package: str, exports: Mapping[str, str]) -> None:
    """Makes the package import each of ``exports`` at its first use.

    ``package`` is the ``__name__`` of the calling ``__init__``. ``exports``: exported name -> the
    full name of the module that holds it, with ``:name`` when it has another name there.
    """
    module = sys.modules[package]
    module.__dict__["_lazy_exports"] = exports
    module.__class__ = _LazyPackage


class _LazyModule(ModuleType):
    """Stands for a module that is imported when the first of its names is read."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(importlib.import_module(self.__name__), name)
        self.__dict__[name] = value
        return value


def lazy_module(name: str) -> Any:
    """A stand-in for the module ``name``, for modules that need it in few of their functions.

    ``import pyarrow`` takes 0.2 s, which a command that reads one JSON file need not pay. The
    caller imports the real module under ``if TYPE_CHECKING:``.
    """
    return _LazyModule(name)
