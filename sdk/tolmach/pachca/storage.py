"""The file storage, which is not the API.

What it is for: one upload with a grant, streamed, and reading what storage says in XML. What it must not
do: send the token: next to a signed form storage refuses it, and it is not storage's to know.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
"""

import asyncio
import base64
import html
import json
import mimetypes
import re
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Final

import aiohttp

from tolmach.errors import LocalProtocolError, OutcomeUnknown, StorageRefused
from tolmach.pachca.images import HEAD
from tolmach.pachca.models.file import UploadParams
from tolmach.pachca.multipart import frame
from tolmach.pachca.sources import Source
from tolmach.transport.http import Http
from tolmach.transport.redaction import redact
from tolmach.transport.trouble import TROUBLE, from_trouble

__all__ = ["CALL", "Progress", "Stored", "expired", "store"]

CALL: Final = "POST /direct_url"

Progress = Callable[[int], object]
"""Called with the bytes sent since the last call: what the ``update`` of a progress bar takes.

A repeated attempt begins by taking back, as a negative number, what the one before had sent.
"""

_STALLED: Final = 60.0
"""Seconds without a byte moving after which an upload is given up."""
_LARGEST_PROBLEM: Final = 65_536
_CODE: Final = re.compile(r"<Code>([^<]*)</Code>")
_MESSAGE: Final = re.compile(r"<Message>([^<]*)</Message>")


class Stored:
    """Watch one upload: count the bytes and keep the first of them."""

    def __init__(self, source: Source, on_progress: Progress | None) -> None:
        self.head = b""
        self.trouble: Exception | None = None
        self._source = source
        self._on_progress = on_progress
        self._sent = 0

    async def stream(self, before: bytes, after: bytes, alive: Callable[[], None]) -> AsyncIterator[bytes]:
        """Yield the form with the file in it."""
        yield before
        try:
            async for chunk in self._source.read():
                alive()
                self._count(chunk)
                yield chunk
            if self._sent != self._source.size:
                raise LocalProtocolError(
                    f"{self._source.name} ended after {self._sent} of {self._source.size} bytes"
                )
        except Exception as error:
            self.trouble = error
            raise
        yield after
        alive()

    def _count(self, chunk: bytes) -> None:
        self._sent += len(chunk)
        if self._sent > self._source.size:
            raise LocalProtocolError(f"{self._source.name} is longer than {self._source.size} bytes")
        if len(self.head) < HEAD:
            self.head += chunk[: HEAD - len(self.head)]
        if self._on_progress is not None:
            self._on_progress(len(chunk))

    def take_back(self) -> None:
        """Tell that what was sent counts no more: it will be sent again."""
        if self._on_progress is not None and self._sent:
            self._on_progress(-self._sent)
        self._sent = 0


async def store(http: Http, grant: UploadParams, key: str, source: Source, stored: Stored) -> None:
    """Upload ``source`` under ``key``, in one attempt. Raises StorageRefused and the errors of the way."""
    kind = mimetypes.guess_type(source.name)[0] or "application/octet-stream"
    form = frame(grant.form(key), source.name, kind, f"tolmach-{secrets.token_hex(16)}")
    headers = {
        "Content-Type": form.content_type,
        "Content-Length": str(len(form.before) + source.size + len(form.after)),
    }
    loop = asyncio.get_running_loop()
    try:
        # One deadline that every chunk moves: a large file may take long, a stalled one may not.
        async with asyncio.timeout(_STALLED) as deadline:
            response = await http.session.post(
                grant.direct_url,
                data=stored.stream(
                    form.before, form.after, lambda: deadline.reschedule(loop.time() + _STALLED)
                ),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=10.0),
                allow_redirects=False,
            )
            async with response:
                raw = await response.content.read(_LARGEST_PROBLEM)
    except TROUBLE as error:
        if isinstance(stored.trouble, Exception) and not isinstance(stored.trouble, TROUBLE):
            raise stored.trouble from None
        if isinstance(error, TimeoutError):
            raise OutcomeUnknown("the upload stalled", call=CALL) from error
        raise from_trouble(error, CALL) from error
    if not 200 <= response.status < 300:
        raise _refusal(response.status, raw)


def expired(refusal: StorageRefused, grant: UploadParams, now: float) -> bool:
    """Tell whether a refusal means that the grant is too old."""
    if refusal.status not in {400, 403}:
        return False
    if "expired" in str(refusal.args[0]).lower() or "Expired" in refusal.code:
        return True
    try:
        ends = json.loads(base64.b64decode(grant.policy))["expiration"]
        return datetime.fromisoformat(ends).astimezone(UTC).timestamp() <= now
    except (ValueError, KeyError, TypeError):
        return False


def _refusal(status: int, raw: bytes) -> StorageRefused:
    text = raw.decode("utf-8", "replace")
    code, message = _CODE.search(text), _MESSAGE.search(text)
    words = html.unescape(message[1]) if message else "storage refused the file"
    return StorageRefused(redact(words), status=status, code=code[1] if code else "", call=CALL)
