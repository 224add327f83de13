"""The one-line notes that tell an agent what happened between its turns.

What it is for: their exact wording. What it must not do: carry what people wrote, or let a name
break out of its line.
"""

from tolmach.channel.model import (
    ChatKind,
    Conversation,
    MemberChanged,
    MessageDeleted,
    MessageEdited,
    PinChanged,
    ReactionChanged,
    RoomRenamed,
)

__all__ = ["Noted", "line", "plain"]

Noted = MessageEdited | MessageDeleted | ReactionChanged | PinChanged | MemberChanged | RoomRenamed


def line(event: Noted, label: str) -> str:
    """Return the line for an event on the platform called ``label``."""
    place = _place(event.conversation)
    match event:
        case MessageEdited():
            return f"{label} message edited in {place}."
        case MessageDeleted():
            return f"{label} message deleted in {place}."
        case PinChanged(actor=actor, pinned=pinned):
            who = plain(actor.label) if actor else "Somebody"
            return f"{label}: {who} {'pinned' if pinned else 'unpinned'} a message in {place}."
        case MemberChanged(member=member, joined=joined):
            return f"{label}: {plain(member.label)} {'joined' if joined else 'left'} {place}."
        case RoomRenamed(name=name):
            return f"{label} channel renamed: #{plain(name)}."
        case ReactionChanged(
            emoji=emoji, added=added, actor=actor, message_id=message, message_author=author
        ):
            who = plain(actor.label) if actor else "somebody"
            change = "added" if added else "removed"
            of = f" from {plain(author.label)}" if author else ""
            name = plain(emoji).strip(":")
            return f"{label} reaction {change}: :{name}: by {who} in {place} msg {message}{of}"


def plain(name: str, limit: int = 80) -> str:
    """Return a name that stays within its line: no newlines, no square brackets, not too long."""
    flat = " ".join(name.split()).translate(str.maketrans("[]", "()"))
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _place(conversation: Conversation) -> str:
    if conversation.kind is ChatKind.DIRECT:
        return "a direct chat"
    if conversation.kind is ChatKind.GROUP:
        return "a group chat"
    return plain(conversation.label)
