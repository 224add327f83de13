"""channels.* and groups.*: one family twice, for public and private rooms.

What it is for: the operations both share, registered under both names. What it must not do: rules
(`rooms`, `history`). Source: https://developer.rocket.chat/apidocs/channels
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tolmach_mockservers.rocketchat import history, rooms
from tolmach_mockservers.rocketchat.call import Call, Handler, Page, get, page_fields, post
from tolmach_mockservers.rocketchat.documents import member_document, message_document, room_document
from tolmach_mockservers.rocketchat.errors import Forbidden, MeteorError, PlainError
from tolmach_mockservers.rocketchat.model import Person, Room, RoomType
from tolmach_mockservers.rocketchat.shape import Fields, OneOf
from tolmach_mockservers.rocketchat.wire import Json

__all__ = ["CHANNELS", "GROUPS", "Family", "member_lines", "read_history", "someone"]

_USER: Final = {
    "userId": "string?",
    "username": "string?",
    "user": "string?",
    "userIds": "strings?",
    "usernames": "strings?",
}
HISTORY: Final = page_fields(
    latest="string?", oldest="string?", inclusive="string?", unreads="string?", showThreadMessages="string?"
)
MESSAGES: Final = page_fields(mentionIds="string?", starredIds="string?", pinned="string?")


@dataclass(frozen=True, slots=True)
class Family:
    """Name what differs between the two."""

    prefix: str
    type: RoomType
    key: str
    noun: str

    def find(self, call: Call, *, archived: bool = True) -> Room:
        """Return the room that a call names, or refuse as the vendor does.

        A private room that one may not see is not found either.
        """
        by_id, by_name = call.string("roomId"), call.string("roomName")
        room = call.state.room(by_id) if by_id else call.state.room_named(by_name or "")
        hidden = room is not None and self.type == "p" and call.person.id not in room.members
        if room is None or room.type != self.type or hidden:
            raise MeteorError(
                "error-room-not-found",
                f'The required "roomId" or "roomName" param provided does not match any {self.noun}',
            )
        if room.archived and not archived:
            raise MeteorError("error-room-archived", f"The {self.noun}, {room.name}, is archived")
        return call.in_room(room)

    def answer(self, room: Room) -> Json:
        """Return the room under the family's key."""
        return {self.key: room_document(room)}


CHANNELS: Final = Family("channels", "c", "channel", "channel")
GROUPS: Final = Family("groups", "p", "group", "group")


def of_room(kinds: dict[str, str], required: str = "") -> OneOf:
    """Return the shape of an operation that names its room by id or by name."""
    return OneOf(
        Fields({"roomId": "string", **kinds}, required=f"roomId {required}"),
        Fields({"roomName": "string", **kinds}, required=f"roomName {required}"),
    )


def someone(call: Call) -> Person:
    """Return the user whom a call names by id or username."""
    by_id, by_name = call.string("userId"), call.string("username") or call.string("user")
    if by_id is None and by_name is None:
        raise MeteorError(
            "error-user-param-not-provided", 'The required "userId" or "username" param was not provided'
        )
    person = call.state.person(by_id) if by_id else call.state.named(by_name or "")
    if person is None:
        raise MeteorError(
            "error-invalid-user",
            'The required "userId" or "username" param provided does not match any users',
        )
    return person


def everyone(call: Call) -> list[Person]:
    """Return the users whom a call names, one or several."""
    found = [call.state.person(each) for each in call.strings("userIds")]
    found += [call.state.named(each) for each in call.strings("usernames")]
    people = [each for each in found if each is not None]
    return people or [someone(call)]


def read_history(call: Call, room: Room) -> Json:
    """Return messages between two times; replies stay out only when the call says so."""
    page = Page.of(call, default=20)
    found = history.history(
        room,
        latest=call.time("latest"),
        oldest=call.time("oldest"),
        inclusive=call.says_true("inclusive"),
        offset=page.offset,
        count=page.count,
        threads=call.string("showThreadMessages") != "false",
    )
    shown: Json = {"messages": [message_document(each) for each in found]}
    if call.says_true("unreads"):
        shown["unreadNotLoaded"] = 0
    return shown


def read_messages(call: Call, room: Room) -> Json:
    """Return a page of all messages, newest first, narrowed as the call says."""
    found = history.newest_first(room)
    if call.says_true("pinned"):
        found = [each for each in found if each.pinned]
    wanted = call.string("mentionIds")
    if wanted is not None:
        ids = set(wanted.split(","))
        found = [each for each in found if ids & {str(one["_id"]) for one in each.mentions}]
    return Page.of(call).of_items("messages", found, message_document)


def member_lines(call: Call, room: Room) -> Json:
    """Return a page of members in the order of their usernames."""
    people = sorted((call.state.tables.people[uid] for uid in room.members), key=lambda each: each.username)
    wanted = (call.string("filter") or "").lower()
    if wanted:
        people = [each for each in people if wanted in each.username.lower() or wanted in each.name.lower()]
    return Page.of(call).of_items("members", people, member_document)


def _create(family: Family) -> Handler:
    def create(call: Call) -> Json:
        """Create a room; unknown members are left out without a word."""
        state, person = call.state, call.person
        if not state.may(person, f"create-{family.type}"):
            raise Forbidden
        extra = call.mapping("extraData") or {}
        topic = extra.get("topic")
        room = rooms.create_room(
            state,
            family.type,
            call.need("name"),
            person,
            [each for each in map(state.named, call.strings("members")) if each is not None],
            topic=topic if isinstance(topic, str) else None,
            read_only=call.flag("readOnly") is True or call.flag("readonly") is True,
            without_owner=call.flag("excludeSelf") is True,
            custom=call.mapping("customFields"),
        )
        call.in_room(room)
        return family.answer(room)

    return create


def _in_room(family: Family, act: Callable[[Call, Room], Json], *, archived: bool = False) -> Handler:
    def handler(call: Call) -> Json:
        return act(call, family.find(call, archived=archived))

    return handler


def _changing(family: Family, act: Callable[[Call, Room], None]) -> Handler:
    """Make a handler that changes the room and answers with it."""

    def handler(call: Call) -> Json:
        room = family.find(call, archived=False)
        act(call, room)
        return family.answer(room)

    return handler


def _invite(call: Call, room: Room) -> None:
    rooms.invite(call.state, room, call.person, everyone(call))


def _kick(call: Call, room: Room) -> None:
    for person in everyone(call):
        rooms.kick(call.state, room, call.person, person)


def _leave(call: Call, room: Room) -> None:
    rooms.leave(call.state, room, call.person)


def _rename(call: Call, room: Room) -> None:
    name = call.string("name")
    if name is None:
        raise PlainError('The bodyParam "name" is required')
    if room.name == name:
        raise PlainError("The channel name is the same as what it would be renamed to.")
    rooms.rename(call.state, room, call.person, name)


def _set_text(field: str) -> Callable[[Call, Room], Json]:
    def handler(call: Call, room: Room) -> Json:
        text = call.need("purpose" if field == "purpose" else field)
        stored = "description" if field == "purpose" else field
        rooms.set_text(call.state, room, call.person, stored, text)
        return {field: text}

    return handler


def _set_role(role: str, *, given: bool) -> Callable[[Call, Room], Json]:
    def handler(call: Call, room: Room) -> Json:
        rooms.set_role(call.state, room, call.person, someone(call), role, given=given)
        return {}

    return handler


def _archive(*, archived: bool) -> Callable[[Call, Room], Json]:
    def handler(call: Call, room: Room) -> Json:
        if not archived and not room.archived:
            raise PlainError(f"The channel, {room.name}, is not archived")
        rooms.set_archived(call.state, room, call.person, archived=archived)
        return {}

    return handler


def _show(*, shown: bool) -> Callable[[Call, Room], Json]:
    word = "open" if shown else "closed"

    def handler(call: Call, room: Room) -> Json:
        sub = room.members.get(call.person.id)
        if sub is None:
            raise PlainError(f'The user/callee is not in the channel "{room.name}".')
        if sub.open is shown:
            raise PlainError(f"The channel, {room.name}, is already {word} to the sender")
        rooms.show(call.state, room, call.person, shown=shown)
        return {}

    return handler


def _moderators(call: Call, room: Room) -> Json:
    people = call.state.tables.people
    return {
        "moderators": [
            {"_id": uid, "username": people[uid].username, "name": people[uid].name}
            for uid, sub in room.members.items()
            if "moderator" in sub.roles
        ]
    }


def _roles(call: Call, room: Room) -> Json:
    people = call.state.tables.people
    return {
        "roles": [
            {
                "_id": sub.id,
                "rid": room.id,
                "u": {"_id": uid, "username": people[uid].username, "name": people[uid].name},
                "roles": sub.roles,
            }
            for uid, sub in room.members.items()
            if sub.roles
        ]
    }


def _list_groups(call: Call) -> Json:
    found = [room for room, _ in call.state.rooms_of(call.person.id) if room.type == "p"]
    return Page.of(call).of_items("groups", found, room_document)


def _list_channels(call: Call) -> Json:
    found = [room for room in call.state.tables.rooms.values() if room.type == "c"]
    return Page.of(call).of_items("channels", found, room_document)


def _list_joined(call: Call) -> Json:
    found = [room for room, _ in call.state.rooms_of(call.person.id) if room.type == "c"]
    return Page.of(call).of_items("channels", found, room_document)


def _join(call: Call, room: Room) -> None:
    rooms.join(call.state, room, call.person)


_CREATE: Final = Fields(
    {
        "name": "string",
        "members": "strings?",
        "teams": "array?",
        "readonly": "boolean?",
        "readOnly": "boolean?",
        "excludeSelf": "boolean?",
        "customFields": "object?",
        "extraData": "object?",
    },
    required="name",
)


def _register(family: Family) -> None:
    prefix = family.prefix
    post(f"{prefix}.create", _CREATE)(_create(family))
    get(f"{prefix}.info", of_room({}))(_in_room(family, lambda _, room: family.answer(room)))
    get(f"{prefix}.history", of_room(HISTORY))(_in_room(family, read_history, archived=True))
    get(f"{prefix}.messages", of_room(MESSAGES))(_in_room(family, read_messages, archived=True))
    get(f"{prefix}.members", of_room(page_fields(filter="string?", status="any")))(
        _in_room(family, member_lines)
    )
    get(f"{prefix}.moderators", of_room({}))(_in_room(family, _moderators))
    get(f"{prefix}.roles", of_room({}))(_in_room(family, _roles))
    post(f"{prefix}.invite", of_room(_USER))(_changing(family, _invite))
    post(f"{prefix}.kick", of_room(_USER))(_changing(family, _kick))
    post(f"{prefix}.leave", of_room({}))(_changing(family, _leave))
    post(f"{prefix}.rename", of_room({"name": "string"}, "name"))(_changing(family, _rename))
    for field in ("topic", "description", "purpose", "announcement"):
        post(f"{prefix}.set{field.capitalize()}", of_room({field: "string"}, field))(
            _in_room(family, _set_text(field))
        )
    for role in ("moderator", "owner"):
        title = role.capitalize()
        post(f"{prefix}.add{title}", of_room(_USER))(_in_room(family, _set_role(role, given=True)))
        post(f"{prefix}.remove{title}", of_room(_USER))(_in_room(family, _set_role(role, given=False)))
    post(f"{prefix}.archive", of_room({}))(_in_room(family, _archive(archived=True)))
    post(f"{prefix}.unarchive", of_room({}))(_in_room(family, _archive(archived=False), archived=True))
    post(f"{prefix}.open", of_room({}))(_in_room(family, _show(shown=True), archived=True))
    post(f"{prefix}.close", of_room({}))(_in_room(family, _show(shown=False), archived=True))


_register(CHANNELS)
_register(GROUPS)
get("groups.list", Fields(page_fields()))(_list_groups)
get("channels.list", Fields(page_fields(_id="string")))(_list_channels)
get("channels.list.joined", Fields(page_fields()))(_list_joined)
post("channels.join", of_room({"joinCode": "string?"}))(_changing(CHANNELS, _join))
