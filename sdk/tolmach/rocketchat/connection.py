"""The websocket driver: one task owns the socket and serves the pure session with it.

What it is for: opening, closing and reopening the socket, moving frames, keeping the session's
deadlines on the injected clock, and telling the truth about it all in ``ConnectionState``. What it
must not do: await code of its users, know a stream, or hold two sockets at once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal, cast

import aiohttp

from tolmach.clock import Clock
from tolmach.errors import ConnectFailed, OutcomeUnknown, RemoteProtocolError, TolmachError, Unauthorized
from tolmach.rocketchat import ejson
from tolmach.rocketchat.backoff import Randomness, backoff
from tolmach.rocketchat.ddp import CALL_SECONDS, HANDSHAKE_SECONDS, Session
from tolmach.rocketchat.ddp_events import (
    BadFrame,
    CallDone,
    CallExpired,
    CallFailed,
    CallLost,
    Complaint,
    Dropped,
    GaveUp,
    LoggedIn,
    SessionEvent,
    StreamEvent,
    Subscribed,
    SubscriptionEnded,
)
from tolmach.rocketchat.ddp_table import State
from tolmach.rocketchat.failure import error_of
from tolmach.rocketchat.race import first_of
from tolmach.rocketchat.streams import Stream

__all__ = ["Connection", "ConnectionState"]

log = logging.getLogger("tolmach.realtime")

MAX_FRAME = 8 * 1024 * 1024
"""Bytes. The largest frame taken; a longer one ends the socket."""
_CLOSE_SECONDS = 0.5
"""Real seconds that a peer gets to answer a close; a half-open one never does."""
_timeouts = cast("Callable[[float | None, float | None], aiohttp.ClientWSTimeout]", aiohttp.ClientWSTimeout)
"""Checkers disagree about the parameters of this class, which is made by ``attrs``."""


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """Say how the realtime connection is. Times are seconds since the epoch, None for never.

    ``connected`` means a logged-in socket that answers. ``lifecycle`` is ``blocked`` once the account is
    dead. ``alarm`` says that a bounded queue overflowed and was refilled from the server.
    """

    connected: bool = False
    lifecycle: Literal["ready", "recovering", "blocked"] = "recovering"
    last_connected_at: float | None = None
    last_disconnect_at: float | None = None
    last_disconnect_error: str = ""
    last_error: str = ""
    last_inbound_at: float | None = None
    last_outbound_at: float | None = None
    alarm: str = ""


class Connection:
    """Keep a session on a socket for as long as ``run`` runs.

    ``on_event`` is called for every session event, and ``on_down`` with a reason each time a socket
    ends or fails to open; both must be quick and must not raise. ``may_connect`` is awaited before each
    new socket.
    """

    def __init__(
        self,
        url: str,
        session: Session,
        *,
        http: Callable[[], aiohttp.ClientSession],
        clock: Clock,
        rng: Randomness,
        on_event: Callable[[SessionEvent], None],
        on_down: Callable[[str], None],
        may_connect: Callable[[], Awaitable[None]],
    ) -> None:
        self._url = url
        self._ddp = session
        self._http = http
        self._clock = clock
        self._rng = rng
        self._on_event = on_event
        self._on_down = on_down
        self._may_connect = may_connect
        self._state = ConnectionState()
        self._inbound_at: float | None = None
        self._outbound_at: float | None = None
        self._attempt = 0
        self._dead: TolmachError | None = None
        self._to_write = asyncio.Event()
        self._to_time = asyncio.Event()
        self._sleeps_until = float("inf")
        self._drop = asyncio.Event()
        self._dying = asyncio.Event()
        self._reason = ""
        self._answers: dict[str, asyncio.Future[object]] = {}

    @property
    def state(self) -> ConnectionState:
        """Return the truth as known now."""
        return replace(self._state, last_inbound_at=self._inbound_at, last_outbound_at=self._outbound_at)

    @property
    def dead(self) -> TolmachError | None:
        """Return what ended the account for good, None while there is hope."""
        return self._dead

    @property
    def live(self) -> bool:
        """Tell whether calls can be made now."""
        return self._ddp.state is State.LIVE

    # For the one who uses the connection

    async def run(self) -> None:
        """Open sockets, one after the other, until cancelled or dead."""
        while self._dead is None:
            await self._unless_dying(self._may_connect())
            if self._dead is None:
                await self._one_socket()
            if self._dead is None:
                self._attempt += 1
                delay = backoff(self._attempt, self._rng)
                log.info("reconnect %d in %.1f s: %s", self._attempt, delay, self._reason)
                await self._unless_dying(self._clock.sleep(delay))

    def succeeded(self) -> None:
        """Count the connection as a success: the next loss starts the backoff anew."""
        self._attempt = 0

    def alarm(self, alarm: str) -> None:
        """Put an alarm into the state; it stays until another one replaces it."""
        if self._state.alarm != alarm:
            log.warning("%s", alarm)
            self._state = replace(self._state, alarm=alarm)

    def drop(self, reason: str) -> None:
        """Close this socket and open another after the backoff."""
        self._reason = self._reason or reason
        self._disconnected(reason)
        self._drop.set()

    def kill(self, error: TolmachError) -> None:
        """Close this socket and open no other."""
        if self._dead is None:
            self._dead = error
            self.drop(str(error))
            self._state = replace(self._state, lifecycle="blocked", last_error=str(error))
            self._dying.set()

    def note(self, error: str) -> None:
        """Put an error that ended nothing into the state."""
        self._state = replace(self._state, last_error=error)

    def subscribe(self, stream: Stream, *, urgent: bool = False) -> str:
        """Want a stream, now and after every reconnect; return the subscription's id."""
        identifier = self._ddp.subscribe(stream.name, stream.params, self._clock.now(), urgent=urgent)
        self._poke()
        return identifier

    def hurry(self, identifier: str) -> None:
        """Let a subscription that still waits for the pace pass the others."""
        self._ddp.hurry(identifier, self._clock.now())
        self._poke()

    def unsubscribe(self, identifier: str) -> None:
        """Want a stream no more."""
        self._ddp.unsubscribe(identifier)
        self._poke()

    async def call(self, method: str, params: Sequence[object], *, seconds: float = CALL_SECONDS) -> object:
        """Call a realtime method and return its result, with times and bytes decoded.

        Raises ConnectFailed when nothing was sent, OutcomeUnknown when no answer came, else an ApiError.
        """
        if not self.live:
            raise ConnectFailed("the realtime connection is down", call=method)
        now = self._clock.now()
        sent = [ejson.encode(param) for param in params]
        identifier = self._ddp.call(method, sent, now, seconds=seconds)
        answer = asyncio.get_running_loop().create_future()
        self._answers[identifier] = answer
        self._outbound_at = now
        self._poke()
        try:
            return ejson.decode(await answer)
        finally:
            del self._answers[identifier]

    # One socket

    async def _one_socket(self) -> None:
        """Open a socket, serve it to its end, close it for good, and report why it ended."""
        self._drop.clear()
        self._reason = ""
        try:
            socket = await self._open()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self._down(f"no websocket: {type(error).__name__}")
            return
        broke = ""
        try:
            self._handle(self._ddp.opened(self._clock.now()))
            await first_of(self._read(socket), self._write(socket), self._keep_time(), self._drop.wait())
        except (aiohttp.ClientError, OSError) as error:
            broke = f"the socket broke: {type(error).__name__}"
        finally:
            with suppress(aiohttp.ClientError, OSError):
                await socket.close()
            reason = self._reason or broke or _closing(socket)
            self._handle(self._ddp.closed(reason, self._clock.now()))
            self._down(reason)

    async def _open(self) -> aiohttp.ClientWebSocketResponse:
        opening = asyncio.create_task(self._connect(), name="tolmach-realtime-open")
        try:
            await first_of(asyncio.shield(opening), self._clock.sleep(HANDSHAKE_SECONDS), self._dying.wait())
            if opening.done():
                return opening.result()
            raise TimeoutError
        finally:
            if not opening.done():
                await _undo(opening)

    async def _unless_dying(self, wait: Awaitable[None]) -> None:
        await first_of(wait, self._dying.wait())

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        return await self._http().ws_connect(
            self._url,
            timeout=_timeouts(None, _CLOSE_SECONDS),
            max_msg_size=MAX_FRAME,
        )

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            message = await socket.receive()
            if message.type is aiohttp.WSMsgType.TEXT:
                now = self._clock.now()
                self._handle(self._ddp.receive(message.data, now))
                due = self._ddp.next_deadline()
                if due is not None and due < self._sleeps_until:
                    self._to_time.set()
                if self._ddp.has_frames:
                    self._to_write.set()
            elif message.type is aiohttp.WSMsgType.BINARY:
                self._handle([BadFrame("a binary frame", "")])
            else:
                return

    async def _write(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while not self._ddp.wants_close:
            for text in self._ddp.frames_to_send():
                await socket.send_str(text)
            await self._to_write.wait()
            self._to_write.clear()

    async def _keep_time(self) -> None:
        while not self._ddp.wants_close:
            self._to_time.clear()
            due = self._ddp.next_deadline()
            wait = None if due is None else due - self._clock.now()
            if wait is not None and wait <= 0:
                self._handle(self._ddp.on_deadline(self._clock.now()))
                self._to_write.set()
                continue
            self._sleeps_until = float("inf") if due is None else due
            if wait is None:
                await self._to_time.wait()
            else:
                await first_of(self._clock.sleep(wait), self._to_time.wait())

    def _poke(self) -> None:
        self._to_write.set()
        self._to_time.set()

    # What the session says

    def _handle(self, events: Sequence[SessionEvent]) -> None:
        for event in events:
            match event:
                case StreamEvent():
                    self._inbound_at = self._clock.now()
                case LoggedIn():
                    self._state = replace(
                        self._state, connected=True, lifecycle="ready", last_connected_at=self._clock.now()
                    )
                case Dropped(reason):
                    self.drop(reason)
                case GaveUp(failure):
                    self.kill(_final(failure.code, failure.reason))
                case BadFrame(problem):
                    self.note(f"bad frame: {problem}")
                    log.warning("a frame was skipped: %s", problem)
                case Complaint(reason):
                    self.note(f"the server complains: {reason}")
                    log.warning("the server did not understand a frame: %s", reason)
                case CallDone(identifier, value):
                    self._answer(identifier, value)
                case CallFailed(identifier, method, failure):
                    self._answer(identifier, error_of(failure, method))
                case CallLost(identifier, method, sent, reason):
                    self._answer(identifier, _lost(sent, reason, method))
                case CallExpired(identifier, method, sent):
                    self._answer(identifier, _lost(sent, "no answer in time", method))
                case Subscribed() | SubscriptionEnded():
                    pass
            self._on_event(event)

    def _answer(self, identifier: str, value: object) -> None:
        future = self._answers.get(identifier)
        if future is None or future.done():
            return
        if isinstance(value, TolmachError):
            future.set_exception(value)
        else:
            future.set_result(value)

    def _disconnected(self, reason: str) -> None:
        if not self._state.connected:
            return
        self._state = replace(
            self._state,
            connected=False,
            lifecycle="blocked" if self._dead else "recovering",
            last_disconnect_at=self._clock.now(),
            last_disconnect_error=reason,
        )

    def _down(self, reason: str) -> None:
        self._reason = reason
        self._disconnected(reason)
        if self._dead is None:
            self._state = replace(self._state, lifecycle="recovering", last_error=reason)
        self._on_down(reason)


async def _undo(opening: "asyncio.Task[aiohttp.ClientWebSocketResponse]") -> None:
    """End an attempt to connect, and the socket if it came about in the meantime."""
    opening.cancel()
    with suppress(asyncio.CancelledError, aiohttp.ClientError, OSError):
        socket = await opening
        await socket.close()


def _closing(socket: aiohttp.ClientWebSocketResponse) -> str:
    code = socket.close_code
    return f"closed by the server ({code})" if code else "the socket broke"


def _final(code: str, reason: str) -> TolmachError:
    if code == "version":
        return RemoteProtocolError(reason, call="connect")
    return Unauthorized(reason or "the login was refused", status=0, code=code, call="login")


def _lost(sent: bool, reason: str, method: str) -> TolmachError:
    return (OutcomeUnknown if sent else ConnectFailed)(reason, call=method)
