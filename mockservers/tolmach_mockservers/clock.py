"""The clock of the fakes: real time plus what was advanced, or frozen.

What it is for: every timer of every fake, and of other processes that follow it over the
control API, hangs on this one clock, so that a test can move hours in a moment. What it must
not do: go back, or poll.
"""

import asyncio
import heapq
import time
from collections.abc import Callable
from itertools import count
from typing import Final

__all__ = ["CLIENT_MEMORY", "FakeClock", "Timer"]

CLIENT_MEMORY: Final = 60.0
"""Seconds of real time for which a clock client that went silent still counts as present."""


class Timer:
    """Hold one pending call; ``cancel()`` takes it back."""

    __slots__ = ("_call", "due")

    def __init__(self, due: float, call: Callable[[], object]) -> None:
        self.due = due
        self._call: Callable[[], object] | None = call

    @property
    def pending(self) -> bool:
        """Whether the call is still to come."""
        return self._call is not None

    def cancel(self) -> None:
        """Take the call back; harmless when it has happened."""
        self._call = None

    def fire(self) -> None:
        """Make the call, once."""
        call, self._call = self._call, None
        if call is not None:
            call()


class FakeClock:
    """Tell the time of the fakes, in seconds since the epoch.

    Runs with real time from ``start`` (default: the real now) until it is frozen. ``version``
    grows with every freeze, resume and advance, which is how followers see that time jumped.
    """

    def __init__(self, start: float | None = None) -> None:
        self._offset = (time.time() if start is None else start) - time.monotonic()
        self._frozen_at: float | None = None
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = count()
        self._alarm: asyncio.TimerHandle | None = None
        self._version_waiters: set[asyncio.Future[None]] = set()
        self._clients: dict[str, tuple[int, float]] = {}
        self._client_waiters: set[asyncio.Future[None]] = set()
        self.version = 0

    @property
    def frozen(self) -> bool:
        """Whether time stands still until it is advanced."""
        return self._frozen_at is not None

    def now(self) -> float:
        """Return seconds since the epoch."""
        if self._frozen_at is not None:
            return self._frozen_at
        return time.monotonic() + self._offset

    async def sleep(self, seconds: float) -> None:
        """Return once the clock has moved by at least ``seconds``; at once for zero or less."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_later(seconds, lambda: _wake({done}))
        try:
            await done
        finally:
            timer.cancel()

    def call_later(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Call ``call()`` once the clock has moved by ``seconds``; needs a running loop."""
        timer = Timer(self.now() + max(0.0, seconds), call)
        heapq.heappush(self._timers, (timer.due, next(self._order), timer))
        self._arm()
        return timer

    def freeze(self, at: float | None = None) -> None:
        """Stop time, here or at ``at``; an ``at`` in the past is a ``ValueError``."""
        now = self.now()
        if at is not None and at < now:
            raise ValueError(f"the clock never goes back: it is {now:.3f}, freeze was asked for {at:.3f}")
        self._frozen_at = now if at is None else at
        self._moved()

    def resume(self) -> None:
        """Let time run on from where it stands."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - time.monotonic()
            self._frozen_at = None
        self._moved()

    def advance(self, seconds: float) -> None:
        """Move time forward by ``seconds`` and fire what has become due, earliest first."""
        if seconds < 0:
            raise ValueError(f"the clock never goes back: advance by {seconds} seconds was asked for")
        if self._frozen_at is not None:
            self._frozen_at += seconds
        else:
            self._offset += seconds
        self._moved()

    async def wait(self, version: int, client: str) -> None:
        """Return once the clock's version differs from ``version``.

        Coming here with a version is ``client``'s word that it has seen that version and woken
        what was due; see `caught_up`.
        """
        self._clients[client] = (version, time.monotonic())
        _wake(self._client_waiters)
        while self.version == version:
            await _next_wake(self._version_waiters)
        self._clients[client] = (version, time.monotonic())

    def clients(self) -> int:
        """Count the clock clients seen within the last `CLIENT_MEMORY` seconds of real time."""
        horizon = time.monotonic() - CLIENT_MEMORY
        self._clients = {name: seen for name, seen in self._clients.items() if seen[1] >= horizon}
        return len(self._clients)

    async def caught_up(self) -> None:
        """Return once every clock client has come back with the present version."""
        while self.clients() and any(seen < self.version for seen, _ in self._clients.values()):
            await _next_wake(self._client_waiters)

    def forget(self, client: str) -> None:
        """Stop counting ``client``: it has gone away."""
        self._clients.pop(client, None)
        _wake(self._client_waiters)

    def close(self) -> None:
        """Drop every timer."""
        self._timers.clear()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _moved(self) -> None:
        self.version += 1
        self._ring()
        _wake(self._version_waiters)

    def _ring(self) -> None:
        self._alarm = None
        now = self.now()
        while self._timers and (self._timers[0][0] <= now or not self._timers[0][2].pending):
            heapq.heappop(self._timers)[2].fire()
        self._arm()

    def _arm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._timers and self._frozen_at is None:
            delay = max(0.0, self._timers[0][0] - self.now())
            self._alarm = asyncio.get_running_loop().call_later(delay, self._ring)


def _wake(waiters: set[asyncio.Future[None]]) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(None)
    waiters.clear()


async def _next_wake(waiters: set[asyncio.Future[None]]) -> None:
    waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waiters.add(waiter)
    try:
        await waiter
    finally:
        waiters.discard(waiter)
