"""rooms.* and subscriptions.*: what a person sees of any room.

What it is for: look-ups across room types and the caller's own memberships. What it must not do:
rules (`rooms`). Source: https://developer.rocket.chat/apidocs/rooms-endpoints
"""

from tolmach_mockservers.rocketchat import rooms
from tolmach_mockservers.rocketchat.call import Call, get, post
from tolmach_mockservers.rocketchat.documents import room_document, subscription_document
from tolmach_mockservers.rocketchat.errors import Answer, MeteorError
from tolmach_mockservers.rocketchat.model import Room
from tolmach_mockservers.rocketchat.shape import AnyOf, Fields, OneOf
from tolmach_mockservers.rocketchat.wire import Json, Stamp

__all__: list[str] = []


def _find(call: Call) -> Room:
    by_id, by_name = call.string("roomId"), call.string("roomName")
    if by_id is None and by_name is None:
        raise MeteorError(
            "error-roomid-param-not-provided", 'The parameter "roomId" or "roomName" is required'
        )
    room = call.state.room(by_id) if by_id else call.state.room_named(by_name or "")
    if room is None:
        raise MeteorError(
            "error-room-not-found",
            'The required "roomId" or "roomName" param provided does not match any channel',
        )
    return call.in_room(room)


def _document(call: Call, room: Room) -> Json:
    return room_document(room, usernames=call.state.usernames(room) if room.type == "d" else None)


@get(
    "rooms.info",
    OneOf(
        Fields({"roomId": "string"}, required="roomId"), Fields({"roomName": "string"}, required="roomName")
    ),
)
def info(call: Call) -> Json:
    """Return one room of any type."""
    room = _find(call)
    if not call.state.can_access(call.person, room):
        # The vendor hands text and code over in the wrong order; clients see it like this.
        raise Answer(400, {"success": False, "error": "not-allowed", "errorType": "Not Allowed"})
    return {"room": _document(call, room)}


@get("rooms.get", Fields({"updatedSince": "string?"}))
def get_rooms(call: Call) -> Json:
    """Return the caller's rooms that moved since a time."""
    since = _since(call)
    return {
        "update": [
            _document(call, room)
            for room, _ in call.state.rooms_of(call.person.id)
            if since is None or room.updated > since
        ],
        "remove": [],
    }


@get(
    "rooms.isMember",
    OneOf(
        Fields({"roomId": "string+", "userId": "string+"}, required="roomId userId"),
        Fields({"roomId": "string+", "username": "string+"}, required="roomId username"),
    ),
)
def is_member(call: Call) -> Json:
    """Tell whether a person is in a room."""
    room = call.state.room(call.need("roomId"))
    by_id = call.string("userId")
    person = call.state.person(by_id) if by_id else call.state.named(call.need("username"))
    if room is None or person is None:
        raise MeteorError("error-room-not-found" if room is None else "error-user-not-found")
    call.in_room(room)
    if not call.state.can_access(call.person, room):
        raise MeteorError("error-not-allowed", "Not Allowed")
    return {"isMember": person.id in room.members}


@post("rooms.leave", Fields({"roomId": "string"}, required="roomId"))
def leave(call: Call) -> Json:
    """Leave a room of any type."""
    rooms.leave(call.state, _find(call), call.person)
    return {}


@get("rooms.nameExists", Fields({"roomName": "string+"}, required="roomName"))
def name_exists(call: Call) -> Json:
    """Tell whether a channel or group has this name."""
    return {"exists": call.state.room_named(call.need("roomName")) is not None}


@get("subscriptions.get", Fields({"updatedSince": "string?"}))
def get_subscriptions(call: Call) -> Json:
    """Return the caller's memberships that moved, and those that ended, since a time."""
    since = _since(call)
    return {
        "update": [
            subscription_document(sub, room, call.person)
            for room, sub in call.state.rooms_of(call.person.id)
            if since is None or sub.updated > since
        ],
        "remove": [
            {"_id": sub_id, "_deletedAt": Stamp(at)}
            for uid, sub_id, at in call.state.tables.removed_subscriptions
            if since is not None and uid == call.person.id and at > since
        ],
    }


@get("subscriptions.getOne", Fields({"roomId": "string"}, required="roomId"))
def get_one(call: Call) -> Json:
    """Return one membership, null when there is none."""
    room = call.state.room(call.need("roomId"))
    sub = None if room is None else room.members.get(call.person.id)
    if room is None or sub is None:
        return {"subscription": None}
    call.in_room(room)
    return {"subscription": subscription_document(sub, room, call.person)}


@post(
    "subscriptions.read",
    AnyOf(
        Fields({"rid": "string", "readThreads": "boolean?"}, required="rid"),
        Fields({"roomId": "string", "readThreads": "boolean?"}, required="roomId"),
    ),
)
def read(call: Call) -> Json:
    """Mark a room as read."""
    room = call.state.room(call.string("rid") or call.need("roomId"))
    if room is None or not call.state.can_access(call.person, room):
        raise MeteorError("error-invalid-subscription", "Invalid subscription", {"method": "readMessages"})
    rooms.mark_read(call.state, call.in_room(room), call.person)
    return {}


def _since(call: Call) -> int | None:
    if call.string("updatedSince") is None:
        return None
    since = call.time("updatedSince")
    if since is None:
        raise MeteorError(
            "error-updatedSince-param-invalid", 'The "updatedSince" query parameter must be a valid date.'
        )
    return since
