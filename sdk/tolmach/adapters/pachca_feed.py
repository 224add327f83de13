"""From deliveries and the events' history to one queue, each event once.

What it is for: a delivery is verified, queued, and acknowledged; an event of the history is deleted once
it was taken from the queue. What it must not do: translate, or know what an event means.

Source: https://dev.pachca.com/guides/webhook
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from aiohttp import web

from tolmach.clock import Clock
from tolmach.errors import RemoteError, TolmachError, Unauthorized
from tolmach.pachca import Pachca
from tolmach.pachca.events import Event, event_key
from tolmach.pachca.guard import DuplicateGuard
from tolmach.pachca.models.document import Document
from tolmach.pachca.polling import HistoryPoller
from tolmach.pachca.receiver import Receiver

__all__ = ["Feed"]

log = logging.getLogger("tolmach.adapters")

MOST_WAITING = 10_000
"""Events that may wait to be taken; more are refused, and come again where the history is on."""


@dataclass(frozen=True, slots=True)
class _Item:
    event: Event
    history_id: str = ""


class Feed:
    """Collect the events of one account; an empty ``secret`` takes no deliveries."""

    def __init__(self, pachca: Pachca, clock: Clock, secret: str = "") -> None:
        self._pachca = pachca
        self._clock = clock
        self._queue: asyncio.Queue[_Item | None] = asyncio.Queue()
        self._guard = DuplicateGuard()
        self._error: TolmachError | None = None
        self._receiver = Receiver(secret, clock=clock) if secret else None
        if self._receiver is not None:
            self._receiver.on(Document)(self._delivered)
        self._dead = False
        self.last_inbound_at: float | None = None

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one delivery: 200 once it is handed over, 401 for a bad or old signature."""
        if self._receiver is None:
            return web.Response(status=404)
        if self._queue.qsize() >= MOST_WAITING:
            return web.Response(status=503)
        return await self._receiver(request)

    async def follow(self, interval: float) -> None:
        """Read the history every ``interval`` seconds, for ever. Raises Unauthorized and Forbidden."""
        poller = HistoryPoller(self._pachca, interval=interval)
        async with aclosing(poller.past()) as found:
            async for past in found:
                if not self._put(_Item(past.event, past.id)):
                    await self._delete(past.id)

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield events until the end; one of the history is deleted when the next is asked for."""
        while True:
            item = await self._queue.get()
            if item is None:
                break
            yield item.event
            if item.history_id:
                await self._delete(item.history_id)
        error, self._error = self._error, None
        if error is not None:
            raise error

    def fail(self, error: TolmachError) -> None:
        """End the events with an error."""
        self._error = error
        self.end()

    def end(self) -> None:
        """End the events. Deliveries belong to the bot, not to its token: they may go on, unheard."""
        self._dead = True
        self._queue.put_nowait(None)

    async def aclose(self) -> None:
        """Stop taking deliveries."""
        if self._receiver is not None:
            await self._receiver.aclose(grace=0.0)

    async def _delivered(self, event: Document) -> None:
        # A handler of the root class hears every event there is, and nothing else.
        self._put(_Item(cast("Event", event)))

    def _put(self, item: _Item) -> bool:
        now = self._clock.now()
        self.last_inbound_at = now
        if self._dead or not self._guard.first(event_key(item.event), now):
            return False
        self._queue.put_nowait(item)
        return True

    async def _delete(self, event_id: str) -> None:
        try:
            await self._pachca.webhooks.delete(event_id)
        except Unauthorized:
            raise
        except RemoteError as error:
            log.info("an event stays in the history: %s", error)
