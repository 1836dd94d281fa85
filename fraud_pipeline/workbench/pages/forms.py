"""Forms as they come in: their fields, perhaps one file; and no more bytes than agreed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from urllib.parse import parse_qs

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from fraud_pipeline.workbench.cases.attachments import Upload

_MOST_FIELDS = 2_000


class TooLargeError(Exception):
    """More was sent than any form of ours holds."""


async def _body(request: Request, most: int) -> bytes:
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise TooLargeError
        parts.append(chunk)
    return b"".join(parts)


async def plain(request: Request, most: int) -> dict[str, list[str]]:
    """The fields of a form without files; none when it cannot be read."""
    body = await _body(request, most)
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}


async def with_file(request: Request, most: int) -> tuple[dict[str, list[str]], Upload | None]:
    """The fields and the one file of a form; plain forms are read too."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await plain(request, most), None
    body = await _body(request, most)

    async def once() -> AsyncGenerator[bytes, None]:
        yield body

    fields: dict[str, list[str]] = {}
    upload = None
    try:
        parser = MultiPartParser(request.headers, once(), max_files=1, max_fields=100)
        form = await parser.parse()
    except MultiPartException:
        return {}, None
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                upload = Upload(value.filename or "", await value.read())
            else:
                fields.setdefault(name, []).append(value)
    finally:
        await form.close()
    return fields, upload if upload and upload.name else None
