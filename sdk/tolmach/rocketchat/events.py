"""What happened, in typed words: the changes that ``rc.changes()`` yields.

What it is for: the values that the classifier makes of whole documents. What it must not do: decide
what they mean for a bot, or perform I/O.
"""

from dataclasses import dataclass

from tolmach.rocketchat.models.message import Message
from tolmach.rocketchat.models.room import Subscription
from tolmach.rocketchat.models.user import UserRef

__all__ = [
    "Change",
    "MemberAdded",
    "MemberRemoved",
    "MessageDeleted",
    "MessageEdited",
    "MessageNew",
    "Pinned",
    "PreviewUpdated",
    "ReactionAdded",
    "ReactionRemoved",
    "RoomHint",
    "RoomRenamed",
    "SubscriptionAdded",
    "SubscriptionRemoved",
    "SystemMessage",
    "ThreadUpdated",
    "Unpinned",
]


@dataclass(frozen=True, slots=True)
class RoomHint:
    """Say of the room what the stream says.

    ``kind`` is c, p, d or l; ``participant`` tells whether the account is a member.
    """

    kind: str
    name: str
    participant: bool


@dataclass(frozen=True, slots=True)
class MessageNew:
    """A message was written; each id once. Own messages come too."""

    message: Message
    room: RoomHint | None = None


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """The text was edited; ``previous`` is None when the message was not seen before."""

    message: Message
    previous: Message | None = None
    room: RoomHint | None = None


@dataclass(frozen=True, slots=True)
class ReactionAdded:
    """``username`` reacted. ``emoji`` has its colons, ``own`` marks the account's own reaction."""

    message: Message
    emoji: str
    username: str
    own: bool = False
    room: RoomHint | None = None


@dataclass(frozen=True, slots=True)
class ReactionRemoved:
    """``username`` took a reaction back."""

    message: Message
    emoji: str
    username: str
    own: bool = False
    room: RoomHint | None = None


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """A message is gone; ``previous`` holds what it was, where that is known.

    ``soft``: the document stays as ``t:"rm"``. Nobody says who deleted it.
    """

    room_id: str
    message_id: str
    previous: Message | None = None
    soft: bool = False
    room: RoomHint | None = None


@dataclass(frozen=True, slots=True)
class Pinned:
    """A message was pinned.

    ``message`` is the ``message_pinned`` notice, whose author pinned; ``original`` is the pinned message
    where it could be recognised: the notice quotes it, but does not name its id.
    """

    message: Message
    original: Message | None = None
    room: RoomHint | None = None


@dataclass(frozen=True, slots=True)
class Unpinned:
    """``message`` is pinned no more; the server does not say who did it."""

    message: Message
    room: RoomHint | None = None


@dataclass(frozen=True, slots=True)
class ThreadUpdated:
    """The counters of a thread's root moved."""

    message: Message
    room: RoomHint | None = None


@dataclass(frozen=True, slots=True)
class PreviewUpdated:
    """The server has filled in link previews."""

    message: Message
    room: RoomHint | None = None


@dataclass(frozen=True, slots=True)
class RoomRenamed:
    """The room has a new name."""

    room_id: str
    name: str
    actor: UserRef
    message: Message
    room: RoomHint | None = None


@dataclass(frozen=True, slots=True)
class MemberAdded:
    """Somebody joined, or was added by ``actor``.

    ``member.id`` is empty when an actor added somebody: the notice has the username only.
    """

    room_id: str
    member: UserRef
    actor: UserRef
    message: Message
    room: RoomHint | None = None


@dataclass(frozen=True, slots=True)
class MemberRemoved:
    """Somebody left, or was removed by ``actor``; ``member.id`` as in ``MemberAdded``."""

    room_id: str
    member: UserRef
    actor: UserRef
    message: Message
    room: RoomHint | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionAdded:
    """The account itself is in a room now."""

    room_id: str
    subscription: Subscription


@dataclass(frozen=True, slots=True)
class SubscriptionRemoved:
    """The account itself is out of a room."""

    room_id: str


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """The server noted something else in the room; ``message.kind`` says what."""

    message: Message
    room: RoomHint | None = None


Change = (
    MemberAdded
    | MemberRemoved
    | MessageDeleted
    | MessageEdited
    | MessageNew
    | Pinned
    | PreviewUpdated
    | ReactionAdded
    | ReactionRemoved
    | RoomRenamed
    | SubscriptionAdded
    | SubscriptionRemoved
    | SystemMessage
    | ThreadUpdated
    | Unpinned
)
