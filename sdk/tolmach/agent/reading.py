"""Read an agent's answer from an open response, whatever its content type claims.

What it is for: telling a stream from a whole document by its first bytes, and a status from an
error. What it must not do: repeat anything or decide what a broken answer is worth.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import cast

import aiohttp

from tolmach.agent.answer import AnswerPart, Assembly, problem_of
from tolmach.agent.patience import Patience, SilenceError
from tolmach.agent.sse import Decoder
from tolmach.errors import ApiError, RemoteProtocolError
from tolmach.transport.problem import error_for

__all__ = ["error_of_status", "read_answer", "retry_after"]

CALL = "POST chat/completions"
AFTER_FINISH = 5.0
MAX_BODY = 8 * 1024 * 1024
STREAM_STARTS = (b"data:", b"event:", b"id:", b"retry:", b":")
BOM = b"\xef\xbb\xbf"


async def read_answer(
    response: aiohttp.ClientResponse, assembly: Assembly, patience: Patience
) -> AsyncGenerator[AnswerPart, None]:
    """Yield the parts of an accepted answer, ``Ended`` last."""
    head = b""
    body = Body(response, patience)
    streaming = response.content_type == "text/event-stream"
    while piece := await body.next():
        head += piece
        start = head.removeprefix(BOM).lstrip()
        # Agents answer a streaming request with one JSON document, and label streams as plain text.
        if start.startswith(STREAM_STARTS) or (streaming and start and not start.startswith(b"{")):
            async for part in read_stream(head, body, assembly):
                yield part
            return
        if len(head) > MAX_BODY:
            raise RemoteProtocolError(f"the answer is larger than {MAX_BODY} bytes", call=CALL)
    if not head.strip():
        raise RemoteProtocolError("the answer is empty", call=CALL)
    for part in assembly.whole(head.removeprefix(BOM).decode(errors="replace")):
        yield part
    for part in assembly.end():
        yield part


async def read_stream(head: bytes, body: "Body", assembly: Assembly) -> AsyncGenerator[AnswerPart, None]:
    """Yield the parts of a stream of events whose first bytes were read already."""
    decoder = Decoder()
    piece = head
    any_event = False
    while piece:
        for event in decoder.feed(piece):
            if event.done:
                for part in assembly.end():
                    yield part
                await body.drain()
                return
            any_event = True
            for part in assembly.chunk(event.data):
                yield part
        piece = await (body.next() if assembly.finish_reason is None else body.after_finish())
    for event in decoder.close():
        if not event.done:
            for part in assembly.chunk(event.data):
                yield part
        any_event = True
    if not any_event:
        raise RemoteProtocolError("the stream ended without an answer", call=CALL)
    # The body ended as HTTP says it should: proxies and small agents do leave out [DONE].
    for part in assembly.end():
        yield part


class Body:
    """Read a response piece by piece, and all of what arrived before it broke."""

    def __init__(self, response: aiohttp.ClientResponse, patience: Patience) -> None:
        self._content = response.content
        self._patience = patience
        self._broken: aiohttp.ClientError | None = None

    async def next(self, *, at_most: float | None = None) -> bytes:
        """Return the next bytes, none at the end; ``SilenceError`` after ``at_most`` seconds."""
        if self._broken is not None:
            raise self._broken
        try:
            return await self._patience.wait(self._content.readany(), at_most=at_most)
        except aiohttp.ClientError as error:
            self._broken = error
            # Text and break may arrive together, and aiohttp hands out nothing once it knows of the
            # break. It has no call to forget it: None is what it holds before there was one.
            self._content.set_exception(cast("BaseException", None))
            rest = self._content.read_nowait()
            if not rest:
                raise
            return rest

    async def after_finish(self) -> bytes:
        """Return what follows a finish reason; nothing when the agent leaves the stream open."""
        try:
            return await self.next(at_most=AFTER_FINISH)
        except SilenceError:
            return b""

    async def drain(self) -> None:
        """Read the rest of a finished stream, so that the agent can close it in peace."""
        with suppress(aiohttp.ClientError, TimeoutError):
            async with asyncio.timeout(1):
                while await self._content.readany():
                    pass


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, as a number or a date; None without it."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now)


def error_of_status(status: int, body: bytes, wait: float | None) -> ApiError:
    """Return the typed error for a refusing status; the agent's own words are kept for the log."""
    try:
        document = cast("object", json.loads(body))
    except ValueError:
        document = None
    return error_for(status, problem_of(document), call=CALL, retry_after=wait)
