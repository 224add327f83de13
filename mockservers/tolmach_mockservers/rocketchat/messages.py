"""What people say: send, edit, delete, react, pin.

What it is for: the rules of one message and the order of events they cause. What it must not
do: know REST or DDP; both call the same functions.
"""

from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tolmach_mockservers.rocketchat.emoji_names import is_emoji_name
from tolmach_mockservers.rocketchat.errors import MeteorError, PlainError
from tolmach_mockservers.rocketchat.mentions import channel_names, link_urls, user_names
from tolmach_mockservers.rocketchat.model import Message, Person, Room
from tolmach_mockservers.rocketchat.rooms import system_message
from tolmach_mockservers.rocketchat.state import State
from tolmach_mockservers.rocketchat.wire import Stamp, utf16_length

__all__ = ["Draft", "delete", "edit", "pin", "react", "send", "unpin"]

_MINUTE: Final = 60_000


@dataclass(slots=True)
class Draft:
    """Hold what somebody wants to post."""

    rid: str | None
    text: str
    id: str | None = None
    thread: str | None = None
    shown: bool = False
    ts: int | None = None
    attachments: list[dict[str, object]] | None = None
    extra: dict[str, object] = field(default_factory=dict)


def send(state: State, person: Person, draft: Draft) -> Message | None:
    """Store a message and tell everybody; ``None`` when its ``id`` exists already.

    Refusals after the target is known also reach the sender as an ephemeral notice.
    """
    if draft.shown and not draft.thread:
        raise MeteorError("invalid-params", "tshow provided but missing tmid", {"method": "sendMessage"})
    if draft.thread and not state.settings.flag("Threads_enabled"):
        raise MeteorError("error-not-allowed", "not-allowed", {"method": "sendMessage"})
    ts = _client_time(state, draft.ts)
    if utf16_length(draft.text) > state.settings.number("Message_MaxAllowedSize"):
        raise MeteorError(
            "error-message-size-exceeded",
            "Message size exceeds Message_MaxAllowedSize",
            {"method": "sendMessage"},
        )
    rid, thread = draft.rid, draft.thread
    root = None
    if thread:
        root = state.message(thread)
        if root is not None:
            # Threads do not nest, and the root's room wins over the one that was given.
            if root.thread is not None:
                thread = root.thread
                root = state.message(thread) or root
            rid = root.rid
    if not rid:
        raise PlainError("The 'rid' property on the message object is missing.")
    try:
        room = _writable(state, person, rid)
        _check_attachments(draft.attachments)
    except (MeteorError, PlainError) as refusal:
        code = refusal.code if isinstance(refusal, MeteorError) else refusal.text
        state.bus.ephemeral(person.id, rid, str(code), thread)
        raise
    if draft.id is not None and draft.id in state.tables.messages:
        return None
    time = state.message_time(room) if ts is None else ts
    message = Message(
        id=draft.id or state.ids.meteor_id(),
        rid=rid,
        text=draft.text,
        ts=time,
        updated=time,
        user=person.ref(),
        thread=thread,
        shown=draft.shown,
        attachments=draft.attachments,
        extra=draft.extra,
    )
    _read_text(state, room, message)
    _store(state, room, message)
    addressed = _count_unread(state, room, message)
    state.bus.message(room, message)
    if root is not None and thread:
        _grow_thread(state, room, root, message)
    state.bus.room("updated", room, room.members)
    if addressed:
        state.bus.notify(room, message, addressed)
    return message


def edit(
    state: State, person: Person, message: Message, text: str, *, custom: Mapping[str, object] | None = None
) -> None:
    """Replace a message's text; the same text again changes nothing."""
    method: dict[str, object] = {"method": "updateMessage"}
    own = message.user.id == person.id
    room = state.tables.rooms[message.rid]
    everybody = state.may(person, "edit-message", room)
    if not everybody and not (own and state.settings.flag("Message_AllowEditing")):
        raise MeteorError(
            "error-action-not-allowed",
            "Message editing not allowed",
            {**method, "action": "Message_editing"},
        )
    if message.text == text:
        return
    limit = state.settings.number("Message_AllowEditing_BlockEditInMinutes")
    if limit and not everybody and state.now() - message.ts > limit * _MINUTE:
        raise MeteorError("error-message-editing-blocked", "Message editing is blocked", method)
    if utf16_length(text) > state.settings.number("Message_MaxAllowedSize"):
        raise MeteorError(
            "error-message-size-exceeded", "Message size exceeds Message_MaxAllowedSize", method
        )
    _writable(state, person, message.rid)
    message.text = text
    message.edited_at = state.now()
    message.edited_by = person.ref()
    if custom is not None:
        message.extra["customFields"] = custom
    _read_text(state, room, message)
    _changed(state, room, message)


def delete(state: State, person: Person, message: Message) -> None:
    """Delete a message without a trace; one with replies, or by setting any, stays as ``rm``."""
    room = state.tables.rooms[message.rid]
    if not _may_delete(state, person, message, room):
        raise MeteorError("error-action-not-allowed", "Not allowed")
    root = None if message.thread is None else state.message(message.thread)
    if root is not None and root.thread_count:
        root.thread_count -= 1
        if not root.thread_count:
            root.thread_last = None
            root.followers = []
        _changed(state, room, root)
    if message.thread_count or state.settings.flag("Message_ShowDeletedStatus"):
        message.kind = "rm"
        message.text = ""
        message.urls, message.mentions, message.attachments, message.reactions = [], [], [], {}
        message.edited_at = state.now()
        message.edited_by = person.ref()
        _changed(state, room, message)
    else:
        room.messages.remove(message)
        del state.tables.messages[message.id]
        room.deleted.append((message.id, state.now()))
        state.bus.deleted(room, message.id)
    room.count = max(0, room.count - 1)
    if room.last_message is message:
        room.last_message = next((each for each in reversed(room.messages) if each.kind is None), None)
    room.updated = state.after(room.updated)
    state.bus.room("updated", room, room.members)


def react(state: State, person: Person, message: Message, emoji: str, wanted: bool | None) -> None:
    """Set a person's reaction as wanted; without a wish it is toggled."""
    method = {"method": "setReaction"}
    name = emoji.replace(":", "")
    if not is_emoji_name(name) and name not in state.settings.names("EmojiCustom"):
        raise MeteorError("error-not-allowed", "Invalid emoji provided.", method)
    key = f":{name}:"
    users = None if message.reactions is None else message.reactions.get(key, [])
    # The vendor compares the wish with "undefined" when the message has no reactions at all, so
    # that taking a reaction away from such a message adds it.
    there = None if users is None else person.username in users
    if wanted is None:
        wanted = not there
    if there is wanted:
        return
    room = state.tables.rooms[message.rid]
    if not state.can_access(person, room):
        raise MeteorError("not-authorized", "Not Authorized", method)
    if person.username in room.muted:
        raise MeteorError(
            "error-not-allowed", "You have been muted and cannot speak in this room", {"rid": room.id}
        )
    if room.read_only and not state.may(person, "post-readonly", room):
        raise PlainError("You can't send messages because the room is readonly.")
    if there:
        reactions = message.reactions or {}
        left = [each for each in reactions.get(key, []) if each != person.username]
        message.reactions = {each: names for each, names in reactions.items() if each != key}
        if left:
            message.reactions[key] = left
        message.reactions = message.reactions or None
    else:
        message.reactions = {**(message.reactions or {}), key: [*(users or []), person.username]}
    _changed(state, room, message)


def pin(state: State, person: Person, message: Message) -> Message:
    """Pin a message and return the system message about it, or the message when it is pinned already."""
    room = _pinnable(state, person, message, "pinMessage")
    if message.pinned:
        return message
    message.pinned = True
    message.pinned_at = state.now()
    message.pinned_by = person.ref()
    message.updated = state.after(message.updated)
    quote: dict[str, object] = {
        "text": message.text,
        "author_name": message.user.username,
        "author_icon": f"/avatar/{message.user.username}",
        "ts": Stamp(message.ts),
        "attachments": list(message.attachments or []),
    }
    if state.settings.flag("Pin_Restreams_Original"):
        state.bus.message(room, message)
    return system_message(state, room, "message_pinned", "", person, attachments=[quote])


def unpin(state: State, person: Person, message: Message) -> None:
    """Take a pin off; the message goes out again, no system message does."""
    room = _pinnable(state, person, message, "unpinMessage")
    message.pinned = False
    message.pinned_by = person.ref()
    _changed(state, room, message)


def _client_time(state: State, ts: int | None) -> int | None:
    if ts is None:
        return None
    off = abs(state.now() - ts)
    if off > _MINUTE:
        raise MeteorError(
            "error-message-ts-out-of-sync",
            "Message timestamp is out of sync",
            {"method": "sendMessage", "message_ts": Stamp(ts), "server_ts": state.now()},
        )
    return None if off > 10_000 else ts


def _writable(state: State, person: Person, rid: str) -> Room:
    room = state.room(rid)
    if room is None:
        raise PlainError("error-invalid-room")
    if not state.can_access(person, room):
        raise PlainError("error-not-allowed")
    if room.archived:
        raise PlainError("room_is_archived")
    if room.read_only and not state.may(person, "post-readonly", room):
        raise PlainError("You can't send messages because the room is readonly.")
    if person.username in room.muted:
        raise PlainError("You_have_been_muted")
    return room


def _check_attachments(attachments: list[dict[str, object]] | None) -> None:
    for attachment in attachments or []:
        for name in (
            "title_link",
            "image_url",
            "thumb_url",
            "audio_url",
            "video_url",
            "author_link",
            "author_icon",
        ):
            link = attachment.get(name)
            if (
                isinstance(link, str)
                and link
                and not link.startswith(("http://", "https://", "/file-upload/"))
            ):
                raise PlainError("Invalid href value provided")
        fields = attachment.get("fields")
        for each in fields if isinstance(fields, list) else []:
            if not (isinstance(each, dict) and each.get("title") and each.get("value")):
                raise PlainError("Invalid attachment field, title and value is required")


def _read_text(state: State, room: Room, message: Message) -> None:
    text = message.text
    message.urls = [{"url": url, "meta": {}} for url in link_urls(text)]
    for attachment in message.attachments or []:
        description = attachment.get("description")
        if isinstance(description, str):
            text = f"{text}\n{description}"
    everybody: list[dict[str, object]] = []
    people: list[dict[str, object]] = []
    most = state.settings.number("Message_MaxAll")
    for name in user_names(text):
        if name in {"all", "here"}:
            if not most or len(room.members) <= most:
                everybody.append({"_id": name, "username": name})
        elif (person := state.named(name)) is not None:
            people.append(
                {"_id": person.id, "username": person.username, "name": person.name, "type": "user"}
            )
    message.mentions = everybody + people
    message.channels = [
        {"_id": named.id, "name": named.name, "fname": named.fname}
        for named in (state.room_named(name) for name in channel_names(text))
        if named is not None
    ]


def _store(state: State, room: Room, message: Message) -> None:
    state.tables.messages[message.id] = message
    if message.ts >= room.newest:
        room.messages.append(message)
        room.newest = message.ts
    else:
        insort(room.messages, message, key=lambda each: each.ts)
    room.count += 1
    if message.thread is None or message.shown:
        room.last_message = message
        room.last_at = message.ts
    room.updated = state.after(room.updated)


def _count_unread(state: State, room: Room, message: Message) -> list[str]:
    """Move the members' counters and return who is addressed (direct or mentioned)."""
    if message.thread is not None and not message.shown:
        return []
    sender = message.user.id
    mentioned = {str(each["_id"]) for each in message.mentions}
    everybody = bool(mentioned & {"all", "here"})
    addressed: list[str] = []
    for uid, sub in room.members.items():
        if uid == sender:
            sub.last_reply = message.ts
            continue
        if uid in mentioned:
            sub.user_mentions += 1
        elif everybody:
            sub.group_mentions += 1
        if room.type == "d" or uid in mentioned or everybody:
            sub.unread += 1
            addressed.append(uid)
        sub.alert = True
        sub.open = True
        sub.updated = state.after(sub.updated)
        state.bus.subscription("updated", room, sub)
    return addressed


def _grow_thread(state: State, room: Room, root: Message, reply: Message) -> None:
    root.thread_count += 1
    root.thread_last = reply.ts
    mentioned = [str(each["_id"]) for each in reply.mentions if each.get("type") == "user"]
    known = dict.fromkeys([*root.followers, root.user.id, reply.user.id, *mentioned])
    root.followers = list(known)
    for uid in root.followers:
        sub = room.members.get(uid)
        if sub is not None and uid != reply.user.id and root.id not in sub.unread_threads:
            sub.unread_threads.append(root.id)
    _changed(state, room, root)


def _changed(state: State, room: Room, message: Message) -> None:
    message.updated = state.after(message.updated)
    state.bus.message(room, message)


def _may_delete(state: State, person: Person, message: Message, room: Room) -> bool:
    if state.may(person, "force-delete-message", room):
        return True
    if not state.can_access(person, room) or not state.settings.flag("Message_AllowDeleting"):
        return False
    if state.may(person, "delete-message", room):
        return True
    if message.user.id != person.id or not state.may(person, "delete-own-message", room):
        return False
    limit = state.settings.number("Message_AllowDeleting_BlockDeleteInMinutes")
    return not limit or state.now() - message.ts <= limit * _MINUTE


def _pinnable(state: State, person: Person, message: Message, method: str) -> Room:
    room = state.tables.rooms[message.rid]
    if not state.settings.flag("Message_AllowPinning"):
        raise MeteorError(
            "error-action-not-allowed",
            "Message pinning not allowed",
            {"method": method, "action": "Message_pinning"},
        )
    if not state.may(person, "pin-message", room) or not state.can_access(person, room):
        raise MeteorError("not-authorized", "Not Authorized", {"method": method})
    return room
