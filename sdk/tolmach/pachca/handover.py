"""Run handlers after the answer went out: in order where it matters, side by side elsewhere.

What it is for: events of one chat are handled one after the other, other chats meanwhile; a click waits
for nobody, its trigger lives three seconds. What it must not do: know handlers, or lose an error.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable

from tolmach.pachca.events import ButtonPressed, Event, FormSubmitted, event_key

__all__ = ["Handover"]

log = logging.getLogger("tolmach.pachca")


class Handover:
    """Own the tasks that handle events."""

    def __init__(self) -> None:
        self._last: dict[Hashable, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, event: Event, work: Callable[[], Awaitable[object]]) -> asyncio.Task[None]:
        """Run ``work`` when the lane of ``event`` is free; an error is logged."""
        lane = _lane(event)
        task = asyncio.create_task(self._run(self._last.get(lane), work, type(event).__name__))
        self._last[lane] = task
        self._tasks.add(task)

        def gone(done: asyncio.Task[None]) -> None:
            self._tasks.discard(done)
            if self._last.get(lane) is done:
                del self._last[lane]

        task.add_done_callback(gone)
        return task

    async def join(self) -> None:
        """Wait until nothing is left to do."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def aclose(self, grace: float = 5.0) -> None:
        """Wait up to ``grace`` seconds for what is running, then end it."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(
        self, before: asyncio.Task[None] | None, work: Callable[[], Awaitable[object]], name: str
    ) -> None:
        if before is not None:
            await asyncio.wait({before})
        try:
            await work()
        except Exception:  # the next event must be handled all the same
            log.exception("a handler of %s failed", name)


def _lane(event: Event) -> Hashable:
    if isinstance(event, ButtonPressed | FormSubmitted):
        return event_key(event)
    return getattr(event, "chat_id", None)
