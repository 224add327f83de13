"""A DDP client session without a socket: frames in, events out, frames out, next deadline out.

What it is for: everything that Rocket.Chat's realtime protocol demands of a client, as a value that a
test can drive by hand. A driver opens a socket and tells ``opened``; passes every text to ``receive``;
sends what ``frames_to_send`` returns after each call; wakes at ``next_deadline`` for ``on_deadline``;
closes the socket when the session ``wants_close``, and then tells ``closed``. What it must not do:
perform I/O, read a clock (``now`` is an argument, in seconds), or raise on what the peer sent.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from tolmach.rocketchat import ddp_frames as frames
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
from tolmach.rocketchat.ddp_frames import Failure
from tolmach.rocketchat.ddp_pace import Pace
from tolmach.rocketchat.ddp_table import TRANSITIONS, Action, State, Trigger

__all__ = ["CALL_SECONDS", "HANDSHAKE_SECONDS", "PONG_SECONDS", "SILENCE_SECONDS", "Session"]

SILENCE_SECONDS = 15.0
"""A socket that says nothing for so long is asked whether it lives."""
PONG_SECONDS = 15.0
"""It has so long to answer, by any frame."""
HANDSHAKE_SECONDS = 15.0
"""The server has so long to answer ``connect``, and so long again for the login."""
CALL_SECONDS = 30.0
"""A method has so long unless the caller says otherwise."""
_THROTTLED = "too-many-requests"
_THROTTLED_SECONDS = 10.0
_NEEDS_A_PERSON = frozenset({"totp-required", "totp-invalid", "error-user-is-not-activated"})


@dataclass(slots=True, eq=False)
class _Ask:
    """One subscription or call that has an id and may have to wait for its turn."""

    id: str
    name: str
    params: Sequence[object]
    is_sub: bool
    deadline: float = 0.0
    sent: bool = False


class Session:
    """Speak DDP for one account, over as many sockets as it takes, one after the other.

    ``login`` returns the parameter of the ``login`` method, ``{"resume": token}`` or a password object;
    it is asked at each login and never kept.
    """

    def __init__(self, login: Callable[[], Mapping[str, object]], *, pace: Pace | None = None) -> None:
        self._login = login
        self._pace = pace or Pace()
        self._state = State.OFFLINE
        self._count = 0
        self._refusals = 0
        self._login_id = ""
        self._login_at: float | None = None
        self._due = 0.0
        self._heard = 0.0
        self._pinged: float | None = None
        self._wanted: dict[str, _Ask] = {}
        self._calls: dict[str, _Ask] = {}
        self._waiting: deque[_Ask] = deque()
        self._release_at: float | None = None
        self._out: list[str] = []

    @property
    def state(self) -> State:
        """Return where the session is."""
        return self._state

    @property
    def wants_close(self) -> bool:
        """Tell whether the socket, if there is one, has to be closed by the driver."""
        return self._state in (State.DROPPING, State.DEAD)

    @property
    def subscriptions(self) -> Sequence[str]:
        """Return the ids of all wanted subscriptions, in the order in which they are sent."""
        return tuple(self._wanted)

    # In

    def opened(self, now: float) -> list[SessionEvent]:
        """Note that a new socket is open."""
        self._heard, self._pinged = now, None
        return self._step(Trigger.OPENED, now)

    def closed(self, reason: str, now: float) -> list[SessionEvent]:
        """Note that the socket is gone: calls are lost, subscriptions stay wanted."""
        return self._step(Trigger.CLOSED, now, Failure("closed", reason))

    def receive(self, text: str, now: float) -> list[SessionEvent]:
        """Take one text frame and return what it means."""
        if self._state is State.OFFLINE or self.wants_close:
            return []
        # Any frame proves that the way is open in both directions, so any frame serves as a pong.
        self._heard, self._pinged = now, None
        return self._take(frames.parse(text), now)

    def call(
        self, method: str, params: Sequence[object], now: float, *, seconds: float = CALL_SECONDS
    ) -> str:
        """Call a method once the session is live; return the id that its one event will carry."""
        ask = _Ask(self._next_id("c"), method, params, is_sub=False, deadline=now + seconds)
        self._calls[ask.id] = ask
        self._waiting.append(ask)
        self._release(now)
        return ask.id

    def subscribe(self, name: str, params: Sequence[object], now: float, *, urgent: bool = False) -> str:
        """Want a subscription on this socket and all later ones; return its id.

        ``urgent`` lets it pass those that wait for the pace.
        """
        ask = _Ask(self._next_id("s"), name, params, is_sub=True)
        self._wanted[ask.id] = ask
        if self._state is State.LIVE:
            (self._waiting.appendleft if urgent else self._waiting.append)(ask)
            self._release(now)
        return ask.id

    def hurry(self, identifier: str, now: float) -> None:
        """Let a subscription that still waits for the pace pass the others."""
        ask = self._wanted.get(identifier)
        if ask is not None and ask in self._waiting:
            self._waiting.remove(ask)
            self._waiting.appendleft(ask)
            self._release(now)

    def unsubscribe(self, identifier: str) -> None:
        """Want a subscription no more; unknown ids are ignored."""
        ask = self._wanted.pop(identifier, None)
        if ask is None:
            return
        if ask.sent:
            self._out.append(frames.unsub(identifier))
        elif ask in self._waiting:
            self._waiting.remove(ask)

    # Out

    def frames_to_send(self) -> list[str]:
        """Return the frames that are ready to go, each once, in order."""
        out, self._out = self._out, []
        return out

    @property
    def has_frames(self) -> bool:
        """Tell whether ``frames_to_send`` would return something."""
        return bool(self._out)

    def next_deadline(self) -> float | None:
        """Return when ``on_deadline`` has to be called next; None while only a frame can matter."""
        due = [ask.deadline for ask in self._calls.values()]
        match self._state:
            case State.GREETING | State.LOGIN:
                due.append(self._due if self._login_at is None else self._login_at)
            case State.LIVE:
                due.append(self._heartbeat_at())
                if self._release_at is not None:
                    due.append(self._release_at)
            case _:
                pass
        return min(due, default=None)

    def on_deadline(self, now: float) -> list[SessionEvent]:
        """Do whatever is due by ``now``; calling it early does nothing."""
        events: list[SessionEvent] = []
        if self._state in (State.GREETING, State.LOGIN):
            if self._login_at is not None:
                if now >= self._login_at:
                    self._log_in(now)
            elif now >= self._due:
                events += self._step(Trigger.TOO_LATE, now)
        elif self._state is State.LIVE and now >= self._heartbeat_at():
            if self._pinged is None:
                self._pinged = now
                self._out.append(frames.ping(self._next_id("p")))
            else:
                events += self._step(Trigger.NO_PONG, now)
        events += self._expire(now)
        if self._release_at is not None and now >= self._release_at:
            self._release(now)
        return events

    # Frames

    def _take(self, frame: frames.Frame, now: float) -> list[SessionEvent]:
        match frame:
            case frames.Changed(collection, event, args):
                return [StreamEvent(collection, event, args)]
            case frames.Ping(identifier):
                self._out.append(frames.pong(identifier))
                return []
            case frames.Result(identifier, value, failure):
                if identifier == self._login_id and self._state is State.LOGIN:
                    return self._login_answered(value, failure, now)
                return self._call_answered(identifier, value, failure, now)
            case frames.Ready(subs):
                return [Subscribed(sub) for sub in subs if sub in self._wanted]
            case frames.NoSub(identifier, failure):
                return self._sub_ended(identifier, failure, now)
            case frames.Accepted():
                return self._step(Trigger.CONNECTED, now)
            case frames.VersionRefused(version):
                problem = Failure("version", f"the server speaks DDP version {version or 'unknown'} only")
                return self._step(Trigger.VERSION_REFUSED, now, problem)
            case frames.ProtocolComplaint(reason):
                return [Complaint(reason)]
            case frames.Garbage(problem, excerpt):
                return [BadFrame(problem, excerpt)]
            case frames.Greeting() | frames.Other() | frames.Pong():
                return []

    def _login_answered(self, value: object, failure: Failure | None, now: float) -> list[SessionEvent]:
        if failure is None:
            user_id = cast("dict[str, object]", value).get("id") if isinstance(value, dict) else None
            if not isinstance(user_id, str):
                return self._step(Trigger.LOGIN_FAILED, now, Failure("login", "the answer names no user"))
            self._refusals = 0
            return [LoggedIn(user_id), *self._step(Trigger.LOGIN_OK, now)]
        if failure.code == "403":
            self._refusals += 1
            again = Trigger.LOGIN_REFUSED_AGAIN if self._refusals > 1 else Trigger.LOGIN_REFUSED
            return self._step(again, now, failure)
        if failure.code == _THROTTLED:
            return self._step(Trigger.LOGIN_THROTTLED, now, failure)
        barred = failure.code in _NEEDS_A_PERSON
        return self._step(Trigger.LOGIN_BARRED if barred else Trigger.LOGIN_FAILED, now, failure)

    def _call_answered(
        self, identifier: str, value: object, failure: Failure | None, now: float
    ) -> list[SessionEvent]:
        ask = self._calls.get(identifier)
        if ask is None:
            # Answered already, expired, or never ours: a second answer changes nothing.
            return []
        if failure is None:
            del self._calls[identifier]
            return [CallDone(identifier, value)]
        wait = now + _seconds_to_wait(failure)
        if failure.code == _THROTTLED and wait < ask.deadline:
            # Refused before it was done, so a repeat is safe.
            self._pause(ask, wait)
            return []
        del self._calls[identifier]
        return [CallFailed(identifier, ask.name, failure)]

    def _sub_ended(self, identifier: str, failure: Failure | None, now: float) -> list[SessionEvent]:
        ask = self._wanted.get(identifier)
        if ask is None:
            return []
        if failure is not None and failure.code == _THROTTLED:
            self._pause(ask, now + _seconds_to_wait(failure))
            return []
        del self._wanted[identifier]
        return [SubscriptionEnded(identifier, ask.name, ask.params, failure)]

    # State

    def _step(self, trigger: Trigger, now: float, failure: Failure | None = None) -> list[SessionEvent]:
        """Look the trigger up and do what the table says; the only place that changes the state."""
        found = TRANSITIONS[self._state].get(trigger)
        if found is None:
            return [BadFrame("out of turn", trigger.value)]
        self._state, action = found
        match action:
            case Action.GREET:
                self._due = now + HANDSHAKE_SECONDS
                self._out.append(frames.connect())
            case Action.LOG_IN:
                self._log_in(now)
            case Action.LOG_IN_LATER:
                self._login_at = now + (_seconds_to_wait(failure) if failure else _THROTTLED_SECONDS)
            case Action.GO_LIVE:
                unsent = [ask for ask in self._calls.values() if not ask.sent]
                self._waiting = deque([*self._wanted.values(), *unsent])
                self._release(now)
            case Action.DROP:
                return [Dropped(_reason(trigger, failure))]
            case Action.GIVE_UP:
                return [GaveUp(failure or Failure(trigger.value))]
            case Action.LOSE_CALLS:
                return self._lose_calls(failure.reason if failure else "")
        return []

    def _log_in(self, now: float) -> None:
        self._login_id = self._next_id("l")
        self._login_at = None
        self._due = now + HANDSHAKE_SECONDS
        self._out.append(frames.method(self._login_id, "login", [self._login()]))

    def _lose_calls(self, reason: str) -> list[SessionEvent]:
        lost = [CallLost(ask.id, ask.name, ask.sent, reason) for ask in self._calls.values()]
        self._calls.clear()
        self._waiting.clear()
        self._out.clear()
        self._pace.forget()
        self._release_at = self._login_at = self._pinged = None
        for ask in self._wanted.values():
            ask.sent = False
        return list[SessionEvent](lost)

    # Time

    def _heartbeat_at(self) -> float:
        return self._heard + SILENCE_SECONDS if self._pinged is None else self._pinged + PONG_SECONDS

    def _expire(self, now: float) -> list[SessionEvent]:
        late = [ask for ask in self._calls.values() if ask.deadline <= now]
        for ask in late:
            del self._calls[ask.id]
            if not ask.sent and ask in self._waiting:
                self._waiting.remove(ask)
        return [CallExpired(ask.id, ask.name, ask.sent) for ask in late]

    def _pause(self, ask: _Ask, until: float) -> None:
        self._pace.pause(ask.name, until)
        if not ask.sent:
            return
        ask.sent = False
        self._waiting.appendleft(ask)
        self._release_at = until if self._release_at is None else min(until, self._release_at)

    def _release(self, now: float) -> None:
        """Send what waits, in order, as far as the pace of each name allows."""
        if self._state is not State.LIVE:
            return
        self._release_at = None
        held: set[tuple[str, bool]] = set()
        still: deque[_Ask] = deque()
        for ask in self._waiting:
            kind = (ask.name, ask.is_sub)
            free = now if kind in held else self._pace.free_at(ask.name, now, sub=ask.is_sub)
            if kind in held or free > now:
                if kind not in held:
                    held.add(kind)
                    self._release_at = free if self._release_at is None else min(free, self._release_at)
                still.append(ask)
                continue
            self._pace.record(ask.name, now)
            ask.sent = True
            write = frames.sub if ask.is_sub else frames.method
            self._out.append(write(ask.id, ask.name, ask.params))
        self._waiting = still

    def _next_id(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"


def _seconds_to_wait(failure: Failure) -> float:
    return _THROTTLED_SECONDS if failure.retry_after is None else failure.retry_after


def _reason(trigger: Trigger, failure: Failure | None) -> str:
    return f"{trigger.value} ({failure.reason or failure.code})" if failure else trigger.value
