"""The server's side of one DDP connection, without a socket: frames in, requests and frames out.

What it is for: the protocol and nothing else: who may say what when, heartbeat, the shape of
answers. The driver reads a frame, calls `receive`, carries out the requests it returns, sends what
`frames_to_send` holds, and wakes at `next_deadline`. What it must not do: I/O, read a clock, or
know a method's or a stream's meaning.
Source: https://github.com/meteor/meteor/blob/devel/packages/ddp/DDP.md
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, cast

from tolmach_mockservers.rocketchat.wire import Json, ejson, unwrap

__all__ = ["Call", "Phase", "Request", "ServerSession", "Subscribe", "Unsubscribe"]

SILENCE: Final = 15.0
"""Seconds without a frame after which the server pings, and after which again it gives up."""

_ROUNDING: Final = 1e-6
"""Seconds that adding up floating times may lose."""

_VERSIONS: Final = ("1", "pre2", "pre1")


class Phase(Enum):
    """Where a connection stands."""

    NEW = "new"
    CONNECTED = "connected"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Call:
    """Ask for a method; the parameters hold `Stamp` for dates."""

    id: str
    method: str
    params: list[object]


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Ask for a publication."""

    id: str
    name: str
    params: list[object]


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Give a subscription back."""

    id: str


Request = Call | Subscribe | Unsubscribe


class ServerSession:
    """Speak DDP version 1 as the single-container server does."""

    def __init__(self, session_id: str, now: float) -> None:
        self.id = session_id
        self.phase = Phase.NEW
        self._out: list[str] = ['{"server_id":"0"}']
        self._last_heard = now
        self._pinged_at: float | None = None
        self._pings = 0
        # What a connected client may say.
        self._connected: Mapping[str, Callable[[Mapping[str, object]], Request | None]] = {
            "connect": self._connect_again,
            "ping": self._ping,
            "pong": self._pong,
            "method": self._method,
            "sub": self._sub,
            "unsub": self._unsub,
        }

    # in

    def receive(self, text: str, now: float) -> list[Request]:
        """Take one text frame; return what it asks of the application."""
        if self.phase is Phase.CLOSED:
            return []
        self._last_heard = now
        self._pinged_at = None
        try:
            frame = json.loads(text)
        except ValueError:
            self._out.append('{"msg":"error","reason":"Parse error"}')
            return []
        if not isinstance(frame, dict) or not isinstance(frame.get("msg"), str):
            self._protocol_error("Bad request", frame)
            return []
        known = cast("Mapping[str, object]", frame)
        if self.phase is Phase.NEW:
            if frame["msg"] == "connect":
                self._connect(known)
            else:
                self._protocol_error("Must connect first", frame)
            return []
        handle = self._connected.get(str(frame["msg"]))
        if handle is None:
            self._protocol_error("Bad request", frame)
            return []
        request = handle(known)
        return [] if request is None else [request]

    def refuse_binary(self) -> None:
        """Answer a binary frame, which DDP has none of, and close."""
        self._out.append('{"msg":"error","reason":"Bad request"}')
        self.phase = Phase.CLOSED

    # out

    def frames_to_send(self) -> list[str]:
        """Return the frames made since the last call, in order."""
        frames, self._out = self._out, []
        return frames

    def result(self, call_id: str, value: object = None, *, has_value: bool = True) -> None:
        """Answer a call. Meteor says "updated" first, as here; a client must not rely on it."""
        self.updated(call_id)
        frame: Json = {"msg": "result", "id": call_id}
        if has_value:
            frame["result"] = value
        self._out.append(ejson(frame))

    def failure(self, call_id: str, error: Mapping[str, object]) -> None:
        """Answer a call with an error object."""
        self.updated(call_id)
        self._out.append(ejson({"msg": "result", "id": call_id, "error": error}))

    def updated(self, call_id: str) -> None:
        """Say that a call's writes are done."""
        self._out.append(ejson({"msg": "updated", "methods": [call_id]}))

    def ready(self, sub_id: str) -> None:
        """Say that a subscription runs."""
        self._out.append(ejson({"msg": "ready", "subs": [sub_id]}))

    def nosub(self, sub_id: str, error: Mapping[str, object] | None = None) -> None:
        """Say that a subscription does not run, or no longer."""
        frame: Json = {"msg": "nosub", "id": sub_id}
        if error is not None:
            frame["error"] = error
        self._out.append(ejson(frame))

    def added(self, collection: str, document_id: str, fields: Mapping[str, object]) -> None:
        """Publish a document."""
        self._out.append(
            ejson({"msg": "added", "collection": collection, "id": document_id, "fields": fields})
        )

    # time

    def next_deadline(self) -> float | None:
        """Return when `on_deadline` wants to be called, in seconds of the same clock."""
        if self.phase is Phase.CLOSED:
            return None
        return (self._last_heard if self._pinged_at is None else self._pinged_at) + SILENCE

    def on_deadline(self, now: float) -> None:
        """Ping a silent client; close when the ping got no answer."""
        deadline = self.next_deadline()
        if deadline is None or now + _ROUNDING < deadline:
            return
        if self._pinged_at is not None:
            self.phase = Phase.CLOSED
        elif self.phase is Phase.NEW:
            # Nobody is pinged before the handshake; who never connects is dropped.
            self._pinged_at = now
        else:
            self._pings += 1
            self._pinged_at = now
            self._out.append(f'{{"msg":"ping","id":"{self._pings}"}}')

    # one function per message

    def _connect(self, frame: Mapping[str, object]) -> None:
        version, support = frame.get("version"), frame.get("support")
        offered = cast("list[object]", support) if isinstance(support, list) else []
        best = next((each for each in offered if each in _VERSIONS), _VERSIONS[0])
        if version not in offered or version != best:
            self._out.append(ejson({"msg": "failed", "version": best}))
            self.phase = Phase.CLOSED
            return
        self.phase = Phase.CONNECTED
        self._out.append(ejson({"msg": "connected", "session": self.id}))

    def _connect_again(self, frame: Mapping[str, object]) -> None:
        self._protocol_error("Already connected", frame)

    def _ping(self, frame: Mapping[str, object]) -> None:
        answer: Json = {"msg": "pong"}
        if "id" in frame:
            answer["id"] = frame["id"]
        self._out.append(ejson(answer))

    def _pong(self, frame: Mapping[str, object]) -> None:
        """Only having heard it matters."""

    def _method(self, frame: Mapping[str, object]) -> Request | None:
        call_id, method, params = frame.get("id"), frame.get("method"), frame.get("params", [])
        if not isinstance(call_id, str) or not isinstance(method, str) or not isinstance(params, list):
            self._protocol_error("Malformed method invocation", frame)
            return None
        return Call(call_id, method, [unwrap(each) for each in params])

    def _sub(self, frame: Mapping[str, object]) -> Request | None:
        sub_id, name, params = frame.get("id"), frame.get("name"), frame.get("params", [])
        if not isinstance(sub_id, str) or not isinstance(name, str) or not isinstance(params, list):
            self._protocol_error("Malformed subscription", frame)
            return None
        return Subscribe(sub_id, name, [unwrap(each) for each in params])

    def _unsub(self, frame: Mapping[str, object]) -> Request | None:
        sub_id = frame.get("id")
        if isinstance(sub_id, str):
            return Unsubscribe(sub_id)
        self._protocol_error("Bad request", frame)
        return None

    def _protocol_error(self, reason: str, frame: object) -> None:
        self._out.append(ejson({"msg": "error", "reason": reason, "offendingMessage": frame}))
