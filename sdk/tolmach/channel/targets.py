"""How a place to write to is named in text.

What it is for: the grammar ``channel:<id>``, ``user:<id>``, ``#name``, ``@name``. What it must not
do: look anything up; a name stays a name until somebody resolves it.
"""

from dataclasses import dataclass
from typing import Literal

from tolmach.channel.model import ChatKind, Conversation

__all__ = ["Target", "of", "parse"]


@dataclass(frozen=True, slots=True)
class Target:
    """Name a room or a person. ``by_name`` means that ``value`` must be looked up first."""

    kind: Literal["room", "person"]
    value: str
    by_name: bool = False


def of(conversation: Conversation, peer_id: str) -> str:
    """Return the target of the place where something happened."""
    if conversation.kind is ChatKind.DIRECT and peer_id:
        return f"user:{peer_id}"
    return f"channel:{conversation.room_id}"


def parse(text: str, platform: str, *, others: frozenset[str] = frozenset()) -> Target:
    """Return what a target names; bare text is a room's id.

    Raises ``ValueError`` for an empty target and for one that names another platform (``others``).
    """
    text = text.strip()
    prefix, colon, rest = text.partition(":")
    if colon and prefix.lower() == platform:
        text = rest
        prefix, colon, rest = text.partition(":")
        if not colon and text[:1] not in {"#", "@", "<"}:
            return Target("person", _value(text))
    elif colon and prefix.lower() in others:
        raise ValueError(f"the target {text!r} belongs to {prefix.lower()}, not to {platform}")
    match prefix.lower() if colon else "":
        case "channel" | "group" | "room":
            return Target("room", _value(rest))
        case "user":
            return Target("person", _value(rest))
        case _:
            pass
    if text.startswith("<@") and text.endswith(">"):
        return Target("person", _value(text[2:-1]))
    if text.startswith("#"):
        return Target("room", _value(text[1:]), by_name=True)
    if text.startswith("@"):
        return Target("person", _value(text[1:]), by_name=True)
    return Target("room", _value(text))


def _value(text: str) -> str:
    if not text.strip():
        raise ValueError("the target is empty; write channel:<id>, user:<id>, #name or @name")
    return text.strip()
