"""An inbox in one file.

What it is for: deliveries that must outlive the process: each is written and flushed to the disk before
it is answered. What it must not do: serve two processes at once.
"""

import asyncio
import base64
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import cast

__all__ = ["FileInbox"]

_KEPT = 10_000
"""Keys of handled deliveries that are kept against doubles."""


class FileInbox:
    """Keep deliveries as lines of a file; opened on first use, made shorter when it is opened."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._lock = asyncio.Lock()
        self._waiting: dict[str, bytes] = {}
        self._handled: dict[str, None] = {}
        self._open = False

    async def append(self, key: str, body: bytes) -> bool:
        """Store a delivery durably; return False when it is there already."""
        async with self._lock:
            await self._load()
            if key in self._waiting or key in self._handled:
                return False
            await asyncio.to_thread(self._write, _line(key, body))
            self._waiting[key] = body
            return True

    async def done(self, key: str) -> None:
        """Take note that a delivery was handled."""
        async with self._lock:
            await self._load()
            if self._waiting.pop(key, None) is None:
                return
            self._handled[key] = None
            while len(self._handled) > _KEPT:
                del self._handled[next(iter(self._handled))]
            await asyncio.to_thread(self._write, _line(key, None))

    async def pending(self) -> Sequence[tuple[str, bytes]]:
        """Return what was stored and not handled, in order."""
        async with self._lock:
            await self._load()
            return tuple(self._waiting.items())

    async def _load(self) -> None:
        if not self._open:
            await asyncio.to_thread(self._read)
            self._open = True

    def _read(self) -> None:
        if self._path.exists():
            for line in self._path.read_bytes().splitlines():
                self._apply(line)
        for key in list(self._handled)[:-_KEPT]:
            del self._handled[key]
        short = self._path.with_name(self._path.name + ".new")
        lines = [_line(key, None) for key in self._handled]
        lines += [_line(key, body) for key, body in self._waiting.items()]
        with short.open("wb") as file:
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
        short.replace(self._path)

    def _apply(self, line: bytes) -> None:
        try:
            record = cast("dict[str, str]", json.loads(line))
            key, body = record["key"], record.get("body")
            content = None if body is None else base64.b64decode(body)
        except (ValueError, KeyError, TypeError, AttributeError):
            return  # the last line of a process that was killed while it wrote
        if content is not None:
            self._waiting[key] = content
        else:
            self._waiting.pop(key, None)
            self._handled[key] = None

    def _write(self, line: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


def _line(key: str, body: bytes | None) -> bytes:
    record = {"key": key} if body is None else {"key": key, "body": base64.b64encode(body).decode()}
    # A line begins with its own break: what a killed process left half-written ends there.
    return b"\n" + json.dumps(record).encode() + b"\n"
