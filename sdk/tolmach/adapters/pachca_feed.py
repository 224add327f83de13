"""From deliveries and the events' history to one queue, each event once.

What it is for: a delivery is verified, stored, queued, and acknowledged; it leaves the inbox, and an event
of the history leaves that, when somebody says that it is dealt with. What it must not do: translate, or
know what an event means.

Source: https://dev.pachca.com/guides/webhook
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Hashable, Sequence
from contextlib import aclosing
from typing import cast

from aiohttp import web

from tolmach.clock import Clock
from tolmach.errors import RemoteError, TolmachError, Unauthorized
from tolmach.pachca import Pachca
from tolmach.pachca.events import Event, event_key
from tolmach.pachca.guard import DuplicateGuard
from tolmach.pachca.models.document import Document
from tolmach.pachca.polling import HistoryPoller
from tolmach.pachca.receiver import Inbox, Receiver

__all__ = ["Feed"]

log = logging.getLogger("tolmach.adapters")

MOST_WAITING = 10_000
"""Events that may wait to be taken; more are refused, and come again where the history is on."""


class Feed:
    """Collect the events of one account; an empty ``secret`` takes no deliveries.

    With ``inbox`` a delivery is stored before it is acknowledged, and comes again after a crash.
    """

    def __init__(self, pachca: Pachca, clock: Clock, secret: str = "", inbox: Inbox | None = None) -> None:
        self._pachca = pachca
        self._clock = clock
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._guard = DuplicateGuard()
        self._open: dict[Hashable, list[str]] = {}
        """What is not dealt with, and its ids in the history."""
        self._error: TolmachError | None = None
        self._inbox = None if inbox is None else _KeptUntilSettled(inbox)
        self._poller: HistoryPoller | None = None
        self._receiver: Receiver | None = None
        if secret:
            self._receiver = Receiver(secret, clock=clock, inbox=self._inbox)
            self._receiver.on(Document)(self._delivered)
        self._dead = False
        self._ended = False
        self.last_inbound_at: float | None = None

    async def start(self) -> None:
        """Queue what an earlier process acknowledged and did not deal with."""
        if self._receiver is not None:
            await self._receiver.start()

    async def join(self) -> None:
        """Wait until everything acknowledged so far is queued."""
        if self._receiver is not None:
            await self._receiver.join()

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one delivery: 200 once it is handed over, 401 for a bad or old signature."""
        if self._receiver is None:
            return web.Response(status=404)
        if self._queue.qsize() >= MOST_WAITING or self._closing:
            return web.Response(status=503)
        return await self._receiver(request)

    async def follow(self, interval: float) -> None:
        """Read the history every ``interval`` seconds, for ever. Raises Unauthorized and Forbidden."""
        self._poller = HistoryPoller(self._pachca, interval=interval)
        async with aclosing(self._poller.past()) as found:
            async for past in found:
                if self._ended:
                    return
                taken = self._put(past.event)
                if taken is None:
                    await self._delete(past.id)
                else:
                    # The same event may have come by webhook: its twin goes when that is dealt with.
                    taken.append(past.id)

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield events until the end, each to be given to ``settle`` later."""
        while (event := await self._queue.get()) is not None:
            yield event
        error, self._error = self._error, None
        if error is not None:
            raise error

    async def settle(self, event: Event) -> None:
        """Let go of an event: it is dealt with, and need not come again. Raises Unauthorized."""
        key = event_key(event)
        history_ids = self._open.pop(key, None)
        if history_ids is None:
            return
        if self._inbox is not None:
            await self._inbox.release(repr(key))
        for history_id in history_ids:
            await self._delete(history_id)

    def fail(self, error: TolmachError) -> None:
        """End the events with an error.

        Deliveries belong to the bot, not to its token: they go on, are acknowledged, and dropped.
        """
        self._error = error
        self._dead = True
        self.end()

    def end(self, *, dead: bool = False) -> None:
        """End the events; with ``dead`` the token is, and what comes later is acknowledged and dropped."""
        self._dead = self._dead or dead
        self._ended = True
        self._queue.put_nowait(None)

    async def aclose(self) -> None:
        """Stop taking deliveries."""
        if self._receiver is not None:
            await self._receiver.aclose(grace=1.0)

    async def _delivered(self, document: Document) -> None:
        # A handler of the root class hears every event there is, and nothing else.
        event = cast("Event", document)
        # What comes while it closes stays in the inbox for the next start.
        stays = self._closing if self._ended else self._put(event) is not None
        if self._inbox is not None and stays:
            self._inbox.keep(repr(event_key(event)))

    @property
    def _closing(self) -> bool:
        """Tell whether it ends although the token lives."""
        return self._ended and not self._dead

    def _put(self, event: Event) -> list[str] | None:
        """Queue an event unless it waits already; None when it is over."""
        key = event_key(event)
        now = self._clock.now()
        self.last_inbound_at = now
        if self._guard.first(key, now):
            self._open[key] = []
            self._queue.put_nowait(event)
        return self._open.get(key)

    async def _delete(self, event_id: str) -> None:
        if self._poller is None:
            return
        try:
            await self._poller.delete(event_id)
        except Unauthorized:
            raise
        except RemoteError as error:
            log.warning("an event stays in the history: %s", error)


class _KeptUntilSettled:
    """An inbox whose deliveries outlive the receiver's handler, which only queues them."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._kept: set[str] = set()

    async def append(self, key: str, body: bytes) -> bool:
        return await self._inbox.append(key, body)

    async def done(self, key: str) -> None:
        if key not in self._kept:
            await self._inbox.done(key)

    async def pending(self) -> Sequence[tuple[str, bytes]]:
        return await self._inbox.pending()

    def keep(self, key: str) -> None:
        """Let a delivery stay although its handler is through."""
        self._kept.add(key)

    async def release(self, key: str) -> None:
        """Let a delivery go, if it is one."""
        if key in self._kept:
            self._kept.discard(key)
            await self._inbox.done(key)
