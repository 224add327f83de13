"""The things a Rocket.Chat server remembers: people, rooms, subscriptions, messages.

What it is for: typed state with times as whole milliseconds. What it must not do: hold a rule or
know how anything looks on the wire.
"""

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Message", "Person", "Room", "RoomType", "Subscription", "Token", "UserRef"]

RoomType = Literal["c", "p", "d"]


@dataclass(frozen=True, slots=True)
class UserRef:
    """Name a user inside another document."""

    id: str
    username: str
    name: str | None = None


@dataclass(slots=True)
class Token:
    """Hold one entry of a user's token list; ``name`` is set for personal access tokens only."""

    value: str
    created: int
    name: str | None = None
    bypass: bool = False


@dataclass(slots=True)
class Person:
    """Hold one account, human or not."""

    id: str
    username: str
    name: str
    type: str
    roles: list[str]
    password: str
    created: int
    updated: int
    email: str
    status: str = "offline"
    status_text: str = ""
    bio: str | None = None
    nickname: str | None = None
    active: bool = True
    tokens: list[Token] = field(default_factory=list)

    def ref(self) -> UserRef:
        """Return the short form that other documents carry."""
        return UserRef(self.id, self.username, self.name)


@dataclass(slots=True)
class Subscription:
    """Hold one person's membership in one room."""

    id: str
    rid: str
    user_id: str
    ts: int
    updated: int
    name: str
    fname: str
    open: bool = True
    alert: bool = False
    unread: int = 0
    user_mentions: int = 0
    group_mentions: int = 0
    last_seen: int | None = None
    last_reply: int | None = None
    roles: list[str] = field(default_factory=list)
    unread_threads: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Message:
    """Hold one stored message; ``extra`` are the fields that no rule here looks at."""

    id: str
    rid: str
    text: str
    ts: int
    updated: int
    user: UserRef
    kind: str | None = None
    thread: str | None = None
    shown: bool = False
    mentions: list[dict[str, object]] = field(default_factory=list)
    channels: list[dict[str, object]] = field(default_factory=list)
    urls: list[dict[str, object]] = field(default_factory=list)
    reactions: dict[str, list[str]] | None = None
    edited_at: int | None = None
    edited_by: UserRef | None = None
    pinned: bool | None = None
    pinned_at: int | None = None
    pinned_by: UserRef | None = None
    thread_count: int = 0
    thread_last: int | None = None
    followers: list[str] = field(default_factory=list)
    attachments: list[dict[str, object]] | None = None
    extra: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Room:
    """Hold one room with its members and messages, oldest message first."""

    id: str
    type: RoomType
    name: str | None
    fname: str | None
    owner: UserRef | None
    ts: int
    updated: int
    members: dict[str, Subscription] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    deleted: list[tuple[str, int]] = field(default_factory=list)
    uids: list[str] = field(default_factory=list)
    count: int = 0
    last_message: Message | None = None
    last_at: int | None = None
    newest: int = 0
    topic: str | None = None
    description: str | None = None
    announcement: str | None = None
    read_only: bool = False
    archived: bool = False
    default: bool = False
    muted: list[str] = field(default_factory=list)
    custom: dict[str, object] | None = None
