"""Progress of long work on standard error: a bar on a terminal, else a line per step."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import typer

_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


def be_quiet(wanted: bool) -> None:
    """From now on :func:`progress` writes nothing, or writes."""
    _quiet.set(wanted)


@contextmanager
def progress(
    steps: Sequence[str] = (), words: Sequence[str] = ()
) -> Iterator[Callable[[str], None]]:
    """Yields the function to call with each step's name as it begins.

    ``steps``: all names in order where they are known before, ``words`` what people call them.
    """
    called = dict(zip(steps, words, strict=True)) if words else {name: name for name in steps}
    if _quiet.get():
        yield lambda step: None
    elif sys.stderr.isatty():
        with _bar(called) as begins:
            yield begins
    else:
        lines = _Lines(called)
        yield lines.begins
        lines.ends()


class _Lines:
    """A line as each step ends: number, name, seconds."""

    def __init__(self, called: dict[str, str]) -> None:
        self._called, self._number = called, 0
        self._step: str | None = None
        self._since = time.monotonic()

    def begins(self, step: str) -> None:
        self.ends()
        self._step, self._number, self._since = step, self._number + 1, time.monotonic()

    def ends(self) -> None:
        """Writes the line of the step that is at work, if any."""
        if self._step is None:
            return
        total = f"/{len(self._called)}" if self._called else ""
        seconds = time.monotonic() - self._since
        name = self._called.get(self._step, self._step)
        typer.echo(f"[{self._number}{total}] {name} {seconds:.1f} s", err=True)
        self._step = None


@contextmanager
def _bar(called: dict[str, str]) -> Iterator[Callable[[str], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = [SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()]
    if called:
        columns[2:2] = [BarColumn(bar_width=30), TextColumn("{task.completed}/{task.total}")]
    order = list(called)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=len(order) or None)

        def begins(step: str) -> None:
            done = order.index(step) if step in called else 0
            bar.update(task, description=called.get(step, step), completed=done)

        yield begins
