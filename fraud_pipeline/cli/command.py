"""How commands are put on the command line: the options that all of them have, and plug-ins."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any, get_type_hints

import typer
from typer.core import TyperGroup

from fraud_pipeline.cli import output, progress
from fraud_pipeline.vocabulary import messages
from fraud_pipeline.vocabulary.messages import Language

PLUG_INS = "fraud_pipeline.cli.commands"  # the entry-point group

Lang = Annotated[
    Language | None,
    typer.Option("--lang", help="Language of what is printed; default the environment's."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of text.")]
_COMMON = {"lang": (Lang, None), "quiet": (Quiet, False), "json_": (Json, False)}


class Commands(typer.Typer):
    """A group of commands, each with ``--lang``, ``--quiet`` and ``--json``."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(no_args_is_help=True, pretty_exceptions_enable=False, **settings)

    def command(  # type: ignore[override]
        self, name: str | None = None, **settings: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Registers a function as a command and gives the function back as it was."""
        register = super().command(name, **settings)

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            register(with_common_options(function))
            return function

        return decorate


def with_common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` with the common options, which it need not know of.

    A parameter whose type is a dataclass stands for a group of options, one a field: the
    command line shows the fields, the function takes the dataclass.
    """
    signature = inspect.signature(function, eval_str=True)
    groups: dict[str, Any] = {
        name: parameter.annotation
        for name, parameter in signature.parameters.items()
        if dataclasses.is_dataclass(parameter.annotation)
    }

    @functools.wraps(function)
    def command(*arguments: Any, lang: Any, quiet: bool, json_: bool, **options: Any) -> Any:
        if lang is not None:
            messages.use_language(lang)
        if quiet:
            progress.be_quiet(True)
        output.use_json(json_)
        for name, group in groups.items():
            names = [field.name for field in dataclasses.fields(group)]
            options[name] = group(**{name: options.pop(name) for name in names})
        return function(*arguments, **options)

    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in _COMMON.items()
    ]
    keyword_parameters = [
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in signature.parameters.values()
        for one in (_fields(groups[parameter.name]) if parameter.name in groups else [parameter])
    ]
    whole = signature.replace(parameters=[*keyword_parameters, *added])
    command.__signature__ = whole  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in whole.parameters.values()}
    return command


def _fields(group: Any) -> list[inspect.Parameter]:
    """The options of a group, in the order of its fields."""
    kinds = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=(
                inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default
            ),
            annotation=kinds[field.name],
        )
        for field in dataclasses.fields(group)
    ]


class WithPlugIns(TyperGroup):
    """The root of the command line: its own commands, and those of installed plug-ins.

    A plug-in is an entry point of the group ``fraud_pipeline.cli.commands`` that names a
    function. It is imported when it is called or listed, so it must be light to import.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the help: own commands, then plug-ins by name."""
        own = list(super().list_commands(ctx))
        return [*own, *sorted(set(_plug_ins()) - set(own))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name, None when there is none."""
        command = super().get_command(ctx, cmd_name)
        if command is None and cmd_name in (plug_ins := _plug_ins()):
            alone = Commands(add_completion=False)
            alone.command(cmd_name)(plug_ins[cmd_name].load())
            command = typer.main.get_command(alone)
            self.commands[cmd_name] = command
        return command


@functools.cache
def _plug_ins() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=PLUG_INS)}
