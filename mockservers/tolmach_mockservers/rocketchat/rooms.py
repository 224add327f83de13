"""Rooms and membership: create, join, invite, remove, rename, roles.

What it is for: the rules and the order of events they cause. What it must not do: send what
people say (`messages`), except for system messages, which belong to a rule here.
"""

import re
from collections.abc import Iterable
from typing import Final

from tolmach_mockservers.rocketchat.errors import MeteorError
from tolmach_mockservers.rocketchat.model import Message, Person, Room, RoomType, Subscription
from tolmach_mockservers.rocketchat.state import State

__all__ = [
    "add_member",
    "create_direct",
    "create_room",
    "invite",
    "join",
    "kick",
    "leave",
    "mark_read",
    "rename",
    "set_archived",
    "set_role",
    "set_text",
    "show",
    "system_message",
]

_NAME: Final = re.compile(r"^[0-9a-zA-Z\-_.]+$")


def create_room(
    state: State,
    type_: RoomType,
    name: str,
    owner: Person,
    members: Iterable[Person] = (),
    *,
    topic: str | None = None,
    read_only: bool = False,
    without_owner: bool = False,
    custom: dict[str, object] | None = None,
) -> Room:
    """Create a channel or group; its members are simply there, no message says so."""
    if not _NAME.match(name):
        raise MeteorError(
            "error-invalid-room-name",
            f"{name} is not a valid room name.",
            {"function": "RocketChat.getValidRoomName", "channel_name": name},
        )
    _refuse_taken_name(state, name)
    now = state.now()
    room = Room(
        state.ids.meteor_id(),
        type_,
        name,
        name,
        owner.ref(),
        now,
        now,
        topic=topic,
        read_only=read_only,
        custom=custom,
    )
    state.tables.rooms[room.id] = room
    state.tables.room_names[name] = room
    people = dict.fromkeys(each.id for each in members)
    if not without_owner:
        people = {owner.id: None, **people}
    for person_id in people:
        sub = _subscribe(state, room, state.tables.people[person_id], name, name)
        if person_id == owner.id:
            sub.roles.append("owner")
    _announce(state, room)
    return room


def create_direct(state: State, creator: Person | None, people: Iterable[Person]) -> tuple[Room, bool]:
    """Return the direct room of exactly these people and whether it is new."""
    members = list({each.id: each for each in people}.values())
    most = state.settings.number("DirectMesssage_maxUsers")
    if len(members) > most:
        raise MeteorError(
            "error-direct-message-max-user-exceeded",
            f"You cannot add more than {most} users, including yourself to a direct message",
            {"method": "createDirectRoom"},
        )
    uids = sorted(each.id for each in members)
    if len(uids) == 2:
        found = state.room("".join(uids))
    else:
        found = next(
            (each for each in state.tables.rooms.values() if each.type == "d" and each.uids == uids), None
        )
    if found is not None:
        sub = None if creator is None else found.members.get(creator.id)
        if sub is not None and not sub.open:
            sub.open = True
            _touch(state, found, sub)
        return found, False
    now = state.now()
    room_id = "".join(uids) if len(uids) == 2 else state.ids.meteor_id()
    room = Room(room_id, "d", None, None, None, now, now, uids=uids)
    state.tables.rooms[room_id] = room
    for person in members:
        others = sorted((each for each in members if each is not person), key=lambda each: each.name) or [
            person
        ]
        sub = _subscribe(
            state,
            room,
            person,
            ", ".join(each.username for each in others),
            ", ".join(each.name for each in others),
        )
        # Whom a two-person room was opened for does not see it until somebody writes.
        sub.open = creator is None or person is creator or len(members) > 2
    _announce(state, room)
    return room, True


def add_member(state: State, room: Room, person: Person, inviter: Person | None = None) -> bool:
    """Make a person a member and say so in the room; false when they were one already."""
    if person.id in room.members:
        return False
    sub = _subscribe(state, room, person, room.name or "", room.fname or "")
    sub.alert = True
    sub.unread = 1
    sub.user_mentions = 1
    room.updated = state.after(room.updated)
    state.bus.subscription("inserted", room, sub)
    state.bus.room("inserted", room, (person.id,))
    if inviter is None:
        system_message(state, room, "uj", person.username, person)
    else:
        system_message(state, room, "au", person.username, inviter)
    return True


def join(state: State, room: Room, person: Person) -> None:
    """Let a person into a public channel by their own wish."""
    if room.type != "c" and person.id not in room.members:
        raise MeteorError("error-not-allowed", "Not allowed", {"method": "joinRoom"})
    add_member(state, room, person)


def invite(state: State, room: Room, actor: Person, people: Iterable[Person]) -> None:
    """Add people, if the actor may; who is in already only gets the actor a notice."""
    permitted = (actor.id in room.members and state.may(actor, "add-user-to-joined-room", room)) or (
        room.type == "c" and state.may(actor, "add-user-to-any-c-room")
    )
    if not permitted:
        raise MeteorError("error-not-allowed", "Not allowed", {"method": "addUsersToRoom"})
    for person in people:
        if not add_member(state, room, person, actor):
            state.bus.ephemeral(actor.id, room.id, f"{person.username} is already in here.", None)


def kick(state: State, room: Room, actor: Person, person: Person) -> None:
    """Remove a person, if the actor may."""
    method = {"method": "removeUserFromRoom"}
    if not state.may(actor, "remove-user", room):
        raise MeteorError("error-not-allowed", "Not allowed", method)
    if person.id not in room.members:
        raise MeteorError("error-user-not-in-room", "User is not in this room", method)
    _refuse_last_owner(room, person, method)
    system_message(state, room, "ru", person.username, actor)
    _unsubscribe(state, room, person)


def leave(state: State, room: Room, person: Person) -> None:
    """Remove oneself."""
    method = {"method": "leaveRoom"}
    if room.type == "d":
        raise MeteorError("error-not-allowed", "Not allowed", method)
    if person.id not in room.members:
        raise MeteorError("error-user-not-in-room", "You are not in this room", method)
    _refuse_last_owner(room, person, method)
    system_message(state, room, "ul", person.username, person)
    _unsubscribe(state, room, person)


def rename(state: State, room: Room, actor: Person, name: str) -> None:
    """Change a room's name; the members learn it by three different events."""
    _need_edit(state, room, actor)
    if name == room.name:
        return
    if not _NAME.match(name):
        raise MeteorError(
            "error-invalid-room-name",
            f"{name} is not a valid room name.",
            {"function": "RocketChat.getValidRoomName", "channel_name": name},
        )
    _refuse_taken_name(state, name)
    if room.name is not None:
        del state.tables.room_names[room.name]
    state.tables.room_names[name] = room
    room.name = room.fname = name
    for sub in room.members.values():
        sub.name = sub.fname = name
        _touch(state, room, sub)
    system_message(state, room, "r", name, actor)


def set_text(state: State, room: Room, actor: Person, field: str, text: str) -> None:
    """Set "topic", "description" or "announcement"."""
    _need_edit(state, room, actor)
    match field:
        case "topic":
            room.topic = text
        case "description":
            room.description = text
        case _:
            room.announcement = text
    system_message(state, room, f"room_changed_{field}", text, actor)


def set_archived(state: State, room: Room, actor: Person, *, archived: bool) -> None:
    """Close a room for writing, or open it again."""
    method = {"method": "archiveRoom" if archived else "unarchiveRoom"}
    if not state.may(actor, "archive-room", room):
        raise MeteorError("error-not-authorized", "Not authorized", method)
    room.archived = archived
    system_message(state, room, "room-archived" if archived else "room-unarchived", "", actor)
    for sub in room.members.values():
        _touch(state, room, sub)


def set_role(state: State, room: Room, actor: Person, person: Person, role: str, *, given: bool) -> None:
    """Give or take "owner" or "moderator"."""
    verb = "add" if given else "remove"
    method = {"method": f"{verb}Room{role.capitalize()}"}
    if not state.may(actor, f"set-{role}", room):
        raise MeteorError("error-not-allowed", "Not allowed", method)
    sub = room.members.get(person.id)
    if sub is None:
        raise MeteorError("error-user-not-in-room", "User is not in this room", method)
    if given and role in sub.roles:
        article = "an" if role == "owner" else "a"
        raise MeteorError(f"error-user-already-{role}", f"User is already {article} {role}", method)
    if not given:
        if role not in sub.roles:
            article = "an" if role == "owner" else "a"
            raise MeteorError(f"error-user-not-{role}", f"User is not {article} {role}", method)
        if role == "owner":
            _refuse_last_owner(room, person, method)
        sub.roles.remove(role)
    else:
        sub.roles.append(role)
    _touch(state, room, sub)
    kind = "subscription-role-added" if given else "subscription-role-removed"
    system_message(state, room, kind, person.username, actor, role=role)


def show(state: State, room: Room, person: Person, *, shown: bool) -> None:
    """Open or hide a room in a person's list."""
    sub = room.members[person.id]
    sub.open = shown
    _touch(state, room, sub)


def mark_read(state: State, room: Room, person: Person) -> None:
    """Take away what made a room look unread."""
    sub = room.members.get(person.id)
    if sub is not None:
        sub.open = True
        sub.alert = False
        sub.unread = sub.user_mentions = sub.group_mentions = 0
        sub.last_seen = state.now()
        _touch(state, room, sub)


def system_message(
    state: State,
    room: Room,
    kind: str,
    text: str,
    actor: Person,
    *,
    role: str | None = None,
    attachments: list[dict[str, object]] | None = None,
) -> Message:
    """Put a message of the server into a room, in the name of whoever caused it."""
    time = state.message_time(room)
    message = Message(
        state.ids.meteor_id(), room.id, text, time, time, actor.ref(), kind=kind, attachments=attachments
    )
    message.extra["groupable"] = False
    if role is not None:
        message.extra["role"] = role
    room.newest = max(room.newest, time)
    room.messages.append(message)
    room.count += 1
    room.updated = state.after(room.updated)
    state.tables.messages[message.id] = message
    state.bus.message(room, message)
    state.bus.room("updated", room, room.members)
    return message


def _subscribe(state: State, room: Room, person: Person, name: str, fname: str) -> Subscription:
    now = state.now()
    sub = Subscription(state.ids.meteor_id(), room.id, person.id, now, now, name, fname)
    room.members[person.id] = sub
    return sub


def _unsubscribe(state: State, room: Room, person: Person) -> None:
    sub = room.members.pop(person.id)
    room.updated = state.after(room.updated)
    state.tables.removed_subscriptions.append((person.id, sub.id, state.now()))
    state.bus.subscription("removed", room, sub)
    state.bus.room("updated", room, room.members)


def _announce(state: State, room: Room) -> None:
    for sub in room.members.values():
        state.bus.subscription("inserted", room, sub)
    state.bus.room("inserted", room, room.members)


def _touch(state: State, room: Room, sub: Subscription) -> None:
    sub.updated = state.after(sub.updated)
    state.bus.subscription("updated", room, sub)


def _need_edit(state: State, room: Room, actor: Person) -> None:
    if not state.may(actor, "edit-room", room):
        raise MeteorError(
            "error-action-not-allowed",
            "Editing room is not allowed",
            {"method": "saveRoomSettings", "action": "Editing_room"},
        )


def _refuse_taken_name(state: State, name: str) -> None:
    if name in state.tables.room_names:
        raise MeteorError(
            "error-duplicate-channel-name",
            f"A channel with name '{name}' exists",
            {"function": "RocketChat.getValidRoomName", "channel_name": name},
        )


def _refuse_last_owner(room: Room, person: Person, method: dict[str, object] | dict[str, str]) -> None:
    owners = [uid for uid, sub in room.members.items() if "owner" in sub.roles]
    if owners == [person.id]:
        raise MeteorError(
            "error-you-are-last-owner",
            "You are the last owner. Please set new owner before leaving the room.",
            method,
        )
