"""Build the documents that REST and the streams share; a `Stamp` stands where a date goes.

What it is for: field names and their presence, exactly. What it must not do: change state.
Source: https://developer.rocket.chat/apidocs/rocketchat-api
"""

from tolmach_mockservers.rocketchat.model import Message, Person, Room, Subscription, UserRef
from tolmach_mockservers.rocketchat.wire import Json, Stamp

__all__ = [
    "me_document",
    "member_document",
    "message_document",
    "room_document",
    "subscription_document",
    "user_document",
    "user_reference",
]


def user_reference(user: UserRef) -> Json:
    """Return ``u``: id, username and, where it is known, the name."""
    shown: Json = {"_id": user.id, "username": user.username}
    if user.name is not None:
        shown["name"] = user.name
    return shown


def _editor(user: UserRef) -> Json:
    return {"_id": user.id, "username": user.username}


def message_document(message: Message) -> Json:
    """Return a message as it is stored; optional fields are absent, never null."""
    shown: Json = {
        "_id": message.id,
        "rid": message.rid,
        "msg": message.text,
        "ts": Stamp(message.ts),
        "u": user_reference(message.user),
        "_updatedAt": Stamp(message.updated),
    }
    if message.kind is not None:
        shown["t"] = message.kind
    if message.thread is not None:
        shown["tmid"] = message.thread
        if message.shown:
            shown["tshow"] = True
    if message.kind is None:
        shown["mentions"] = message.mentions
        shown["channels"] = message.channels
        shown["urls"] = message.urls
    if message.attachments is not None:
        shown["attachments"] = message.attachments
    if message.reactions:
        shown["reactions"] = {name: {"usernames": users} for name, users in message.reactions.items()}
    if message.thread_count:
        shown["tcount"] = message.thread_count
        shown["tlm"] = Stamp(message.thread_last)
        shown["replies"] = message.followers
    if message.edited_at is not None and message.edited_by is not None:
        shown["editedAt"] = Stamp(message.edited_at)
        shown["editedBy"] = _editor(message.edited_by)
    if message.pinned is not None:
        shown["pinned"] = message.pinned
        if message.pinned_at is not None:
            shown["pinnedAt"] = Stamp(message.pinned_at)
        if message.pinned_by is not None:
            shown["pinnedBy"] = _editor(message.pinned_by)
    if message.extra:
        shown.update(message.extra)
    return shown


def room_document(room: Room, *, usernames: list[str] | None = None) -> Json:
    """Return a room with its last message; ``usernames`` belong to direct rooms only."""
    shown: Json = {"_id": room.id, "t": room.type}
    if room.name is not None:
        shown["name"] = room.name
        shown["fname"] = room.fname
    shown["usersCount"] = len(room.members)
    shown["msgs"] = room.count
    if room.owner is not None:
        shown["u"] = user_reference(room.owner)
    shown["ts"] = Stamp(room.ts)
    shown["_updatedAt"] = Stamp(room.updated)
    if room.type == "d":
        shown["uids"] = room.uids
        shown["usernames"] = usernames or []
    else:
        shown["ro"] = room.read_only
        shown["default"] = room.default
        shown["sysMes"] = True
    if room.archived:
        shown["archived"] = True
    for name, value in (
        ("topic", room.topic),
        ("description", room.description),
        ("announcement", room.announcement),
        ("customFields", room.custom),
    ):
        if value is not None:
            shown[name] = value
    if room.muted:
        shown["muted"] = room.muted
    if room.last_at is not None:
        shown["lm"] = Stamp(room.last_at)
    if room.last_message is not None:
        shown["lastMessage"] = message_document(room.last_message)
    return shown


def subscription_document(sub: Subscription, room: Room, person: Person) -> Json:
    """Return one membership."""
    shown: Json = {
        "_id": sub.id,
        "rid": sub.rid,
        "t": room.type,
        "name": sub.name,
        "fname": sub.fname,
        "u": user_reference(person.ref()),
        "open": sub.open,
        "alert": sub.alert,
        "unread": sub.unread,
        "userMentions": sub.user_mentions,
        "groupMentions": sub.group_mentions,
        "ts": Stamp(sub.ts),
        "_updatedAt": Stamp(sub.updated),
    }
    if sub.last_seen is not None:
        shown["ls"] = Stamp(sub.last_seen)
    if sub.last_reply is not None:
        shown["lr"] = Stamp(sub.last_reply)
    if sub.roles:
        shown["roles"] = sub.roles
    if sub.unread_threads:
        shown["tunread"] = sub.unread_threads
    if room.archived:
        shown["archived"] = True
    return shown


def user_document(person: Person, *, full: bool) -> Json:
    """Return what ``users.info`` shows; ``full`` adds what only oneself and administrators see."""
    shown: Json = {
        "_id": person.id,
        "username": person.username,
        "name": person.name,
        "type": person.type,
        "active": person.active,
        "status": person.status,
        "statusText": person.status_text,
        "nickname": person.nickname,
        "bio": person.bio,
        "utcOffset": 0,
    }
    if full:
        shown["roles"] = person.roles
        shown["emails"] = [{"address": person.email, "verified": True}]
        shown["createdAt"] = Stamp(person.created)
        shown["_updatedAt"] = Stamp(person.updated)
    shown["canViewAllInfo"] = full
    return {name: value for name, value in shown.items() if value is not None}


def me_document(person: Person, site: str) -> Json:
    """Return what ``me`` and ``login`` show of the caller."""
    return {
        "_id": person.id,
        "name": person.name,
        "emails": [{"address": person.email, "verified": True}],
        "status": person.status,
        "statusConnection": person.status,
        "statusText": person.status_text,
        "username": person.username,
        "utcOffset": 0,
        "active": person.active,
        "type": person.type,
        "roles": person.roles,
        "settings": {"preferences": {}},
        "avatarUrl": f"{site}/avatar/{person.username}",
    }


def member_document(person: Person) -> Json:
    """Return one line of a members list."""
    return {
        "_id": person.id,
        "username": person.username,
        "name": person.name,
        "status": person.status,
        "utcOffset": 0,
    }
