"""Who hears what: subscriptions of all sockets, and the events that state changes become.

What it is for: each event is serialised once, whatever the number of sockets. What it must not
do: own a socket, or decide a rule of rooms and messages.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Protocol, cast

from tolmach_mockservers.rocketchat.documents import (
    message_document,
    room_document,
    subscription_document,
    user_reference,
)
from tolmach_mockservers.rocketchat.errors import MeteorError
from tolmach_mockservers.rocketchat.model import Message, Person, Room, Subscription
from tolmach_mockservers.rocketchat.state import State
from tolmach_mockservers.rocketchat.wire import Json, Stamp, changed_frame, ejson

__all__ = ["Event", "Listener", "Streams"]

MY_MESSAGES = "__my_messages__"
MESSAGES = "stream-room-messages"
ROOM = "stream-notify-room"
USER = "stream-notify-user"

_LOGIN_ONLY = frozenset({"stream-notify-logged", "stream-roles", "stream-user-presence"})
_ANYBODY = frozenset({"stream-notify-all", "stream-importers"})
PLAIN = frozenset({"meteor.loginServiceConfiguration", "meteor_autoupdate_clientVersions", "userData"})
"""Publications that clients ask for and that hold nothing here."""


class Event:
    """Hold one event on its way to many sockets; text and bytes are made once.

    ``spoilt`` is set when a fault took something out, so that nobody checks its form.
    """

    __slots__ = ("_text", "_wire", "args", "collection", "name", "room_id", "said", "spoilt")

    def __init__(
        self, collection: str, name: str, args: str, *, room_id: str | None = None, said: str | None = None
    ) -> None:
        self.collection = collection
        self.name = name
        self.args = args
        self.room_id = room_id
        self.said = said
        self.spoilt = False
        self._text: str | None = None
        self._wire: bytes | None = None

    @property
    def text(self) -> str:
        """Return the frame."""
        if self._text is None:
            self._text = changed_frame(self.collection, self.name, self.args)
        return self._text

    @property
    def wire(self) -> bytes:
        """Return the frame as it stands in an unmasked websocket text frame."""
        if self._wire is None:
            self._wire = websocket_frame(self.text)
        return self._wire

    def frame(self) -> Mapping[str, object]:
        """Return the frame as parsed JSON, for who reads the journal."""
        return cast("Mapping[str, object]", json.loads(self.text))

    def without(self, field: str) -> "Event":
        """Return the event with a field missing from the document, or from the hint beside it."""
        args = json.loads(f"[{self.args}]")
        for each in args:
            if isinstance(each, dict):
                each.pop(field, None)
        parts = ",".join(ejson(each) for each in args)
        event = Event(self.collection, self.name, parts, room_id=self.room_id, said=self.said)
        event.spoilt = True
        return event


class Listener(Protocol):
    """Stand for a socket that hears events."""

    @property
    def person(self) -> Person | None:
        """Return who is logged in."""
        ...

    def deliver(self, event: Event) -> None:
        """Take an event, at once and without waiting."""
        ...

    def drop(self) -> None:
        """Close the connection as the server would."""
        ...


_Subs = dict[tuple[Listener, str], None]


class Streams:
    """Be the `Bus` of a state and the publications of all its sockets."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._subs: dict[tuple[str, str], _Subs] = {}
        self._by_token: dict[str, dict[Listener, None]] = {}

    # subscriptions

    def subscribe(self, listener: Listener, sub_id: str, name: str, key: str) -> None:
        """Let a socket hear a stream key, or raise why it may not."""
        self.check(listener.person, name, key)
        self._subs.setdefault((name, key), {})[listener, sub_id] = None

    def unsubscribe(self, listener: Listener, sub_id: str, name: str, key: str) -> None:
        """Let a socket hear a stream key no more."""
        subs = self._subs.get((name, key))
        if subs is not None:
            subs.pop((listener, sub_id), None)
            if not subs:
                del self._subs[name, key]

    def logged_in(self, listener: Listener, token: str) -> None:
        """Remember which token a socket lives on."""
        self._by_token.setdefault(token, {})[listener] = None

    def forget(self, listener: Listener, token: str | None) -> None:
        """Drop the tie between a socket and its token."""
        if token is not None and token in self._by_token:
            self._by_token[token].pop(listener, None)
            if not self._by_token[token]:
                del self._by_token[token]

    def check(self, person: Person | None, name: str, key: str) -> None:
        """Raise what the server refuses a subscription with."""
        if name not in {MESSAGES, ROOM, USER} and name not in _LOGIN_ONLY and name not in _ANYBODY:
            raise MeteorError(404, f"Subscription '{name}' not found")
        if not key:
            raise MeteorError("invalid-event-name")
        if name in _ANYBODY:
            return
        if person is None or not self._readable(person, name, key):
            raise MeteorError("not-allowed")

    def _readable(self, person: Person, name: str, key: str) -> bool:
        if name == USER:
            return key.partition("/")[0] == person.id
        if name == MESSAGES and key == MY_MESSAGES:
            return True
        if name in {MESSAGES, ROOM}:
            room = self._state.room(key.partition("/")[0])
            return room is not None and self._state.can_access(person, room)
        return True

    # what State tells

    def message(self, room: Room, message: Message, *, times: int = 1) -> None:
        """Send the whole document to the room's key and to everybody's own."""
        if message.kind is not None and message.kind in self._state.settings.names("Hide_System_Messages"):
            return
        in_room = self._subs.get((MESSAGES, room.id))
        mine = self._subs.get((MESSAGES, MY_MESSAGES))
        if not in_room and not mine:
            return
        document = ejson(message_document(message))
        for _ in range(times):
            if in_room:
                self._send(in_room, Event(MESSAGES, room.id, document, room_id=room.id, said=message.text))
            if mine:
                self._send_mine(mine, room, message, document)

    def deleted(self, room: Room, message_id: str) -> None:
        """Say on the room's own stream, and nowhere else, that a message is gone."""
        self._emit(ROOM, f"{room.id}/deleteMessage", {"_id": message_id}, room_id=room.id)

    def subscription(self, action: str, room: Room, sub: Subscription) -> None:
        """Tell a person about one of their memberships; the streams of a lost room fall silent."""
        if action == "removed":
            self._drop_room(room, sub.user_id)
        key = f"{sub.user_id}/subscriptions-changed"
        if (USER, key) not in self._subs:
            return
        person = self._state.tables.people[sub.user_id]
        document = subscription_document(sub, room, person)
        if action == "removed":
            document = {"_id": sub.id, "rid": sub.rid, "t": room.type, "u": user_reference(person.ref())}
        self._emit(USER, key, action, document, room_id=room.id)

    def room(self, action: str, room: Room, person_ids: Iterable[str]) -> None:
        """Tell people about a room."""
        event_args: str | None = None
        for person_id in person_ids:
            key = f"{person_id}/rooms-changed"
            subs = self._subs.get((USER, key))
            if subs:
                if event_args is None:
                    usernames = self._state.usernames(room) if room.type == "d" else None
                    event_args = f"{ejson(action)},{ejson(room_document(room, usernames=usernames))}"
                self._send(subs, Event(USER, key, event_args, room_id=room.id))

    def token_removed(self, value: str) -> None:
        """Close the sockets that were opened with a login token."""
        for listener in list(self._by_token.get(value, ())):
            listener.drop()

    def ephemeral(self, person_id: str, rid: str, text: str, thread: str | None) -> None:
        """Show a notice to one person."""
        now = self._state.now()
        document: Json = {
            "_id": self._state.notices.meteor_id(),
            "rid": rid,
            "msg": text,
            "ts": Stamp(now),
            "_updatedAt": Stamp(now),
            "u": {"_id": "rocket.cat", "username": "rocket.cat"},
            "private": True,
            "groupable": False,
        }
        if thread is not None:
            document["tmid"] = thread
        self._emit(USER, f"{person_id}/message", document, room_id=rid, said=text)

    def notify(self, room: Room, message: Message, person_ids: Iterable[str]) -> None:
        """Raise a desktop notification for whom a message addresses."""
        for person_id in person_ids:
            key = f"{person_id}/notification"
            if (USER, key) in self._subs:
                payload: Json = {
                    "_id": message.id,
                    "rid": room.id,
                    "sender": user_reference(message.user),
                    "type": room.type,
                    "message": {"msg": message.text},
                }
                if room.name is not None:
                    payload["name"] = room.name
                if message.thread is not None:
                    payload["tmid"] = message.thread
                title = message.user.username if room.type == "d" else f"#{room.name}"
                self._emit(
                    USER, key, {"title": title, "text": message.text, "payload": payload}, room_id=room.id
                )

    def renamed(self, person: Person) -> None:
        """Tell everybody that a person is called differently now."""
        self._emit(
            "stream-notify-logged",
            "Users:NameChanged",
            {"_id": person.id, "name": person.name, "username": person.username},
        )

    def activity(self, room: Room, key: str, args: list[object], sender: Listener) -> None:
        """Pass typing on to the room, but not to the socket it came from."""
        subs = self._subs.get((ROOM, key))
        if subs:
            event = Event(ROOM, key, ",".join(ejson(each) for each in args), room_id=room.id)
            self._send({each: None for each in subs if each[0] is not sender}, event)

    # sending

    def _send(self, subs: _Subs, event: Event) -> None:
        for listener, _ in list(subs):
            listener.deliver(event)

    def _emit(
        self, collection: str, key: str, *args: object, room_id: str | None = None, said: str | None = None
    ) -> None:
        subs = self._subs.get((collection, key))
        if subs:
            text = ",".join(ejson(each) for each in args)
            self._send(subs, Event(collection, key, text, room_id=room_id, said=said))

    def _send_mine(self, subs: _Subs, room: Room, message: Message, document: str) -> None:
        named = {} if room.name is None else {"roomName": room.name}
        events = {
            there: Event(
                MESSAGES,
                MY_MESSAGES,
                f"{document},{ejson({'roomParticipant': there, 'roomType': room.type, **named})}",
                room_id=room.id,
                said=message.text,
            )
            for there in (True, False)
        }
        members = room.members
        for listener, _ in list(subs):
            person = listener.person
            if person is None:
                continue
            if person.id in members:
                listener.deliver(events[True])
            elif self._state.can_access(person, room):
                listener.deliver(events[False])

    def _drop_room(self, room: Room, person_id: str) -> None:
        for name, key in list(self._subs):
            if name in {MESSAGES, ROOM} and key.partition("/")[0] == room.id:
                subs = self._subs[name, key]
                for each in list(subs):
                    person = each[0].person
                    if person is not None and person.id == person_id:
                        del subs[each]
                if not subs:
                    del self._subs[name, key]


def websocket_frame(text: str, opcode: int = 1) -> bytes:
    """Return an unmasked, final websocket frame (RFC 6455, 5.2)."""
    payload = text.encode("utf-8", "surrogatepass")
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, size))
    elif size < 65536:
        head = bytes((0x80 | opcode, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 127)) + size.to_bytes(8, "big")
    return head + payload
