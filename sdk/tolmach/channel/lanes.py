"""Serial lanes: one thing at a time per key, in order; different keys in parallel.

What it is for: sessions and rooms. What it must not do: know what an item is, or let one failing
item stop its lane.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["Lanes"]

log = logging.getLogger("tolmach.channel")

T = TypeVar("T")


@dataclass(slots=True)
class _Lane(Generic[T]):
    waiting: deque[T] = field(default_factory=deque[T])
    current: T | None = None
    job: "asyncio.Task[None] | None" = None
    worker: "asyncio.Task[None] | None" = None
    moved: asyncio.Event = field(default_factory=asyncio.Event)


class Lanes(Generic[T]):
    """Run ``handle`` for every item put, per key one after the other."""

    def __init__(
        self, handle: Callable[[T], Awaitable[None]], forgotten: Callable[[T], None] | None = None
    ) -> None:
        self._handle = handle
        self._forgotten = forgotten
        self._lanes: dict[str, _Lane[T]] = {}

    def put(self, key: str, item: T) -> None:
        """Add an item at the end of its lane."""
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane[T]()
            lane.worker = asyncio.create_task(self._work(key, lane), name=f"lane {key}")
        lane.waiting.append(item)

    def waiting(self, key: str) -> int:
        """Return how many items wait behind the current one."""
        lane = self._lanes.get(key)
        return len(lane.waiting) if lane else 0

    def running(self, key: str) -> T | None:
        """Return the item at work, None when the lane is idle."""
        lane = self._lanes.get(key)
        return lane.current if lane else None

    def busy(self) -> list[str]:
        """Return the lanes that have anything to do."""
        return list(self._lanes)

    def shed(self, key: str) -> T | None:
        """Take the oldest waiting item out."""
        lane = self._lanes.get(key)
        return lane.waiting.popleft() if lane and lane.waiting else None

    def stop(self, key: str) -> bool:
        """Abort the item at work and forget those waiting; tell whether anything was at work.

        ``forgotten`` hears of each that was waiting.
        """
        lane = self._lanes.get(key)
        if lane is None:
            return False
        while lane.waiting:
            item = lane.waiting.popleft()
            if self._forgotten is not None:
                self._forgotten(item)
        if lane.job is None or lane.job.done():
            return False
        lane.job.cancel()
        return True

    def forget_waiting(self) -> int:
        """Forget every waiting item of every lane; return how many there were."""
        count = 0
        for lane in self._lanes.values():
            count += len(lane.waiting)
            lane.waiting.clear()
        return count

    async def room(self, key: str, most: int) -> None:
        """Return once fewer than ``most`` items wait in the lane."""
        while (lane := self._lanes.get(key)) is not None and len(lane.waiting) >= most:
            lane.moved.clear()
            await lane.moved.wait()

    async def idle(self) -> None:
        """Return once no lane has anything to do."""
        while workers := [lane.worker for lane in self._lanes.values() if lane.worker]:
            await asyncio.wait(workers)

    async def aclose(self) -> None:
        """Abort everything at once."""
        self.forget_waiting()
        workers = [lane.worker for lane in self._lanes.values() if lane.worker]
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, key: str, lane: _Lane[T]) -> None:
        try:
            while lane.waiting:
                lane.current = lane.waiting.popleft()
                lane.moved.set()
                # A task of its own, so that aborting the item leaves the lane alive.
                lane.job = asyncio.create_task(self._guarded(lane.current), name=f"job {key}")
                try:
                    await asyncio.wait([lane.job])
                except asyncio.CancelledError:
                    lane.job.cancel()
                    await asyncio.wait([lane.job])
                    raise
        finally:
            lane.current = None
            lane.moved.set()
            if self._lanes.get(key) is lane:
                del self._lanes[key]

    async def _guarded(self, item: T) -> None:
        try:
            await self._handle(item)
        except Exception:
            log.exception("an item failed; the next one is handled")
