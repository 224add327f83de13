"""Events without a URL: read the history, handle, delete.

What it is for: a bot behind a firewall. An event is deleted after it was handled, so that a crash
repeats it and loses none; forms are answered by the API. What it must not do: hammer: the history has
a limit of its own.

Source: https://dev.pachca.com
"""

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from tolmach.errors import (
    ConnectFailed,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    RemoteProtocolError,
    ServerFailed,
)
from tolmach.pachca.client import Pachca
from tolmach.pachca.events import Event, FormSubmitted, parse_event
from tolmach.pachca.guard import DuplicateGuard
from tolmach.pachca.handlers import Handler, Handlers
from tolmach.pachca.handover import Handover
from tolmach.pachca.models.document import Document
from tolmach.pachca.models.webhook import WebhookEvent
from tolmach.pachca.unset import UNSET

__all__ = ["HistoryPoller", "Past"]

log = logging.getLogger("tolmach.pachca")

E = TypeVar("E", bound=Document)

PASSES: Final = (ConnectFailed, OutcomeUnknown, ServerFailed, RateLimited)
"""Errors that end by themselves."""
_LONGEST_PAUSE: Final = 30.0
_MOST_PAGES: Final = 200


@dataclass(frozen=True, slots=True)
class Past:
    """Hold an event of the history and the id to delete it by."""

    id: str
    event: Event


class HistoryPoller:
    """Read the events of a bot whose ``events_history_enabled`` is on.

    ::

        poller = HistoryPoller(pachca)

        @poller.on(MessageNew)
        async def heard(event): ...

        await poller.run()
    """

    def __init__(self, pachca: Pachca, *, handlers: Handlers | None = None, interval: float = 1.0) -> None:
        self.handlers = handlers or Handlers()
        self._pachca = pachca
        self._interval = interval
        # An event that cannot be deleted is read for as long as the vendor keeps it: it stays known.
        self._guard = DuplicateGuard(seconds=math.inf)
        self._handover = Handover()
        self._undeleted: set[str] = set()
        """Handled, but not gone from the history yet."""

    def on(self, kind: type[E]) -> Callable[[Handler[E]], Handler[E]]:
        """Register a handler; see ``Handlers.on``."""
        return self.handlers.on(kind)

    async def run(self) -> None:
        """Handle events until cancelled. Raises Unauthorized or Forbidden when the token ends."""
        try:
            async with aclosing(self.past()) as events:
                async for past in events:
                    self._handover.submit(past.event, partial(self._handle, past))
        finally:
            await self._handover.aclose()

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield events, oldest first; one is deleted when the next is asked for.

        Forms that come this way wait for ``pachca.views.respond`` by the caller.
        """
        async with aclosing(self.past()) as events:
            async for past in events:
                try:
                    yield past.event
                except GeneratorExit:
                    self._guard.forget(past.id)
                    raise
                await self.delete(past.id)

    async def past(self) -> AsyncGenerator[Past, None]:
        """Yield events with their ids, oldest first, each once; deleting is left to the caller."""
        pause = self._interval
        while True:
            try:
                found = await self._read()
                pause = self._interval
            except PASSES as error:
                log.warning("the history cannot be read now: %s", error)
                await self._pachca.clock.sleep(pause)
                pause = min(_LONGEST_PAUSE, pause * 2)
                continue
            for record in reversed(found):
                if not self._guard.first(record.id, self._pachca.clock.now()):
                    if record.id in self._undeleted:
                        await self.delete(record.id)
                    continue
                event = await self._parsed(record)
                if event is not None:
                    yield Past(record.id, event)
            await self._pachca.clock.sleep(self._interval)

    async def _read(self) -> list[WebhookEvent]:
        found: list[WebhookEvent] = []
        pages = 0
        async with aclosing(self._pachca.webhooks.list().pages()) as every:
            async for page in every:
                found.extend(page.items)
                pages += 1
                if pages >= _MOST_PAGES:
                    break
        return found

    async def _parsed(self, record: WebhookEvent) -> Event | None:
        try:
            return parse_event(record.payload)
        except RemoteProtocolError as error:
            log.warning("an event of the history is left out: %s", error)
            await self.delete(record.id)
            return None

    async def _handle(self, past: Past) -> None:
        try:
            errors = await self.handlers.handle(past.event)
            if isinstance(past.event, FormSubmitted):
                answer = errors or UNSET
                await self._pachca.views.respond(past.event.view_id, past.event.submit_id, answer)
        except asyncio.CancelledError:
            raise  # not handled: it stays in the history for the next start
        except BaseException:
            # A handler that fails would fail again at every reading.
            await self.delete(past.id)
            raise
        await self.delete(past.id)

    async def delete(self, event_id: str) -> None:
        """Take an event out of the history; what fails for now is tried again when it is read again."""
        try:
            await self._pachca.webhooks.delete(event_id)
        except NotFound:
            self._undeleted.discard(event_id)
        except PASSES as error:
            log.warning("an event stays in the history for now: %s", error)
            self._undeleted.add(event_id)
        else:
            self._undeleted.discard(event_id)
