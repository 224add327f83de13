"""The neutral words that every platform is translated into.

What it is for: values that decisions are made on. What it must not do: know a platform, perform
I/O, or read a clock. Ids are opaque strings in the platform's own case.
"""

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "Address",
    "ChatKind",
    "Conversation",
    "Event",
    "FileNote",
    "Identity",
    "MemberChanged",
    "Mention",
    "MentionKind",
    "Message",
    "MessageArrived",
    "MessageDeleted",
    "MessageEdited",
    "PinChanged",
    "Press",
    "ReactionChanged",
    "Receipt",
    "RoomRenamed",
    "Sender",
]


class ChatKind(StrEnum):
    """Tell a one-to-one chat, a group chat of direct kind, and a room apart."""

    DIRECT = "direct"
    GROUP = "group"
    ROOM = "channel"


class MentionKind(StrEnum):
    """Tell whom a mention addresses."""

    USER = "user"
    TEAM = "team"
    BROADCAST = "broadcast"


@dataclass(frozen=True, slots=True)
class Identity:
    """Name the bot's own account: its id, handle and display name."""

    id: str
    username: str
    name: str
    is_bot: bool = True


@dataclass(frozen=True, slots=True)
class Sender:
    """Name who acted. Only ``id`` decides anything; ``is_bot`` is None while unknown."""

    id: str
    username: str
    name: str
    is_bot: bool | None = False

    @property
    def label(self) -> str:
        """Return the display name, else the handle, else the id."""
        return self.name or self.username or self.id


@dataclass(frozen=True, slots=True)
class Conversation:
    """Name where something happened. ``thread_id`` is the root message's id, None at room level."""

    room_id: str
    kind: ChatKind
    name: str = ""
    thread_id: str | None = None
    is_member: bool = True
    peer_id: str | None = None

    @property
    def label(self) -> str:
        """Return ``#name`` for a room with a name, else the id."""
        return f"#{self.name}" if self.name and self.kind is ChatKind.ROOM else (self.name or self.room_id)


@dataclass(frozen=True, slots=True)
class Address:
    """Name where to write. ``thread_id`` None means room level."""

    room_id: str
    thread_id: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """Name one mention that the platform itself recognised."""

    id: str
    username: str
    name: str = ""
    kind: MentionKind = MentionKind.USER


@dataclass(frozen=True, slots=True)
class FileNote:
    """Name a file that came with a message; ``size`` in bytes, None when unknown."""

    id: str
    name: str
    size: int | None = None
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """Hold the press of a button: its ``data``, and a key of its own, since one button is pressed often."""

    data: str
    key: str


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one message as a person wrote it. ``at`` is seconds since the epoch, the server's clock.

    With ``press`` the person wrote nothing but pressed a button of the bot's message ``id``.
    """

    id: str
    conversation: Conversation
    sender: Sender
    text: str
    at: float
    mentions: tuple[Mention, ...] = ()
    files: tuple[FileNote, ...] = ()
    root_author_id: str | None = None
    quoted_author_id: str | None = None
    press: Press | None = None

    @property
    def key(self) -> str:
        """Return what tells this from everything else that starts a turn.

        The time belongs to it: a server that was set up anew may give the ids of the old one again.
        """
        return self.press.key if self.press else f"{self.id} {self.at:.3f}"


@dataclass(frozen=True, slots=True)
class MessageArrived:
    """Report a new message."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """Report an edit; the new text is deliberately absent."""

    conversation: Conversation
    message_id: str
    actor: Sender | None
    key: str


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """Report a deletion; ``actor`` is the author where no better is known."""

    conversation: Conversation
    message_id: str
    actor: Sender | None
    key: str


@dataclass(frozen=True, slots=True)
class ReactionChanged:
    """Report one reaction of one person added or removed; ``emoji`` has no colons."""

    conversation: Conversation
    message_id: str
    message_author: Sender | None
    actor: Sender | None
    emoji: str
    added: bool
    key: str


@dataclass(frozen=True, slots=True)
class PinChanged:
    """Report a pin set or removed."""

    conversation: Conversation
    actor: Sender | None
    pinned: bool
    key: str


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """Report that a person joined or left."""

    conversation: Conversation
    member: Sender
    joined: bool
    key: str


@dataclass(frozen=True, slots=True)
class RoomRenamed:
    """Report a room's new name."""

    conversation: Conversation
    actor: Sender | None
    name: str
    key: str


Event = (
    MessageArrived
    | MessageEdited
    | MessageDeleted
    | ReactionChanged
    | PinChanged
    | MemberChanged
    | RoomRenamed
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Say what was delivered: the ids of all parts, in order."""

    address: Address
    message_ids: tuple[str, ...] = field(default=())
