"""What can be uploaded, as one thing: a name, a size, and bytes to be read once or again.

What it is for: paths, bytes and asynchronous streams at constant memory. A stream whose size is not
known goes to a temporary file first, because storage wants the length beforehand. What it must not do:
send anything.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import IO

from tolmach.errors import NotSent

__all__ = ["Source", "Uploadable", "opened"]

Buffer = bytes | bytearray | memoryview
Uploadable = str | PathLike[str] | Buffer | AsyncIterable[bytes] | Callable[[], AsyncIterable[bytes]]
"""A path, the bytes themselves, a stream, or a function that begins the stream anew at each call."""

_CHUNK = 262_144
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Source:
    """Hold what is uploaded."""

    name: str
    size: int
    read: Callable[[], AsyncIterator[bytes]]
    again: bool
    """Whether it can be read a second time."""


@asynccontextmanager
async def opened(
    what: Uploadable, *, name: str = "", size: int | None = None
) -> AsyncGenerator[Source, None]:
    """Make a source of ``what``; a temporary file lives as long as the block. Raises NotSent, OSError."""
    if isinstance(what, str | PathLike):
        path = Path(what)
        found = (await asyncio.to_thread(path.stat)).st_size
        yield Source(_named(name or path.name), found, lambda: _of_path(path), again=True)
    elif isinstance(what, Buffer):
        content = memoryview(what).cast("B")
        yield Source(_named(name), len(content), lambda: _of_bytes(content), again=True)
    elif not isinstance(what, AsyncIterable):
        if not callable(what):
            raise NotSent(
                f"what: a path, bytes or an asynchronous stream, not {type(what).__name__}", field="what"
            )
        if size is None:
            raise NotSent("size: a stream that begins anew needs its size", field="size")
        yield Source(_named(name), size, lambda: aiter(what()), again=True)
    elif size is not None:
        yield Source(_named(name), size, lambda: aiter(what), again=False)
    else:
        with tempfile.TemporaryFile() as file:
            found = await _spool(what, file)
            yield Source(_named(name), found, lambda: _of_file(file), again=True)


def _named(name: str) -> str:
    plain = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(character for character in plain if character.isprintable())
    if not plain:
        raise NotSent("name: a file needs a name", field="name")
    if len(plain) > _LONGEST_NAME:
        raise NotSent(f"name: at most {_LONGEST_NAME} characters", field="name")
    return plain


async def _of_bytes(content: memoryview) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _CHUNK):
        yield bytes(content[start : start + _CHUNK])


async def _of_path(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk
    finally:
        await asyncio.to_thread(file.close)


async def _of_file(file: IO[bytes]) -> AsyncIterator[bytes]:
    await asyncio.to_thread(file.seek, 0)
    while chunk := await asyncio.to_thread(file.read, _CHUNK):
        yield chunk


async def _spool(stream: AsyncIterable[bytes], file: IO[bytes]) -> int:
    size = 0
    async for chunk in stream:
        await asyncio.to_thread(file.write, chunk)
        size += len(chunk)
    return size
