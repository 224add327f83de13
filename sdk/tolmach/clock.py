"""The clock that everything with a timer takes as an argument.

What it is for: one seam for time, so that a test can move it. What it must not do: be read by
a pure core; cores take ``now`` as an argument.
"""

import asyncio
import time
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """Tell the time and sleep. Seconds since the epoch, UTC; never goes back."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once ``now()`` has moved by at least ``seconds``; at once for zero or less."""
        ...


class SystemClock:
    """Tell the machine's time, kept from going back by the monotonic clock."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.monotonic() + self._offset

    async def sleep(self, seconds: float) -> None:
        """Sleep for ``seconds`` of real time."""
        await asyncio.sleep(max(0.0, seconds))
