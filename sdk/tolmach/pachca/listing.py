"""Walk through a list, and watch it for what is new.

What it is for: the paging states of the API in one place. ``async for`` goes forward until the server
says that there is no more; ``newer`` follows ``prev_page`` to what appeared since. A short page is not
the end; a record whose place changed comes twice and is dropped the second time. What it must not do:
look into a cursor, or hold more than a page and the ids seen.

============================  =========  =========  ====================================
request                       has_next   has_prev   what follows
============================  =========  =========  ====================================
first page with more          true       false      next_page
empty collection              false      false      end; prev_page can be watched
middle page                   true       true       next_page
last page                     false      true       end
prev_page, nothing new        true       false      same prev_page, later
prev_page, fewer than limit   false      false      prev_page, later
prev_page, at least limit     false      true       prev_page, at once
============================  =========  =========  ====================================

Searches have a ``total`` and no ``has_next``; older servers have neither, then an empty page is the end.
"""

from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, TypeVar

from tolmach.clock import Clock
from tolmach.errors import LocalProtocolError

__all__ = ["Listing", "Page"]

T = TypeVar("T")

_REMEMBERED = 5000
"""Ids that a watcher keeps."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Hold one page.

    ``count`` is how many records the server sent; less are in ``items`` when some could not be read.
    None stands for what the server did not say.
    """

    items: Sequence[T]
    count: int
    next_page: str | None = None
    prev_page: str | None = None
    has_next: bool | None = None
    has_prev: bool | None = None
    total: int | None = None


class Listing(Generic[T]):
    """Be a list that is fetched page by page: iterate over it, or ask for a page.

    ::

        async for chat in pachca.chats.list():
            ...
        newest = await pachca.chats.list().first()
    """

    def __init__(
        self,
        fetch: Callable[[str | None], Awaitable[Page[T]]],
        *,
        key: Callable[[T], Hashable],
        clock: Clock,
    ) -> None:
        self._fetch = fetch
        self._key = key
        self._clock = clock

    def __aiter__(self) -> AsyncIterator[T]:
        return self._items()

    async def first(self) -> Page[T]:
        """Return the first page."""
        return await self._fetch(None)

    async def page(self, cursor: str) -> Page[T]:
        """Return the page at a cursor that an earlier page named."""
        return await self._fetch(cursor)

    async def all(self, limit: int | None = None) -> list[T]:
        """Return everything, or the first ``limit`` records."""
        found: list[T] = []
        if limit is not None and limit <= 0:
            return found
        async with aclosing(self._items()) as items:
            async for item in items:
                found.append(item)
                if limit is not None and len(found) >= limit:
                    break
        return found

    async def pages(self) -> AsyncGenerator[Page[T], None]:
        """Yield page after page, forward, until the end."""
        cursor: str | None = None
        collected = 0
        while True:
            page = await self._fetch(cursor)
            collected += page.count
            yield page
            if page.next_page is None or page.next_page == cursor or _ends(page, collected):
                return
            cursor = page.next_page

    async def newer(self, cursor: str) -> AsyncGenerator[Page[T], None]:
        """Yield the pages of what appeared above ``cursor`` (a ``prev_page``), nearest first, then end.

        The last page that is yielded may be empty; its ``prev_page`` is where to ask next time.
        """
        while True:
            page = await self._fetch(cursor)
            yield page
            if not page.count or not page.has_prev or page.prev_page in {None, cursor}:
                return
            cursor = page.prev_page or cursor

    async def watch(self, interval: float, *, cursor: str | None = None) -> AsyncGenerator[T, None]:
        """Yield what appears from now on (or since ``cursor``), oldest first; ``interval`` is seconds.

        A record comes again when it appears above itself, because its place in the list changed.
        """
        if cursor is None:
            cursor = (await self._fetch(None)).prev_page
        if cursor is None:
            raise LocalProtocolError("this list cannot be watched: the server names no prev_page")
        while True:
            seen: OrderedDict[Hashable, None] = OrderedDict()
            async with aclosing(self.newer(cursor)) as pages:
                async for page in pages:
                    cursor = page.prev_page or cursor
                    for item in reversed(page.items):
                        mark = self._key(item)
                        if mark in seen:
                            continue
                        seen[mark] = None
                        if len(seen) > _REMEMBERED:
                            seen.popitem(last=False)
                        yield item
            await self._clock.sleep(interval)

    async def _items(self) -> AsyncGenerator[T, None]:
        seen: set[Hashable] = set()
        async with aclosing(self.pages()) as pages:
            async for page in pages:
                for item in page.items:
                    mark = self._key(item)
                    if mark not in seen:
                        seen.add(mark)
                        yield item


def _ends(page: Page[T], collected: int) -> bool:
    if page.has_next is not None:
        return not page.has_next
    return not page.count or (page.total is not None and collected >= page.total)
