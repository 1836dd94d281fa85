"""All rules: one a file in this package, found by its listing, in order of their codes."""

from importlib import import_module
from pkgutil import iter_modules

from fraud_pipeline.programmes.rule import Rule


def all_rules() -> tuple[Rule, ...]:
    """The ``RULE`` of every module of this package."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    return tuple(sorted((module.RULE for module in modules), key=lambda rule: rule.code))


ALL_RULES: tuple[Rule, ...] = all_rules()
