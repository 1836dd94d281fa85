"""The nightly schedule on a Prefect server."""

from __future__ import annotations

import os
from typing import Any

from prefect.schedules import Cron

from flows.nightly import nightly

TIME_ZONE = "Asia/Shanghai"


def serve_nightly(cron: str, parameters: dict[str, Any]) -> None:
    """Registers the deployment ``nightly/nightly`` and runs what the server schedules.

    Blocks until stopped. Needs a server (``prefect server start``) named by
    PREFECT_API_URL or the active Prefect profile.
    """
    nightly.serve(
        name="nightly",
        schedule=Cron(cron, timezone=TIME_ZONE),
        parameters=parameters,
        description="Claims in, ranked and explained audit list out.",
        tags=["fraud-pipeline", str(parameters.get("programme", "all"))],
        limit=1,  # the workspace has one writer
        print_starting_message=os.isatty(1),
    )
