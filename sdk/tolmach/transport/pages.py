"""Walk through a list that comes in pages.

What it is for: the one loop for offset paging. It goes on until ``total`` is reached or a page is
empty, and steps by what came rather than by what was asked: a server that caps the page size would
otherwise end the list early, or hide items. What it must not do: know an operation.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Page", "by_offset"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Hold one page.

    ``total`` is None where the server does not say. ``count`` is how many the server sent; less than
    that are in ``items`` when some could not be read.
    """

    items: Sequence[T]
    total: int | None
    count: int


async def by_offset(
    fetch: Callable[[int], Awaitable[Page[T]]], *, key: Callable[[T], object] | None = None
) -> AsyncIterator[T]:
    """Yield every item of ``fetch(offset)``, each once by ``key``.

    A list that grows at its front while it is read shows items twice; ``key`` drops the second one.
    """
    seen: set[object] = set()
    offset = 0
    while True:
        page = await fetch(offset)
        for item in page.items:
            if key is not None:
                mark = key(item)
                if mark in seen:
                    continue
                seen.add(mark)
            yield item
        offset += page.count
        if not page.count or (page.total is not None and offset >= page.total):
            return
