"""A file on its way in.

What it is for: reading it in pieces, at once with a limit, or onto the disk. What it must not do: leave
half a file behind under its name.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote

import aiohttp

from tolmach.errors import LocalProtocolError, OutcomeUnknown
from tolmach.transport.trouble import TROUBLE, from_trouble

__all__ = ["Download"]

_CHUNK = 262_144
_NAME = re.compile(r"filename\*=(?:UTF-8|utf-8)''([^;]+)|filename=\"?([^\";]+)\"?")


class Download:
    """Be one file, opened by ``async with``; iterate over it once for its bytes."""

    def __init__(self, opening: Callable[[], Awaitable[aiohttp.ClientResponse]], name: str) -> None:
        self._opening = opening
        self._response: aiohttp.ClientResponse | None = None
        self._name = name

    async def __aenter__(self) -> Self:
        self._response = await self._opening()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._response is not None:
            self._response.close()

    @property
    def response(self) -> aiohttp.ClientResponse:
        """Return the open answer."""
        if self._response is None:
            raise LocalProtocolError("a download is open inside `async with`")
        return self._response

    @property
    def name(self) -> str:
        """Return the file's name as the message or the server has it; may be empty, never a path."""
        said = _NAME.search(self.response.headers.get("Content-Disposition", ""))
        name = self._name or (unquote(said[1] or said[2]) if said else "")
        plain = name.replace("\\", "/").rsplit("/", 1)[-1]
        return "" if plain in {".", ".."} else plain

    @property
    def size(self) -> int | None:
        """Return the bytes to come, None when the server does not say."""
        return self.response.content_length

    @property
    def content_type(self) -> str:
        """Return the media type that the server states."""
        return self.response.content_type

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the bytes; raises OutcomeUnknown when the connection ends before the file does."""
        chunks = self.response.content
        while True:
            try:
                chunk = await chunks.read(_CHUNK)
            except TROUBLE as error:
                raise from_trouble(error, "GET file") from error
            if not chunk:
                return
            yield chunk

    async def read(self, limit: int) -> bytes:
        """Return the whole file; raises LocalProtocolError when it has more than ``limit`` bytes."""
        found = bytearray()
        async for chunk in self:
            found += chunk
            if len(found) > limit:
                raise LocalProtocolError(f"the file has more than {limit} bytes")
        return bytes(found)

    async def save(self, path: str | PathLike[str]) -> int:
        """Write the file to ``path``, which appears when it is whole; return its bytes."""
        target = Path(path)
        part = target.with_name(target.name + ".part")
        size = 0
        file = await asyncio.to_thread(part.open, "wb")
        try:
            async for chunk in self:
                await asyncio.to_thread(file.write, chunk)
                size += len(chunk)
            await asyncio.to_thread(file.close)
            if self.size is not None and size != self.size:
                raise OutcomeUnknown(f"{size} of {self.size} bytes came", call="GET file")
            await asyncio.to_thread(part.replace, target)
        finally:
            file.close()
            part.unlink(missing_ok=True)
        return size
