"""A route of an aiohttp application that takes deliveries.

What it is for: verify, drop what came before, store, answer, and only then handle. A form is handled
before the answer, because the answer is its result. What it must not do: let a slow handler cost an
event: any answer is final for the sender, and so is silence.

Source: https://dev.pachca.com
"""

import asyncio
import inspect
import json
import logging
import sys
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from ipaddress import IPv6Address
from typing import Final, Protocol, TypeVar

from aiohttp import web

from tolmach.clock import Clock, SystemClock
from tolmach.errors import ConfigError, RemoteProtocolError, WebhookRefused
from tolmach.pachca.events import Event, FormSubmitted, decode, event_key, parse_event
from tolmach.pachca.guard import DuplicateGuard
from tolmach.pachca.handlers import Handler, Handlers
from tolmach.pachca.handover import Handover
from tolmach.pachca.models.document import Document
from tolmach.pachca.signature import HEADER
from tolmach.pachca.webhook import WINDOW, parse
from tolmach.transport.redaction import hide

__all__ = ["Inbox", "Receiver"]

log = logging.getLogger("tolmach.pachca")

E = TypeVar("E", bound=Document)

FORM_TIME: Final = 2.5
"""Seconds that a form's handlers get; the sender waits three."""
_STATUS: Final = {"signature": 401, "stale": 401, "source": 403, "malformed": 400}
_ANSWERS_KEPT: Final = 1000


class Inbox(Protocol):
    """Keep deliveries until they are handled; one that outlives the process loses none."""

    async def append(self, key: str, body: bytes) -> bool:
        """Store a delivery durably; return False when it is there already."""
        ...

    async def done(self, key: str) -> None:
        """Take note that a delivery was handled."""
        ...

    async def pending(self) -> Sequence[tuple[str, bytes]]:
        """Return what was stored and not handled, in order."""
        ...


class Receiver:
    """Take deliveries of one bot. Give it to ``add_post``, and its ``lifespan`` to ``cleanup_ctx``.

    ::

        receiver = Receiver(secret=secret)

        @receiver.on(ButtonPressed)
        async def pressed(event): ...

        app.router.add_post("/pachca", receiver)
        app.cleanup_ctx.append(receiver.lifespan)

    With ``inbox`` an event is stored before the 200, and what a crash left is handled at the next start.
    ``sources`` limits the addresses that may deliver (``SOURCE_ADDRESSES``); behind a proxy give
    ``address_of`` as well. Raises ConfigError for an empty secret.
    """

    def __init__(
        self,
        secret: str,
        *,
        handlers: Handlers | None = None,
        inbox: Inbox | None = None,
        clock: Clock | None = None,
        guard: DuplicateGuard | None = None,
        window: float = WINDOW,
        sources: Collection[str] | None = None,
        address_of: Callable[[web.Request], str | None] | None = None,
        form_time: float = FORM_TIME,
    ) -> None:
        if not secret:
            raise ConfigError("the signing secret is empty", path="webhookSecret")
        hide(secret)
        self.handlers = handlers or Handlers()
        self._secret = secret
        self._inbox = inbox
        self._clock: Clock = clock or SystemClock()
        self._guard = guard or DuplicateGuard()
        self._window = window
        self._sources = None if sources is None else frozenset(sources)
        self._address_of = address_of or (lambda request: request.remote)
        self._form_time = form_time
        self._handover = Handover()
        self._storing: dict[str, asyncio.Task[None]] = {}
        self._forms: OrderedDict[str, asyncio.Task[web.Response]] = OrderedDict()
        _mark_as_coroutine_function(self)

    def on(self, kind: type[E]) -> Callable[[Handler[E]], Handler[E]]:
        """Register a handler; see ``Handlers.on``."""
        return self.handlers.on(kind)

    async def __call__(self, request: web.Request) -> web.Response:
        """Answer a delivery."""
        if self._sources is not None and _plain(self._address_of(request)) not in self._sources:
            return _refusal(WebhookRefused("not an address of Pachca", reason="source"))
        body = await request.read()
        return await self.take(body, request.headers.get(HEADER))

    async def take(self, body: bytes, signature: str | None) -> web.Response:
        """Answer a delivery that came by another web framework."""
        try:
            event = parse(body, signature, self._secret, self._clock.now(), window=self._window)
        except WebhookRefused as error:
            log.warning("a delivery was refused: %s", error.reason)
            return _refusal(error)
        if isinstance(event, FormSubmitted):
            return await self._answer_form(event)
        key = event_key(event)
        name = repr(key)
        storing = self._storing.get(name)
        if storing is None:
            if not self._guard.first(key, self._clock.now()):
                return web.Response(text="ok")
            if self._inbox is None:
                self._handover.submit(event, self._work(event, name))
                return web.Response(text="ok")
            storing = asyncio.create_task(self._store(self._inbox, event, body))
            self._storing[name] = storing
            storing.add_done_callback(lambda _: self._storing.pop(name))
        # A double that comes meanwhile is answered like the first one: a 200 would be final for both.
        # Shielded: the sender may hang up, the delivery is stored all the same.
        await asyncio.shield(storing)
        return web.Response(text="ok")

    async def start(self) -> None:
        """Handle what an earlier process stored and did not finish."""
        if self._inbox is None:
            return
        for name, body in await self._inbox.pending():
            try:
                event = parse_event(decode(body))
            except RemoteProtocolError as error:
                log.warning("a stored delivery is left out: %s", error)
                await self._inbox.done(name)
                continue
            self._guard.first(event_key(event), self._clock.now())
            self._handover.submit(event, self._work(event, name))

    async def join(self) -> None:
        """Wait until everything taken so far is handled."""
        await self._handover.join()

    async def aclose(self, grace: float = 5.0) -> None:
        """Give running handlers ``grace`` seconds, then end them."""
        for task in tuple(self._forms.values()):
            task.cancel()
        await asyncio.gather(*self._forms.values(), return_exceptions=True)
        if self._storing:
            await asyncio.wait(self._storing.values(), timeout=grace)
        for storing in tuple(self._storing.values()):
            storing.cancel()
        await asyncio.gather(*self._storing.values(), return_exceptions=True)
        await self._handover.aclose(grace)

    async def lifespan(self, app: web.Application) -> AsyncIterator[None]:
        """Start and close with the application."""
        del app
        await self.start()
        yield
        await self.aclose()

    async def _store(self, inbox: Inbox, event: Event, body: bytes) -> None:
        key = event_key(event)
        try:
            new = await inbox.append(repr(key), body)
        except BaseException:
            self._guard.forget(key)
            raise
        if new:
            self._handover.submit(event, self._work(event, repr(key)))

    def _work(self, event: Event, name: str) -> Callable[[], Awaitable[None]]:
        async def work() -> None:
            try:
                await self.handlers.handle(event)
            except asyncio.CancelledError:
                raise  # not handled: it stays in the inbox
            except Exception:  # a handler that fails would fail again after every start
                log.exception("a handler of %s failed", type(event).__name__)
            if self._inbox is not None:
                await self._inbox.done(name)

        return work

    async def _answer_form(self, event: FormSubmitted) -> web.Response:
        running = self._forms.get(event.submit_id)
        if running is None:
            running = asyncio.create_task(self._form_answer(event))
            self._forms[event.submit_id] = running
            if len(self._forms) > _ANSWERS_KEPT:
                self._forms.popitem(last=False)
        # Shielded: the sender may hang up, the form is handled all the same.
        answer = await asyncio.shield(running)
        return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)

    async def _form_answer(self, event: FormSubmitted) -> web.Response:
        try:
            async with asyncio.timeout(self._form_time):
                errors = await self.handlers.handle(event)
        except TimeoutError:
            log.warning("the handlers of a form took longer than %.1f s", self._form_time)
            return web.Response(status=504)
        except Exception:  # whatever a handler raises, the person must see that it failed
            log.exception("a handler of FormSubmitted failed")
            return web.Response(status=500)
        if errors:
            return web.Response(
                status=400, text=json.dumps({"errors": errors}), content_type="application/json"
            )
        return web.Response(text="ok")


def _plain(address: str | None) -> str | None:
    """Return an address as the list has it: a socket for both families writes IPv4 as ``::ffff:…``."""
    try:
        mapped = IPv6Address(address or "").ipv4_mapped
    except ValueError:
        return address
    return address if mapped is None else str(mapped)


def _refusal(error: WebhookRefused) -> web.Response:
    return web.Response(status=_STATUS.get(error.reason, 400), text=error.reason)


def _mark_as_coroutine_function(handler: object) -> None:
    """Let aiohttp see that calling the object gives a coroutine."""
    if sys.version_info >= (3, 12):
        inspect.markcoroutinefunction(handler)
    else:
        vars(handler)["_is_coroutine"] = vars(asyncio.coroutines)["_is_coroutine"]
