"""Reading of posted forms: fields, at most one file, a limit on the size in bytes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from urllib.parse import parse_qs

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from fraud_pipeline.workbench.cases.attachments import Upload

_MOST_FIELDS = 2_000


class TooLargeError(Exception):
    """The request body exceeds the limit."""


async def _body(request: Request, max_bytes: int) -> bytes:
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > max_bytes:
            raise TooLargeError
        parts.append(chunk)
    return b"".join(parts)


async def read_fields(request: Request, max_bytes: int) -> dict[str, list[str]]:
    """The fields of a form without files; empty when it cannot be parsed. Raises TooLargeError."""
    body = await _body(request, max_bytes)
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}


async def read_upload(
    request: Request, max_bytes: int
) -> tuple[dict[str, list[str]], Upload | None]:
    """The fields and the file of a multipart form; also reads forms without files. Raises TooLargeError."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await read_fields(request, max_bytes), None
    body = await _body(request, max_bytes)

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
