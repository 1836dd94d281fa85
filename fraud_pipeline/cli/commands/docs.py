"""``fraud-pipeline docs``: the documentation, served from the installation."""

from __future__ import annotations

import functools
import webbrowser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Any

import typer

from fraud_pipeline.cli.commands.serve import require_free
from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.store import places
from fraud_pipeline.vocabulary.messages import language, t


class _Pages(SimpleHTTPRequestHandler):
    """Files of a folder, without a line for each request."""

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


def docs(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8001,
    browse: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the first page in a browser.")
    ] = True,
) -> None:
    """The documentation, in a browser, without a network. Ctrl+C ends it.

    Example: fraud-pipeline docs --port 8001
    """
    folder = places.documentation()
    if port:
        require_free("127.0.0.1", port)
    with site_server(folder, port) as server:
        first = "zh/index.html" if language() == "zh" else "index.html"
        address = f"http://127.0.0.1:{server.server_port}/{first}"
        show(Report(t("docs.serving", address=address), {"address": address, "folder": folder}))
        if browse:
            webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


def site_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of this machine only for the files of ``folder``."""
    return ThreadingHTTPServer(
        ("127.0.0.1", port), functools.partial(_Pages, directory=str(folder))
    )
