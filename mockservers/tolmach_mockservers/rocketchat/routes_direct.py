"""im.* and dm.*: direct rooms, the same handlers under both names.

What it is for: creating and reading direct rooms. What it must not do: rules (`rooms`).
Source: https://developer.rocket.chat/apidocs/im-endpoints
"""

from collections.abc import Callable
from typing import Final

from tolmach_mockservers.rocketchat import rooms
from tolmach_mockservers.rocketchat.call import Call, Handler, Page, get, page_fields, post
from tolmach_mockservers.rocketchat.documents import room_document
from tolmach_mockservers.rocketchat.errors import Forbidden, MeteorError, PlainError
from tolmach_mockservers.rocketchat.model import Room
from tolmach_mockservers.rocketchat.routes_family import (
    HISTORY,
    MESSAGES,
    member_lines,
    read_history,
    read_messages,
)
from tolmach_mockservers.rocketchat.shape import Fields, OneOf
from tolmach_mockservers.rocketchat.wire import Json

__all__: list[str] = []

_ROOM_OR_USER: Final = page_fields(filter="string?", status="any")


def _create(call: Call) -> Json:
    """Open the direct room with these people; the answer is lean, and unknown names can shorten it."""
    state, person = call.state, call.person
    if not state.may(person, "create-d"):
        raise MeteorError("error-not-allowed", "Not allowed", {"method": "createDirectMessage"})
    names = [call.need("username")] if call.string("username") else call.need("usernames").split(",")
    names = [each.strip().removeprefix("@") for each in names if each.strip()]
    found = [each for each in map(state.named, names) if each is not None]
    if not found:
        raise MeteorError("error-invalid-user", "Invalid user", {"method": "createDirectMessage"})
    members = found if call.flag("excludeSelf") else [person, *found]
    room, inserted = rooms.create_direct(state, person, members)
    call.in_room(room)
    shown: Json = {"_id": room.id, "rid": room.id, "t": "d", "usernames": state.usernames(room)}
    if inserted:
        shown["inserted"] = True
    return {"room": shown}


def _find(call: Call) -> Room:
    by_id, username = call.string("roomId"), call.string("username")
    if by_id is None and username is None:
        raise MeteorError("error-room-param-not-provided", 'Query param "roomId" or "username" is required')
    if by_id is not None:
        room = call.state.room(by_id)
    else:
        other = call.state.named(username or "")
        uids = sorted({call.person.id, other.id}) if other is not None else []
        room = next(
            (
                each
                for each, _ in call.state.rooms_of(call.person.id)
                if each.type == "d" and each.uids == uids
            ),
            None,
        )
    if room is None or room.type != "d":
        raise MeteorError(
            "error-room-not-found",
            'The required "roomId" or "username" param provided does not match any direct message',
        )
    if call.person.id not in room.members:
        raise Forbidden
    return call.in_room(room)


def _in_room(act: Callable[[Call, Room], Json]) -> Handler:
    return lambda call: act(call, _find(call))


def _list(call: Call) -> Json:
    state = call.state
    found = [room for room, _ in state.rooms_of(call.person.id) if room.type == "d"]
    return Page.of(call).of_items(
        "ims", found, lambda room: room_document(room, usernames=state.usernames(room))
    )


def _show(*, shown: bool) -> Callable[[Call, Room], Json]:
    def handler(call: Call, room: Room) -> Json:
        if room.members[call.person.id].open is shown and not shown:
            raise PlainError(
                f"The direct message room, {call.person.username}, is already closed to the sender"
            )
        rooms.show(call.state, room, call.person, shown=shown)
        return {}

    return handler


def _set_topic(call: Call, room: Room) -> Json:
    room.topic = call.need("topic")
    rooms.system_message(call.state, room, "room_changed_topic", room.topic, call.person)
    return {"topic": room.topic}


def _register(prefix: str) -> None:
    by_id = {"roomId": "string+"}
    post(
        f"{prefix}.create",
        OneOf(
            Fields({"usernames": "string", "excludeSelf": "boolean"}, required="usernames"),
            Fields({"username": "string", "excludeSelf": "boolean"}, required="username"),
        ),
    )(_create)
    either = OneOf(
        Fields({"roomId": "string", **_ROOM_OR_USER}, required="roomId"),
        Fields({"username": "string", **_ROOM_OR_USER}, required="username"),
    )
    get(f"{prefix}.members", either)(_in_room(member_lines))
    get(
        f"{prefix}.messages",
        OneOf(
            Fields({"roomId": "string", **MESSAGES}, required="roomId"),
            Fields({"username": "string", **MESSAGES}, required="username"),
        ),
    )(_in_room(read_messages))
    get(f"{prefix}.history", Fields({**by_id, **HISTORY}, required="roomId"))(_in_room(read_history))
    get(f"{prefix}.list", Fields(page_fields()))(_list)
    post(f"{prefix}.open", Fields(by_id, required="roomId"))(_in_room(_show(shown=True)))
    post(f"{prefix}.close", Fields(by_id, required="roomId"))(_in_room(_show(shown=False)))
    post(f"{prefix}.setTopic", Fields({**by_id, "topic": "string?"}, required="roomId"))(_in_room(_set_topic))


_register("im")
_register("dm")
