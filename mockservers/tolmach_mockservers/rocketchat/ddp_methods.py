"""DDP methods: what each does and answers, on the same rules as REST.

What it is for: one function per method, found by name. What it must not do: frames, sockets or
limits. Source: https://developer.rocket.chat/apidocs/realtimeapi
"""

from collections.abc import Callable, Mapping
from typing import Final, cast

from tolmach_mockservers.rocketchat import history, messages, people, rooms
from tolmach_mockservers.rocketchat.documents import message_document, room_document, subscription_document
from tolmach_mockservers.rocketchat.errors import MeteorError, PlainError
from tolmach_mockservers.rocketchat.messages import Draft
from tolmach_mockservers.rocketchat.model import Person, Room
from tolmach_mockservers.rocketchat.state import State
from tolmach_mockservers.rocketchat.wire import Json, Stamp

__all__ = ["NOTHING", "call", "login"]

NOTHING: Final = object()
"""The answer of a method that returns undefined: the frame has no ``result``."""

_SENDABLE: Final = frozenset(
    [
        "_id",
        "rid",
        "msg",
        "tmid",
        "tshow",
        "ts",
        "t",
        "bot",
        "content",
        "e2e",
        "e2eMentions",
        "customFields",
        "federation",
        "groupable",
        "sentByEmail",
    ]
)


def login(state: State, params: list[object]) -> tuple[Person, str, Json]:
    """Return who logged in, the token, and the result of ``login``."""
    given = params[0] if params else None
    if not isinstance(given, dict):
        raise MeteorError(400, "Match failed")
    options = cast("Mapping[str, object]", given)
    resume = options.get("resume")
    if isinstance(resume, str):
        found = people.by_token(state, resume)
        if found is None:
            raise MeteorError(403, "You've been logged out by the server. Please log in again.")
        person, token = found
        kind = "resume"
    else:
        person = _by_password(state, options)
        token = people.login_token(state, person)
        kind = "password"
    answer: Json = {
        "id": person.id,
        "token": token.value,
        "tokenExpires": Stamp(people.expires_at(state, token)),
        "type": kind,
    }
    return person, token.value, answer


def call(state: State, person: Person | None, method: str, params: list[object]) -> object:
    """Return a method's answer, or `NOTHING`; raise what it refuses with."""
    do = _METHODS.get(method)
    if do is None:
        raise MeteorError(404, f"Method '{method}' not found")
    if person is None:
        raise MeteorError("error-invalid-user", "Invalid user", {"method": method})
    return do(state, person, params)


def _by_password(state: State, options: Mapping[str, object]) -> Person:
    user, password = options.get("user"), options.get("password")
    if isinstance(options.get("totp"), dict):
        inner = cast("Mapping[str, object]", options["totp"]).get("login")
        if isinstance(inner, dict):
            return _by_password(state, cast("Mapping[str, object]", inner))
    if not isinstance(user, dict) or password is None:
        raise MeteorError(400, "Unrecognized options for login request")
    names = {name: value for name, value in user.items() if isinstance(value, str)}
    username, email = names.get("username"), names.get("email")
    if isinstance(password, dict):
        return people.by_password(
            state, digest=str(password.get("digest", "")).lower(), username=username, email=email
        )
    return people.by_password(state, password=str(password), username=username, email=email)


def _string(params: list[object], index: int) -> str:
    value = params[index] if len(params) > index else None
    if not isinstance(value, str):
        raise MeteorError(400, "Match failed")
    return value


def _document(params: list[object], allowed: frozenset[str] | None = None) -> Mapping[str, object]:
    value = params[0] if params else None
    if not isinstance(value, dict) or (allowed is not None and not allowed.issuperset(value)):
        raise MeteorError(400, "Match failed")
    return cast("Mapping[str, object]", value)


def _text(given: Mapping[str, object], name: str) -> str | None:
    value = given.get(name)
    if value is None or isinstance(value, str):
        return value
    raise MeteorError(400, "Match failed")


def _send_message(state: State, person: Person, params: list[object]) -> object:
    given = _document(params, _SENDABLE)
    if given.get("t") is not None and given["t"] != "e2e":
        raise PlainError("Cannot send system messages using 'sendMessage'")
    ts = given.get("ts")
    draft = Draft(
        rid=_text(given, "rid"),
        text=_text(given, "msg") or "",
        id=_text(given, "_id"),
        thread=_text(given, "tmid"),
        shown=given.get("tshow") is True,
        ts=ts.ms if isinstance(ts, Stamp) else None,
        extra={
            name: given[name] for name in ("bot", "groupable", "customFields") if given.get(name) is not None
        },
    )
    try:
        sent = messages.send(state, person, draft)
    except MeteorError as refusal:
        if refusal.code == "error-not-allowed":
            raise MeteorError(refusal.code, refusal.reason, {"method": "sendMessage"}) from None
        return NOTHING
    except PlainError as refusal:
        if refusal.text == "error-not-allowed":
            raise MeteorError(refusal.text, None, {"method": "sendMessage"}) from None
        # The method swallows most refusals; only the ephemeral notice tells.
        return NOTHING
    return NOTHING if sent is None else message_document(sent)


def _set_reaction(state: State, person: Person, params: list[object]) -> object:
    emoji, message_id = _string(params, 0), _string(params, 1)
    wanted = params[2] if len(params) > 2 else None
    message = state.message(message_id)
    if message is None:
        raise MeteorError("error-not-allowed", "Not allowed", {"method": "setReaction"})
    messages.react(state, person, message, emoji, wanted if isinstance(wanted, bool) else None)
    return NOTHING


def _update_message(state: State, person: Person, params: list[object]) -> object:
    given = _document(params)
    message = state.message(_text(given, "_id") or "")
    if message is None:
        return NOTHING
    messages.edit(state, person, message, _text(given, "msg") or "")
    return NOTHING


def _delete_message(state: State, person: Person, params: list[object]) -> object:
    message = state.message(_text(_document(params), "_id") or "")
    if message is None:
        raise MeteorError("error-action-not-allowed", "Not allowed", {"method": "deleteMessage"})
    messages.delete(state, person, message)
    return NOTHING


def _join_room(state: State, person: Person, params: list[object]) -> object:
    rooms.join(state, _room(state, _string(params, 0), "joinRoom"), person)
    return True


def _create_direct(state: State, person: Person, params: list[object]) -> object:
    named = [state.named(each) for each in params if isinstance(each, str)]
    known = [each for each in named if each is not None]
    if not known:
        raise MeteorError("error-invalid-user", "Invalid user", {"method": "createDirectMessage"})
    room, inserted = rooms.create_direct(state, person, [person, *known])
    return {
        "_id": room.id,
        "rid": room.id,
        "t": "d",
        "usernames": state.usernames(room),
        "inserted": inserted,
    }


def _room_id(state: State, person: Person, params: list[object]) -> object:
    wanted = _string(params, 0)
    room = state.room(wanted) or state.room_named(wanted)
    if room is None or not state.can_access(person, room):
        raise MeteorError("error-not-allowed", "Not allowed", {"method": "getRoomIdByNameOrId"})
    return room.id


def _rooms_get(state: State, person: Person, params: list[object]) -> object:
    since = params[0] if params else None
    shown = [
        room_document(room, usernames=state.usernames(room) if room.type == "d" else None)
        for room, _ in state.rooms_of(person.id)
        if not isinstance(since, Stamp) or since.ms is None or room.updated > since.ms
    ]
    return {"update": shown, "remove": []} if isinstance(since, Stamp) else shown


def _subscriptions_get(state: State, person: Person, params: list[object]) -> object:
    since = params[0] if params else None
    shown = [
        subscription_document(sub, room, person)
        for room, sub in state.rooms_of(person.id)
        if not isinstance(since, Stamp) or since.ms is None or sub.updated > since.ms
    ]
    if not isinstance(since, Stamp) or since.ms is None:
        return shown
    gone = [
        {"_id": sub_id, "_deletedAt": Stamp(at)}
        for uid, sub_id, at in state.tables.removed_subscriptions
        if uid == person.id and at > since.ms
    ]
    return {"update": shown, "remove": gone}


def _load_history(state: State, person: Person, params: list[object]) -> object:
    room = _room(state, _string(params, 0), "loadHistory")
    if not state.can_access(person, room):
        return False
    end = params[1] if len(params) > 1 else None
    limit = params[2] if len(params) > 2 else 20
    found = history.history(
        room,
        latest=end.ms if isinstance(end, Stamp) else None,
        count=limit if isinstance(limit, int) else 20,
        threads=not (len(params) > 4 and params[4] is False),
    )
    return {"messages": [message_document(each) for each in found], "unreadNotLoaded": 0}


def _presence(status: str) -> Callable[[State, Person, list[object]], object]:
    def do(state: State, person: Person, params: list[object]) -> object:
        people.set_status(state, person, status or _string(params, 0), None)
        return NOTHING

    return do


def _read(state: State, person: Person, params: list[object]) -> object:
    rooms.mark_read(state, _room(state, _string(params, 0), "readMessages"), person)
    return NOTHING


def _room(state: State, rid: str, method: str) -> Room:
    room = state.room(rid)
    if room is None:
        raise MeteorError("error-invalid-room", "Invalid room", {"method": method})
    return room


_METHODS: Final[Mapping[str, Callable[[State, Person, list[object]], object]]] = {
    "UserPresence:away": _presence("away"),
    "UserPresence:online": _presence("online"),
    "UserPresence:setDefaultStatus": _presence(""),
    "createDirectMessage": _create_direct,
    "deleteMessage": _delete_message,
    "getRoomIdByNameOrId": _room_id,
    "joinRoom": _join_room,
    "loadHistory": _load_history,
    "readMessages": _read,
    "rooms/get": _rooms_get,
    "sendMessage": _send_message,
    "setReaction": _set_reaction,
    "subscriptions/get": _subscriptions_get,
    "updateMessage": _update_message,
}
