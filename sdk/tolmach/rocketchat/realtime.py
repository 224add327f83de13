"""Realtime for one account: one socket, one ordered stream of typed changes, typing, methods.

What it is for: putting session, driver, classifier, gap fill and queues together. What it must not do:
hold a protocol rule of its own, or let the socket wait for the code of its users.

A first connection notes where the rooms stand and reports what happens from then on. After a loss the
gap is filled before anything newer is released. A credential that died ends every ``changes()`` loop
with ``Unauthorized``, at once, whether a login, the periodic probe or any REST call found out.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import Protocol

import aiohttp

from tolmach.clock import Clock
from tolmach.errors import LocalProtocolError, RemoteError, TolmachError, Unauthorized
from tolmach.rocketchat import streams
from tolmach.rocketchat.backoff import Randomness
from tolmach.rocketchat.catchup import Source, fill_gap, take_stock
from tolmach.rocketchat.connection import Connection, ConnectionState
from tolmach.rocketchat.ddp import CALL_SECONDS, Session
from tolmach.rocketchat.ddp_events import LoggedIn, SessionEvent, StreamEvent, Subscribed, SubscriptionEnded
from tolmach.rocketchat.events import Change, SubscriptionAdded, SubscriptionRemoved
from tolmach.rocketchat.following import Following
from tolmach.rocketchat.intake import Intake
from tolmach.rocketchat.models.message import Message
from tolmach.rocketchat.models.user import User
from tolmach.rocketchat.queues import Feed, Inbox
from tolmach.rocketchat.race import first_of
from tolmach.rocketchat.rest.chat import thread_root

__all__ = ["ConnectionState", "Realtime"]

log = logging.getLogger("tolmach.realtime")

PROBE_SECONDS = 240.0
"""A dead personal access token closes no socket and stops no stream; only asking tells. Revocation
must show within 300 seconds."""
_PROBE_TIMEOUT = 10.0
_TYPING_SECONDS = 10.0
_TOO_SLOW = "the consumer of changes is too slow: resyncing"
INBOX = 2000
"""Stream events that may wait to be classified."""
FEED = 1000
"""Changes that may wait in one ``changes()`` loop."""


class _Credential(Protocol):
    @property
    def token(self) -> str: ...
    @property
    def me(self) -> User | None: ...


class _Http(Protocol):
    on_unauthorized: Callable[[Unauthorized], None] | None

    @property
    def session(self) -> aiohttp.ClientSession: ...


class _Auth(Protocol):
    async def me(self, *, once: bool = False, timeout: float | None = None) -> User: ...


class _Server(Protocol):
    async def public_settings(self, ids: Sequence[str]) -> dict[str, object]: ...


class Client(Source, Protocol):
    """Be what realtime needs of a ``RocketChat``."""

    @property
    def websocket_url(self) -> str:
        """Return the address of the realtime API."""
        ...

    @property
    def clock(self) -> Clock:
        """Return the clock of all timers."""
        ...

    @property
    def account(self) -> _Credential:
        """Return the credential."""
        ...

    @property
    def http(self) -> _Http:
        """Return the REST transport, whose aiohttp session is shared."""
        ...

    @property
    def auth(self) -> _Auth:
        """Return the operations about the credential."""
        ...

    @property
    def server(self) -> _Server:
        """Return the operations about the server."""
        ...


@dataclass(frozen=True, slots=True)
class _Online:
    """Mark in the inbox where a new socket began; ``ready`` is False if it was lost before it served."""

    ready: asyncio.Future[bool]
    first: bool


class Realtime:
    """Listen and speak for the account of ``rc``, through at most one socket.

    ``inbox`` and ``feed`` bound the queues; see ``queues.py`` for what happens when they are full.
    """

    def __init__(
        self, rc: Client, *, rng: Randomness | None = None, inbox: int = INBOX, feed: int = FEED
    ) -> None:
        self._rc = rc
        self._intake = Intake()
        self._inbox: Inbox[StreamEvent | _Online] = Inbox(inbox)
        self._feed_limit = feed
        self._feeds: list[Feed[Change]] = []
        self._early: deque[Change] | None = deque(maxlen=feed)
        self._connection = Connection(
            rc.websocket_url,
            Session(lambda: {"resume": rc.account.token}),
            http=lambda: rc.http.session,
            clock=rc.clock,
            rng=rng or SystemRandom(),
            on_event=self._on_event,
            on_down=self._on_down,
            may_connect=self._inbox.half_empty,
        )
        self._following = Following(self._connection)
        self._online: _Online | None = None
        self._was_online = False
        self._stocked = False
        self._caught_up = False
        self._settled = asyncio.Event()
        self._probe_now = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False
        self._typing_name = ""
        self._other_listener: Callable[[Unauthorized], None] | None = None

    @property
    def state(self) -> ConnectionState:
        """Return how the connection is, without I/O."""
        return self._connection.state

    async def start(self) -> None:
        """Open the connection, once; return when it serves or when the first try has failed.

        Later tries go on by themselves. Raises Unauthorized when the account is dead.
        """
        if self._closed:
            raise LocalProtocolError("this connection was closed")
        if not self._tasks:
            self._other_listener = self._rc.http.on_unauthorized
            self._rc.http.on_unauthorized = self._refused
            for work in (self._connection.run(), self._dispatch(), self._probe()):
                self._tasks.append(asyncio.create_task(self._guard(work), name="tolmach-realtime"))
        await self._settled.wait()
        if self._connection.dead is not None:
            raise self._connection.dead

    async def changes(self) -> AsyncGenerator[Change, None]:
        """Yield every change from now on; the first loop also gets what came since ``start``.

        Of what came before the first loop only the newest 1000 are kept; an alarm says so. Ends when the
        connection is closed. Raises Unauthorized when the account dies.
        """
        if self._connection.dead is not None:
            raise self._connection.dead
        feed: Feed[Change] = Feed(self._feed_limit, self._early or ())
        self._early = None
        self._feeds.append(feed)
        if self._closed:
            feed.close()
        try:
            while (change := await feed.get()) is not None:
                yield change
        finally:
            feed.close()
            self._feeds.remove(feed)

    async def call(self, method: str, params: Sequence[object], *, seconds: float = CALL_SECONDS) -> object:
        """Call a realtime method; see ``Connection.call``. REST is the better door to every action."""
        return await self._connection.call(method, params, seconds=seconds)

    async def typing(self, room_id: str, on: bool = True, thread: Message | str | None = None) -> None:
        """Show or hide that the account is writing. Best effort: a failure is only logged."""
        if not self._connection.live:
            return
        root = thread_root(thread)
        activity = ["user-typing"] if on else []
        extra = [{"tmid": root}] if root else []
        try:
            name = await self._name_when_typing()
            params = [streams.user_activity(room_id), name, activity, *extra]
            await self._connection.call(streams.NOTIFY_ROOM, params, seconds=_TYPING_SECONDS)
        except RemoteError as error:
            log.debug("typing was not shown: %s", error)

    def fail(self, error: TolmachError) -> None:
        """End the account at once: no further event, no further socket."""
        self._connection.kill(error)
        for feed in self._feeds:
            feed.close(error)
        for task in self._tasks[1:]:
            # The first one, the connection, ends by itself and closes its socket in order.
            if task is not asyncio.current_task():
                task.cancel()
        self._settled.set()

    async def aclose(self) -> None:
        """Close the socket and end all loops; idempotent."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._tasks and self._rc.http.on_unauthorized == self._refused:
            self._rc.http.on_unauthorized = self._other_listener
        for feed in self._feeds:
            feed.close()
        self._settled.set()

    # What the connection says; never waits

    def _on_event(self, event: SessionEvent) -> None:
        match event:
            case StreamEvent():
                if not self._inbox.offer(event):
                    self._connection.alarm(_TOO_SLOW)
                    self._connection.drop(_TOO_SLOW)
            case LoggedIn(user_id):
                self._following.logged_in(user_id)
                self._online = _Online(asyncio.get_running_loop().create_future(), not self._was_online)
                self._inbox.push(self._online)
                if self._was_online:
                    self._probe_now.set()
                self._was_online = True
            case Subscribed(identifier):
                if self._following.confirmed(identifier):
                    self._decide(ready=True)
            case SubscriptionEnded(identifier, name, params, failure):
                why = failure.code if failure else "ended"
                self._connection.note(f"subscription {name} {params[0]}: {why}")
                if self._following.ended(identifier):
                    self._connection.drop(f"a subscription that nothing works without was refused: {why}")
            case _:
                pass

    def _on_down(self, reason: str) -> None:
        del reason
        self._decide(ready=False)
        self._settled.set()
        if self._connection.dead is not None:
            self.fail(self._connection.dead)

    def _decide(self, *, ready: bool) -> None:
        if self._online is not None and not self._online.ready.done():
            self._online.ready.set_result(ready)

    def _refused(self, error: Unauthorized) -> None:
        self.fail(error)
        if self._other_listener is not None:
            self._other_listener(error)

    # From the inbox to the feeds; waits for the slowest consumer

    async def _dispatch(self) -> None:
        while self._connection.dead is None:
            item = await self._inbox.take()
            if isinstance(item, _Online):
                self._caught_up = False
                await self._come_online(item)
            elif self._caught_up:
                await self._release(self._intake.take(item))
                self._following.active(item)
            # Else the gap is still open: what is skipped here comes again when it is filled.

    async def _come_online(self, online: _Online) -> None:
        if not await online.ready:
            return
        intake = self._intake
        try:
            me = self._rc.account.me or await self._rc.auth.me()
            intake.classifier.username = me.username or ""
            if not self._stocked:
                await take_stock(self._rc, intake.roster, intake.marks, intake.classifier)
                changes: list[Change] = []
            else:
                gap = await fill_gap(self._rc, intake.roster, intake.marks)
                held = self._inbox.take_while(StreamEvent)
                changes = intake.merge(gap.memberships, gap.messages, gap.deleted, held)
        except Unauthorized as error:
            self.fail(error)
            return
        except RemoteError as error:
            self._connection.drop(f"the gap could not be filled: {error}")
            return
        if not self._stocked:
            self._stocked = True
            for room_id in intake.roster.rooms:
                self._following.room(room_id)
        self._caught_up = True
        self._connection.succeeded()
        self._settled.set()
        await self._release(changes)

    async def _release(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, SubscriptionAdded):
                self._following.room(change.room_id)
            elif isinstance(change, SubscriptionRemoved):
                self._following.leave(change.room_id)
            if self._early is not None:
                if len(self._early) == self._feed_limit:
                    self._connection.alarm("nobody reads the changes: the oldest are dropped")
                self._early.append(change)
            for feed in tuple(self._feeds):
                await feed.put(change)

    # Beside it

    async def _probe(self) -> None:
        while self._connection.dead is None:
            await first_of(self._rc.clock.sleep(PROBE_SECONDS), self._probe_now.wait())
            self._probe_now.clear()
            try:
                await self._rc.auth.me(once=True, timeout=_PROBE_TIMEOUT)
            except Unauthorized as error:
                self.fail(error)
            except RemoteError as error:
                self._connection.note(f"probe: {error}")

    async def _guard(self, work: Coroutine[object, object, None]) -> None:
        """Turn a fault of this package into the end of the account rather than into silence."""
        try:
            await work
        except Exception as error:
            log.exception("realtime failed")
            self.fail(
                error if isinstance(error, TolmachError) else TolmachError(f"realtime failed: {error!r}")
            )

    async def _name_when_typing(self) -> str:
        """Return the name that the server demands: anything else it drops in silence."""
        if not self._typing_name:
            me = self._rc.account.me or await self._rc.auth.me()
            settings = await self._rc.server.public_settings(["UI_Use_Real_Name"])
            real = settings.get("UI_Use_Real_Name") is True
            self._typing_name = (me.name if real else me.username) or me.username or ""
        return self._typing_name
