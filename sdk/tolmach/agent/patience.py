"""Wait for a peer, but not for ever, on an injected clock.

What it is for: a limit on silence that a test's clock can reach. What it must not do: limit how
long an answer may take as long as bytes keep coming.
"""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from tolmach.clock import Clock

__all__ = ["Patience", "SilenceError"]

T = TypeVar("T")


class SilenceError(Exception):
    """Say that the peer was silent for too long."""


class Patience:
    """Run one wait after the other; ``seconds`` of silence end any of them, None never does."""

    def __init__(self, clock: Clock, seconds: float | None) -> None:
        self.seconds = seconds
        self._clock = clock
        self._limit: asyncio.Task[None] | None = None

    async def wait(self, work: Coroutine[object, object, T], *, at_most: float | None = None) -> T:
        """Return the result of ``work``; cancel it and raise ``SilenceError`` when the limit passes first."""
        limits = [limit for limit in (self.seconds, at_most) if limit is not None]
        if not limits:
            return await work
        seconds = min(limits)
        if at_most is not None:
            await self.aclose()
        since = self._clock.now()
        task = asyncio.ensure_future(work)
        try:
            while True:
                # One sleeping task serves many waits; it is set again only when it ran out too early.
                if self._limit is None:
                    left = since + seconds - self._clock.now()
                    self._limit = asyncio.create_task(self._clock.sleep(left))
                await asyncio.wait({task, self._limit}, return_when=asyncio.FIRST_COMPLETED)
                if task.done():
                    return task.result()
                self._limit = None
                if self._clock.now() - since >= seconds:
                    raise SilenceError
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def aclose(self) -> None:
        """Drop the timer."""
        if self._limit is not None:
            self._limit.cancel()
            await asyncio.gather(self._limit, return_exceptions=True)
            self._limit = None
