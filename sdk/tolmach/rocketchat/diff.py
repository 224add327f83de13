"""Two documents of one message compared: what happened in between.

What it is for: pure functions from two states to typed changes. What it must not do: remember
anything; a change and its reverse between two documents leave no trace here.
"""

from collections.abc import Iterator

from tolmach.rocketchat.events import (
    Change,
    MemberAdded,
    MemberRemoved,
    MessageDeleted,
    MessageEdited,
    PreviewUpdated,
    ReactionAdded,
    ReactionRemoved,
    RoomHint,
    RoomRenamed,
    SystemMessage,
    ThreadUpdated,
    Unpinned,
)
from tolmach.rocketchat.models.message import Message
from tolmach.rocketchat.models.user import UserRef

__all__ = ["changes_between", "notice"]

_CAME_BY_THEMSELVES = frozenset({"uj", "ujt"})
_WENT_BY_THEMSELVES = frozenset({"ul", "ult"})


def changes_between(old: Message, new: Message, username: str, room: RoomHint | None) -> list[Change]:
    """Return what turned ``old`` into ``new``; ``username`` is the account's own."""
    if new.kind == "rm":
        # Marking a message as removed also sets editedAt and clears the rest; only the deletion counts.
        return [MessageDeleted(new.room_id, new.id, old, soft=True, room=room)]
    # Two edits within one millisecond carry the same editedAt.
    edited = new.edited_at is not None and (new.edited_at, new.text) != (old.edited_at, old.text)
    changes: list[Change] = [MessageEdited(new, old, room)] if edited else []
    if old.reactions or new.reactions:
        changes += _reactions(old, new, username, room)
    if _unpinned(old, new):
        changes.append(Unpinned(new, room))
    if (old.thread_count, old.thread_last) != (new.thread_count, new.thread_last):
        changes.append(ThreadUpdated(new, room))
    if not edited and _previews(old) != _previews(new):
        changes.append(PreviewUpdated(new, room))
    return changes


def notice(message: Message, room: RoomHint | None) -> Change:
    """Return what a system message reports; ``rm`` and ``message_pinned`` are not for this function."""
    rid, actor = message.room_id, message.user
    match message.kind:
        case "r":
            return RoomRenamed(rid, message.text, actor, message, room)
        case "au":
            return MemberAdded(rid, _by_username(message.text), actor, message, room)
        case "ru":
            return MemberRemoved(rid, _by_username(message.text), actor, message, room)
        case kind if kind in _CAME_BY_THEMSELVES:
            return MemberAdded(rid, actor, actor, message, room)
        case kind if kind in _WENT_BY_THEMSELVES:
            return MemberRemoved(rid, actor, actor, message, room)
        case _:
            return SystemMessage(message, room)


def _unpinned(old: Message, new: Message) -> bool:
    """Tell whether a pin ended; pinning is not streamed, so the moment of the last pin counts too."""
    if new.pinned is not False:
        return bool(old.pinned) and new.pinned is None
    return old.pinned is not False or new.pinned_at != old.pinned_at


def _by_username(username: str) -> UserRef:
    return UserRef.model_validate({"_id": "", "username": username})


def _reactions(old: Message, new: Message, own: str, room: RoomHint | None) -> Iterator[Change]:
    before, after = _pairs(old), _pairs(new)
    for emoji, who in after:
        if (emoji, who) not in before:
            yield ReactionAdded(new, emoji, who, who == own, room)
    for emoji, who in before:
        if (emoji, who) not in after:
            yield ReactionRemoved(new, emoji, who, who == own, room)


def _pairs(message: Message) -> dict[tuple[str, str], None]:
    """Return emoji and username of every reaction, without repeats, in the document's order."""
    reactions = message.reactions or {}
    return {(emoji, who): None for emoji, reaction in reactions.items() for who in reaction.usernames}


def _previews(message: Message) -> list[tuple[str, bool]]:
    return [(link.url, bool(link.meta)) for link in message.links]
