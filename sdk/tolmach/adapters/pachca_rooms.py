"""One room's events in order, different rooms side by side.

What it is for: an event may need a lookup before the channel can be told of it, and a lookup that hangs or is
tried again must not hold up other rooms. What it must not do: know what an event means, or drop one
silently.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Generic, TypeVar

from tolmach.channel.lanes import Lanes

__all__ = ["SideBySide"]

S = TypeVar("S")
R = TypeVar("R")

MOST_IN_ROOM = 100
"""Events of one room, and events of all, that may wait; then no more are read."""


class SideBySide(Generic[S, R]):
    """Translate what ``source`` yields.

    ``lane`` names the room of an item; with None it is translated before anything behind it is read.
    ``translate`` raises only what is to end the stream.
    """

    def __init__(
        self, lane: Callable[[S], str | None], translate: Callable[[S], Awaitable[Sequence[R]]]
    ) -> None:
        self._lane = lane
        self._translate = translate
        self._out: asyncio.Queue[R | _End] = asyncio.Queue(maxsize=MOST_IN_ROOM)
        self._lanes: Lanes[S] = Lanes(self._one)

    async def over(self, source: AsyncGenerator[S, None]) -> AsyncGenerator[R, None]:
        """Yield what the items mean; raises what ``source`` or ``translate`` raised."""
        reading = asyncio.create_task(self._read(source), name="pachca rooms")
        try:
            while True:
                item = await self._out.get()
                if isinstance(item, _End):
                    if item.error is not None:
                        raise item.error
                    return
                yield item
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await self._lanes.aclose()

    async def _read(self, source: AsyncGenerator[S, None]) -> None:
        try:
            async with aclosing(source) as items:
                async for item in items:
                    lane = self._lane(item)
                    if lane is None:
                        await self._one(item)
                        continue
                    await self._lanes.room(lane, MOST_IN_ROOM)
                    self._lanes.put(lane, item)
            await self._lanes.idle()
        except Exception as error:  # whoever reads the stream is told
            await self._out.put(_End(error))
        else:
            await self._out.put(_End())

    async def _one(self, item: S) -> None:
        try:
            found = await self._translate(item)
        except Exception as error:
            await self._out.put(_End(error))
            return
        for one in found:
            await self._out.put(one)


class _End:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
