"""Upload and download of the files attached to a claim."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from fraud_pipeline.errors import UnknownRecordError
from fraud_pipeline.workbench.addresses import claim_address
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.cases import attachments
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.claim_access import accessible_claim


def attach(context: RequestContext) -> Response:
    claim_id = str(accessible_claim(context, context.path("claim_id"))["claim_id"])
    if context.upload is None:
        raise ActionRefusedError("nothing_chosen")
    with context.app_state.db.reading() as connection:
        most = current(connection).file_megabytes << 20
    attachments.store(
        context.app_state.db,
        context.app_state.workspace.path,
        claim_id,
        context.user,
        context.upload,
        most,
    )
    return responses.redirect(claim_address(claim_id), "attached")


def download(context: RequestContext) -> Response:
    """The file as a download, never shown inline; each download is logged."""
    claim_id = str(accessible_claim(context, context.path("claim_id"))["claim_id"])
    number = context.path("file_id")
    with context.app_state.db.reading() as connection:
        rows = attachments.list_for_claim(connection, claim_id)
    row = next((row for row in rows if str(row["id"]) == number), None)
    if row is None:
        raise UnknownRecordError(f"there is no file {number}")
    data = attachments.read_content(context.app_state.workspace.path, row)
    context.log("download", f"claim {claim_id}", file=row["name"], sha256=row["sha256"])
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['name'])}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


HANDLERS = {"attach": attach, "download": download}
