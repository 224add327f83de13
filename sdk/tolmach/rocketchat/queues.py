"""The two bounded queues between the socket and the code that uses this package.

Policy. The read loop never waits: it puts what streams bring into the ``Inbox``. One task takes it
out, classifies it and hands every change to each ``Feed``, one per ``changes()`` loop; it does wait
for the slowest. So a consumer that stops reading fills its feed, then the inbox; then the socket is
closed, the alarm stands in ``rc.connection``, and a new socket is opened only once half of the inbox
is empty again. What was not taken in comes back by gap fill. Memory stays bounded, nothing is dropped
in silence.

What it must not do: look into what it carries.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

__all__ = ["Feed", "Inbox"]

T = TypeVar("T")
K = TypeVar("K")


class Inbox(Generic[T]):
    """Hold what the socket brought, in order, for one reader."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: deque[T] = deque()
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()

    def __len__(self) -> int:
        return len(self._items)

    def offer(self, item: T) -> bool:
        """Take an item; return False, and take nothing, when full."""
        if len(self._items) >= self._limit:
            self._emptied.clear()
            return False
        self.push(item)
        return True

    def push(self, item: T) -> None:
        """Take an item in any case; for the few that are not allowed to get lost."""
        self._items.append(item)
        self._filled.set()

    async def take(self) -> T:
        """Return the oldest item, waiting for one."""
        while not self._items:
            self._filled.clear()
            await self._filled.wait()
        return self._pop()

    def take_while(self, kind: type[K]) -> list[K]:
        """Return the items at the front that are of this kind, without waiting."""
        taken: list[K] = []
        while self._items and isinstance(first := self._items[0], kind):
            taken.append(first)
            self._pop()
        return taken

    async def half_empty(self) -> None:
        """Return once the inbox, after it had been full, is half empty; at once if it never was."""
        await self._emptied.wait()

    def _pop(self) -> T:
        item = self._items.popleft()
        if len(self._items) <= self._limit // 2:
            self._emptied.set()
        return item


class Feed(Generic[T]):
    """Hold what one consumer has still to read."""

    def __init__(self, limit: int, items: Iterable[T] = ()) -> None:
        self._limit = limit
        self._items: deque[T] = deque(items)
        self._moved = asyncio.Event()
        self._closed = False
        self._error: Exception | None = None

    async def put(self, item: T) -> None:
        """Add an item, waiting for space; does nothing once closed."""
        while len(self._items) >= self._limit and not self._closed:
            self._moved.clear()
            await self._moved.wait()
        if not self._closed:
            self._items.append(item)
            self._moved.set()

    async def get(self) -> T | None:
        """Return the next item; None at the end. Raises the error that ended the feed."""
        while not self._items:
            if self._error is not None:
                raise self._error
            if self._closed:
                return None
            self._moved.clear()
            await self._moved.wait()
        item = self._items.popleft()
        self._moved.set()
        return item

    def close(self, error: Exception | None = None) -> None:
        """End the feed; with an error, what was not read yet is discarded."""
        self._closed = True
        if error is not None:
            self._error = error
            self._items.clear()
        self._moved.set()
