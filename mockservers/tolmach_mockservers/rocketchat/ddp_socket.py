"""One live realtime connection: the session's requests carried out, events passed on, faults.

What it is for: joining the pure session, the methods, the streams, limits, faults and the
journal. What it must not do: know aiohttp; it writes to a `Pipe`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, cast

from tolmach_mockservers.contract import Contract, NoContract
from tolmach_mockservers.faults import Do
from tolmach_mockservers.kernel import Kernel
from tolmach_mockservers.rocketchat import ddp_methods, people, streams
from tolmach_mockservers.rocketchat.ddp_session import (
    Call,
    Phase,
    Request,
    ServerSession,
    Subscribe,
    Unsubscribe,
)
from tolmach_mockservers.rocketchat.errors import MeteorError, PlainError
from tolmach_mockservers.rocketchat.limits import DdpLimiter
from tolmach_mockservers.rocketchat.model import Person
from tolmach_mockservers.rocketchat.redaction import redacted
from tolmach_mockservers.rocketchat.state import State
from tolmach_mockservers.rocketchat.streams import Event, Streams, websocket_frame
from tolmach_mockservers.rocketchat.wire import Json, ddp_error, too_many_requests

__all__ = ["FAKE", "Pipe", "Realtime", "Socket"]

FAKE: Final = "rocketchat"
_MOST_BUFFERED: Final = 4 * 1024 * 1024
_SLOW_READER: Final = b"\x88\x02" + (1013).to_bytes(2, "big")
_CLOSE: Final = b"\x88\x00"
_EVENT_NAME_FIRST: Final = (streams.MESSAGES, streams.ROOM)


class Pipe(Protocol):
    """Stand for what carries bytes to the client."""

    def write(self, data: bytes) -> None:
        """Send bytes without waiting."""
        ...

    def close(self) -> None:
        """Close after what was written."""
        ...

    def abort(self) -> None:
        """Close at once, whatever is still to be sent."""
        ...

    def get_write_buffer_size(self) -> int:
        """Return how many bytes are not on their way yet."""
        ...


@dataclass(slots=True)
class Realtime:
    """Bundle what all sockets of one server share."""

    kernel: Kernel
    state: State
    streams: Streams
    limiter: DdpLimiter
    contract: Contract = field(default_factory=NoContract)


class Socket:
    """Be one client's connection, from the greeting to the end."""

    def __init__(self, shared: Realtime, socket_id: str, pipe: Pipe, ip: str) -> None:
        self._shared = shared
        self._pipe = pipe
        self._ip = ip
        self._subs: dict[str, tuple[str, str]] = {}
        self._held: Event | None = None
        self._token: str | None = None
        self.id = socket_id
        self.person_id: str | None = None
        self.opened_at = shared.kernel.clock.now()
        self.session = ServerSession(socket_id, self.opened_at)
        self.live = True
        self.silent = False
        self._note("socket.open")
        self._flush("server_id")

    @property
    def person(self) -> Person | None:
        """Return who is logged in here."""
        return None if self.person_id is None else self._shared.state.person(self.person_id)

    # from the client

    async def on_text(self, text: str) -> None:
        """Take a text frame; a half-open connection hears nothing."""
        if self.silent:
            return
        if self._shared.kernel.strict:
            self._check("client", text)
        now = self._shared.kernel.clock.now()
        requests = self.session.receive(text, now)
        if not requests:
            self._note_in(text, _message_kind(text))
            self._flush(None)
        for request in requests:
            await self._carry_out(request, text)
        if self.session.phase is Phase.CLOSED:
            self.drop()

    def on_binary(self) -> None:
        """Take a binary frame, which ends the connection."""
        if not self.silent:
            self.session.refuse_binary()
            self._flush(None)
            self.drop()

    def on_deadline(self) -> None:
        """Let the heartbeat do what is due."""
        if not self.silent:
            self.session.on_deadline(self._shared.kernel.clock.now())
            self._flush("ping")
            if self.session.phase is Phase.CLOSED:
                self.drop()

    def closed(self) -> None:
        """Forget the connection, whoever ended it."""
        if not self.live:
            return
        self.live = False
        self._drop_subs()
        self._shared.streams.forget(self, self._token)
        self._note("socket.close")

    # to the client

    def deliver(self, event: Event) -> None:
        """Send a stream event, unless a fault has other plans."""
        if self.silent or not self.live:
            return
        do = self._shared.kernel.faults.take(
            FAKE,
            operation=event.collection,
            actor=self.person_id,
            room_id=event.room_id,
            direction="out",
            text=event.said,
        )
        if do is None:
            self._send_event(event)
        else:
            self._send_faulty(event, do)
        if self._held is not None and self._held is not event:
            held, self._held = self._held, None
            self._send_event(held)

    def inject(self, text: str) -> None:
        """Send raw text, whatever it is."""
        self._write(websocket_frame(text))
        self._note("ddp.out", operation="injected", detail={"socket": self.id, "raw": text})

    def drop(self) -> None:
        """Close the connection from this side."""
        if self.live:
            self._pipe.write(_CLOSE)
            self.cut()

    def cut(self) -> None:
        """End the connection without a word."""
        self._pipe.close()
        self.closed()

    # requests

    async def _carry_out(self, request: Request, text: str) -> None:
        if isinstance(request, Unsubscribe):
            self._note_in(text, "unsub")
            self._unsubscribe(request.id)
            self._flush("unsub")
            return
        name = request.method if isinstance(request, Call) else request.name
        rid, thread, said = _subject(name, request.params)
        self._note_in(text, name, room_id=rid, thread_id=thread, said=said)
        do = self._shared.kernel.faults.take(
            FAKE, operation=name, actor=self.person_id, room_id=rid, direction="in", text=said
        )
        if do is not None and do.kind == "delay":
            await self._shared.kernel.clock.sleep(do.seconds)
        elif do is not None and do.kind == "cut_before":
            self.cut()
            return
        elif do is not None and do.kind == "lose":
            return
        refusal = self._refusal(name, do)
        if refusal is not None:
            self._refuse(request, refusal)
        elif isinstance(request, Call):
            self._call(request, rid)
        else:
            self._subscribe(request)
        if do is not None and do.kind == "cut_after_commit":
            self.session.frames_to_send()
            self.cut()
            return
        self._flush(name)

    def _refusal(self, name: str, do: Do | None) -> Exception | None:
        if do is not None and do.kind == "status":
            return MeteorError(do.status, str((do.body or {}).get("error", "Internal server error")))
        if do is not None and do.kind == "rate_limit":
            return too_many_requests(int(do.wait * 1000), ddp=True)
        if not self._shared.state.settings.flag("DDP_Rate_Limit_Enabled"):
            return None
        wait = self._shared.limiter.wait(
            ip=self._ip,
            user=self.person_id,
            connection=self.id,
            name=name,
            now=int(self._shared.kernel.clock.now() * 1000),
        )
        return None if wait is None else too_many_requests(wait, ddp=True)

    def _refuse(self, request: Call | Subscribe, error: Exception) -> None:
        if isinstance(request, Call):
            self.session.failure(request.id, ddp_error(error))
        else:
            self.session.nosub(request.id, ddp_error(error))

    def _call(self, request: Call, rid: str | None) -> None:
        state = self._shared.state
        try:
            if request.method == "login":
                self._log_in(request)
            elif request.method == "logout":
                self.session.result(request.id, has_value=False)
                self._log_out()
            elif request.method == streams.ROOM:
                self._activity(request.params, rid)
                self.session.result(request.id, has_value=False)
            else:
                value = ddp_methods.call(state, self.person, request.method, request.params)
                self.session.result(request.id, value, has_value=value is not ddp_methods.NOTHING)
        except (MeteorError, PlainError) as error:
            if isinstance(error, MeteorError) and error.code == 404:
                self._shared.kernel.violation(
                    FAKE,
                    f"unknown method {request.method}",
                    {"socket": self.id},
                    operation=request.method,
                    actor=self.person_id,
                )
            self.session.failure(request.id, ddp_error(error))

    def _log_in(self, request: Call) -> None:
        person, token, answer = ddp_methods.login(self._shared.state, request.params)
        self._shared.streams.forget(self, self._token)
        self.person_id, self._token = person.id, token
        self._shared.streams.logged_in(self, token)
        self._note("socket.login")
        fields: Json = {
            "username": person.username,
            "emails": [{"address": person.email, "verified": True}],
        }
        self.session.added("users", person.id, fields)
        self.session.result(request.id, answer)

    def _log_out(self) -> None:
        person, token = self.person, self._token
        self._shared.streams.forget(self, token)
        self.person_id = self._token = None
        if person is not None and token is not None:
            people.log_out(self._shared.state, person, token)
        # Meteor runs every subscription again without a user; those that need one are refused.
        for sub_id, (name, key) in list(self._subs.items()):
            try:
                self._shared.streams.check(None, name, key)
            except MeteorError as error:
                self._shared.streams.unsubscribe(self, sub_id, name, key)
                del self._subs[sub_id]
                self.session.nosub(sub_id, ddp_error(error))

    def _activity(self, params: list[object], rid: str | None) -> None:
        """Publish typing; anything wrong with it is dropped without a word, as the server does."""
        person, state = self.person, self._shared.state
        room = None if rid is None else state.room(rid)
        if person is None or room is None or len(params) < 3 or not state.can_access(person, room):
            return
        key, name, what = str(params[0]), params[1], params[2]
        if name != (person.name if state.settings.flag("UI_Use_Real_Name") else person.username):
            return
        if key.partition("/")[2] not in {"user-activity", "typing"}:
            return
        extra = params[3] if len(params) > 3 else None
        thread = extra.get("tmid") if isinstance(extra, dict) else None
        self._note(
            "typing",
            operation=streams.ROOM,
            room_id=room.id,
            thread_id=thread if isinstance(thread, str) else None,
            detail={"on": bool(what)},
        )
        self._shared.streams.activity(room, key, params[1:], self)

    def _subscribe(self, request: Subscribe) -> None:
        if request.id in self._subs:
            return
        if request.name in streams.PLAIN:
            self.session.ready(request.id)
            return
        key = request.params[0] if request.params else ""
        key = key if isinstance(key, str) else ""
        try:
            self._shared.streams.subscribe(self, request.id, request.name, key)
        except MeteorError as error:
            if error.code == 404:
                self._shared.kernel.violation(
                    FAKE,
                    f"unknown subscription {request.name}",
                    {"socket": self.id},
                    operation=request.name,
                    actor=self.person_id,
                )
            self.session.nosub(request.id, ddp_error(error))
            return
        self._subs[request.id] = (request.name, key)
        option = request.params[1] if len(request.params) > 1 else None
        if option is True or (isinstance(option, dict) and option.get("useCollection") is True):
            self.session.added(request.name, "id", {"eventName": key})
        self.session.ready(request.id)

    def _unsubscribe(self, sub_id: str) -> None:
        known = self._subs.pop(sub_id, None)
        if known is not None:
            self._shared.streams.unsubscribe(self, sub_id, *known)
        self.session.nosub(sub_id)

    def _drop_subs(self) -> None:
        for sub_id, (name, key) in self._subs.items():
            self._shared.streams.unsubscribe(self, sub_id, name, key)
        self._subs.clear()

    # sending and writing down

    def _check(self, sender: Literal["client", "server"], text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            frame = None
        self._shared.contract.frame(sender, frame, actor=self.person_id)

    def _send_event(self, event: Event) -> None:
        if self._shared.kernel.strict and not event.spoilt:
            self._check("server", event.text)
        self._write(event.wire)
        self._note(
            "ddp.out",
            operation=event.collection,
            room_id=event.room_id,
            text=event.said,
            detail=_EventDetail(self.id, event),
        )

    def _send_faulty(self, event: Event, do: Do) -> None:
        match do.kind:
            case "lose":
                return
            case "duplicate":
                self._send_event(event)
                self._send_event(event)
            case "reorder":
                self._held = event
            case "delay":
                self._shared.kernel.clock.call_later(do.seconds, lambda: self._send_late(event))
            case "garbage":
                self.inject(do.text)
                self._send_event(event)
            case "strip":
                self._send_event(event.without(do.field))
            case "cut_before":
                self.cut()
            case "cut_after_commit":
                self._send_event(event)
                self.cut()
            case _:
                self._send_event(event)

    def _send_late(self, event: Event) -> None:
        if self.live and not self.silent:
            self._send_event(event)

    def _flush(self, operation: str | None) -> None:
        for text in self.session.frames_to_send():
            if self._shared.kernel.strict:
                self._check("server", text)
            self._write(websocket_frame(text))
            self._note(
                "ddp.out",
                operation=operation or _message_kind(text),
                detail=_FrameDetail(self.id, text),
            )

    def _write(self, data: bytes) -> None:
        if self.silent or not self.live:
            return
        if self._pipe.get_write_buffer_size() > _MOST_BUFFERED:
            # A reader that is 4 MiB behind is cut off instead of filling the memory. The code says
            # why, but what stands before it in the buffer may never be read.
            self._pipe.write(_SLOW_READER)
            self._pipe.abort()
            self.closed()
            return
        self._pipe.write(data)

    def _note_in(
        self,
        text: str,
        operation: str,
        *,
        room_id: str | None = None,
        thread_id: str | None = None,
        said: str | None = None,
    ) -> None:
        self._note(
            "ddp.in",
            operation=operation,
            room_id=room_id,
            thread_id=thread_id,
            text=said,
            detail=_FrameDetail(self.id, text),
        )

    def _note(
        self,
        kind: str,
        *,
        operation: str | None = None,
        room_id: str | None = None,
        thread_id: str | None = None,
        text: str | None = None,
        detail: "Mapping[str, object] | _FrameDetail | _EventDetail | None" = None,
    ) -> None:
        self._shared.kernel.journal.record(
            fake=FAKE,
            kind=kind,
            actor=self.person_id,
            room_id=room_id,
            thread_id=thread_id,
            operation=operation,
            text=text,
            detail={"socket": self.id} if detail is None else detail,
        )


class _FrameDetail:
    """Make the journal's detail of a frame when somebody reads it."""

    __slots__ = ("_socket_id", "_text")

    def __init__(self, socket_id: str, text: str) -> None:
        self._socket_id = socket_id
        self._text = text

    def __call__(self) -> Mapping[str, object]:
        try:
            frame: object = redacted(json.loads(self._text))
        except ValueError:
            frame = self._text
        return {"socket": self._socket_id, "frame": frame}


class _EventDetail:
    """Make the journal's detail of an event when somebody reads it."""

    __slots__ = ("_event", "_socket_id")

    def __init__(self, socket_id: str, event: Event) -> None:
        self._socket_id = socket_id
        self._event = event

    def __call__(self) -> Mapping[str, object]:
        return {"socket": self._socket_id, "frame": self._event.frame()}


def _message_kind(text: str) -> str:
    try:
        frame = json.loads(text)
    except ValueError:
        return "garbage"
    return str(frame.get("msg", "server_id")) if isinstance(frame, dict) else "garbage"


def _subject(name: str, params: list[object]) -> tuple[str | None, str | None, str | None]:
    """Return room, thread and text that a request is about, as far as it says."""
    first = params[0] if params else None
    if isinstance(first, dict):
        given = cast("Mapping[str, object]", first)
        found = [given.get(field) for field in ("rid", "tmid", "msg")]
        rid, thread, said = (each if isinstance(each, str) else None for each in found)
        return rid, thread, said
    if isinstance(first, str) and name in _EVENT_NAME_FIRST and first != streams.MY_MESSAGES:
        return first.partition("/")[0], None, None
    return (first if isinstance(first, str) and name in {"joinRoom", "loadHistory"} else None), None, None
