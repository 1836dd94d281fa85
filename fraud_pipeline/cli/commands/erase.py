"""``erase``: a person's data leaves the stored runs and the workbench; a record of it stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraud_pipeline.cli.commands.upkeep import Database
from fraud_pipeline.cli.options import WORKSPACE, Workspace_
from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.vocabulary.messages import t

if TYPE_CHECKING:
    from fraud_pipeline.workbench.db.erasure import Extent, Request

_SHOWN_PARTIES = 20


def erase(
    by: Annotated[str, typer.Option(help="Who erases: name and office, kept in the record.")],
    ground: Annotated[
        str, typer.Option(help="On what ground, kept in the record; no personal data.")
    ],
    values: Annotated[
        Path | None,
        typer.Option(help="File of the person's name, phone, e-mail, account: one a line."),
    ] = None,
    upload: Annotated[
        list[str] | None, typer.Option(help="SHA-256 of a file handed in, to remove as a whole.")
    ] = None,
    workspace: Workspace_ = WORKSPACE,
    apply: Annotated[
        bool, typer.Option("--apply", help="Erase; without it only say what would go.")
    ] = False,
    database: Database = None,
) -> None:
    """Erase a person's data from every stored run and from the workbench; verdicts stay.

    Stop the workbench first. The values come from a file, so that they are in no list of commands.

    Example: fraud-pipeline erase --values person.txt --by "Li, data protection" --ground "request 12" -w demo
    """
    from fraud_pipeline.store import places, registration
    from fraud_pipeline.store.workspace import locked
    from fraud_pipeline.workbench.db import erasure

    if not by.strip() or len(ground.strip()) < 4:
        raise SettingsError("--by and --ground must say who erases and why")
    listed = erasure.read_values(values) if values else ()
    request = erasure.Request(listed, tuple(upload or ()), by.strip(), ground.strip())
    address = places.source_address(database) if database else None
    with locked(workspace) as place:
        registration.register_artefacts(place)
        act = erasure.erase if apply else erasure.look
        extent = act(place, request, address)
    facts = {"applied": apply and not _is_nothing(extent, request), **vars(extent)}
    show(Report("\n".join(_lines(extent, request, apply=apply)), facts))


def _is_nothing(extent: Extent, request: Request) -> bool:
    return extent.is_nothing and not request.uploads


def _lines(extent: Extent, request: Request, *, apply: bool) -> Iterator[str]:
    """What a person reads; the values themselves are not among it."""
    if _is_nothing(extent, request):
        yield t("erase.nothing")
        return
    yield t(
        "erase.done" if apply else "erase.would",
        number=extent.number,
        by=request.by,
        ground=request.ground,
    )
    for run_id, cells in extent.runs.items():
        yield t("erase.run", run_id=run_id, cells=sum(cells.values()), files=len(cells))
    yield from (t("erase.rows", table=table, n=n) for table, n in extent.rows.items())
    yield from (t("erase.published", file=file) for file in extent.published)
    yield from (t("erase.upload", sha256=digest) for digest in request.uploads)
    if extent.parties:
        yield t("erase.parties", parties=", ".join(extent.parties[:_SHOWN_PARTIES]))
    if len(extent.parties) > 1:
        yield t("erase.many_parties")
    yield from (t("erase.remainder", file=file) for file in extent.remainders)
    yield t("erase.source" if apply else "erase.confirm")
